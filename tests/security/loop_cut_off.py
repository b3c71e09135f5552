"""The whole loop by commands, and every page in a browser, in a process without any way to another machine: `python -m tests.security.loop_cut_off FOLDER`.

The process, all that it starts, and so the studio, are in one network namespace whose only interface is its own loopback. What any
of them tries beyond it, native code too, finds no route and is counted by the kernel. Jobs have namespaces of their own and count
for themselves. Prints one JSON object.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from shutil import which
from typing import Any
from urllib.parse import urlsplit

from core.outgoing.namespace import count_unrouted, leave_the_network

REPOSITORY = Path(__file__).resolve().parents[2]
POSTS = 6
# Who wrote some of the posts.
PERSON = "Dilys Arkwell"
SOURCE = ("--owner", "Ann", "--purpose", "our letters", "--basis", "consent")
BROWSER_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    # It looks up no name of its own accord.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)  # fmt: skip
# Switches of libraries that a person's own shell does not set: the studio has to.
SWITCHES = ("HF_", "TRANSFORMERS_", "STREAMLIT_", "DO_NOT_TRACK", "DISABLE_TELEMETRY", "WANDB_", "TOKENIZERS_", "OTEL_")


class Commands:
    """Of one data folder, each in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.data, self._folder = folder / "data", folder
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith(SWITCHES)}

    def __call__(self, *words: str) -> Any:
        """The object that the command printed, if it prints one."""
        line = [sys.executable, "-m", "studio.cli", *words, "--data", str(self.data), "--json"]
        done = subprocess.run(line, cwd=REPOSITORY, env=self._environment, capture_output=True, text=True, timeout=900)
        if done.returncode != 0:
            sys.exit(f"{' '.join(words)}: {done.stderr}{done.stdout}")
        return json.loads(done.stdout) if done.stdout.startswith("{") else None

    def file(self, name: str) -> str:
        return str(self._folder / name)

    def studio(self) -> dict[str, Any]:
        """The one that the first command started: its port and the number of its process."""
        facts: dict[str, Any] = json.loads((self.data / "server.json").read_text(encoding="utf-8"))
        return facts

    def end_studio(self) -> None:
        """Whatever became of the loop; without this it ends when nobody asks it for a while."""
        with suppress(FileNotFoundError, ProcessLookupError):
            os.kill(self.studio()["pid"], signal.SIGTERM)


def loop(run: Commands) -> None:
    posts = sorted((REPOSITORY / "data" / "sample" / "voice" / "posts").glob("2023-*.md"))[:POSTS]
    run("project", "create", "voice", "--goal", "voice")
    run("import", *map(str, posts), "--project", "voice", *SOURCE)
    run("dedup", "--project", "voice")
    run("score", "--project", "voice")
    run("personal", "find", "--project", "voice")
    run("personal", "undecided", "mask", "--project", "voice")
    run("freeze", "--project", "voice", "--name", "v1", "--recipe", "everything", "--max-length", "256")
    few = ("--set", "n_evaluations=1", "--set", "n_drafts=0", "--set", "ask_again=false", "--set", "batch_size=2")
    run("train", "v1", "--project", "voice", "--max-steps", "2", "--name", "first", *few, "--wait")
    asked = ("--hold-out", "1", "--systems", "tuned,base", "--max-new-tokens", "16")
    run("drafts", "--project", "voice", "--run", "first", *asked)
    for person in ("Bo", "Cy"):
        item = run("review", "next", "--project", "voice", "--by", person)["item"]
        run("review", "submit", item, "--decision", "sign_off", "--seconds", "9", "--by", person)
    run("results", "--project", "voice")
    for kind in ("html", "pdf", "csv"):
        run("report", "--project", "voice", "--to", run.file(f"report.{kind}"), "--format", kind)
    run("document", "record", "--project", "voice", "--to", run.file("record.pdf"), "--format", "pdf")
    run("export", "first", "--project", "voice", "--to", run.file("adapter"), "--format", "adapter")
    run("export", "first", "--project", "voice", "--to", run.file("gguf"), "--format", "gguf")
    run("backup", run.file("backup.tar.gz"))


def erasure(run: Commands) -> None:
    """Apart: it empties the folders of jobs, in which stands how each was kept off the network."""
    run("erase", "--name", PERSON, "--project", "voice", "--yes")
    run("audit", "verify")


def see_pages(address: str) -> tuple[int, list[str]]:
    """How many pages were opened, and the hosts beside the studio's that they asked."""
    from playwright.sync_api import sync_playwright

    from studio.navigation import SPECS

    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=which("chromium"), args=list(BROWSER_FLAGS))
        page = browser.new_page()
        page.on(
            "request",
            lambda request: (
                asked.append(urlsplit(request.url).netloc) if request.url.startswith(("http", "ws")) else None
            ),
        )
        for spec in SPECS:
            page.goto(f"{address}/{'' if spec.path == 'desk' else spec.path}?project=voice&by=Ann")
            page.get_by_role("heading", level=1).wait_for()
            page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        browser.close()
    return len(SPECS), sorted({host for host in asked if host != urlsplit(address).netloc})


def main(folder: Path) -> None:
    why_not = leave_the_network()
    if why_not:
        print(json.dumps({"why_not": why_not}))
        return
    run = Commands(folder)
    try:
        print(json.dumps(walked(run)))
    finally:
        run.end_studio()


def walked(run: Commands) -> dict[str, Any]:
    """What came of it."""
    loop(run)
    jobs = [run("jobs", "show", job["id"]) for job in run("jobs", "list", "--project", "voice")["jobs"]]
    erasure(run)
    unrouted = {"by_the_loop": count_unrouted()}
    studio = run.studio()
    n_pages, asked = see_pages(f"http://127.0.0.1:{studio['port']}")
    unrouted["with_the_pages"] = count_unrouted()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking, suppress(OSError):
        # An address that documentation keeps for itself.
        asking.sendto(b"?", ("192.0.2.1", 9))
    unrouted["after_one_try"] = count_unrouted()
    return {
        "why_not": "",
        "interfaces": interfaces(),
        "unrouted": unrouted,
        "jobs": [{"kind": job["kind"], "state": job["state"], "network": job["network"]} for job in jobs],
        "n_pages": n_pages,
        "asked_by_pages": asked,
        "server": studio["pid"],
    }


def interfaces() -> list[str]:
    lines = Path("/proc/self/net/dev").read_text(encoding="ascii").splitlines()[2:]
    return sorted(line.split(":")[0].strip() for line in lines)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
