"""Where things lie under the data folder, and the few settings that come from the environment.

Knows paths and limits, not what is in the files. One DataFolder is one studio: one database,
one server process, one set of uploads, versions, runs and jobs.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

MAX_UPLOAD_BYTES = 512 * 1024 * 1024
PARSE_MEMORY_MB = 4_096
PARSE_SECONDS_PER_FILE = 120.0
DEFAULT_EXPIRY_MONTHS = 12
SOFT_LOCK_SECONDS = 300.0
BACKGROUND_IDLE_SECONDS = 600.0
# Variables of the environment that hold a secret; whoever does not use it does not get it.
ENDPOINT_KEY, SIGN_ON_SECRET, CLIENT_TOKEN = "PROOFROOM_ENDPOINT_KEY", "PROOFROOM_OIDC_SECRET", "PROOFROOM_TOKEN"
SECRETS = frozenset({ENDPOINT_KEY, SIGN_ON_SECRET, CLIENT_TOKEN})


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Paths of one studio's data; `create()` makes the folders, nothing else writes here by name."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "proofroom.duckdb"

    @property
    def uploads(self) -> Path:
        return self.root / "uploads"

    @property
    def versions(self) -> Path:
        return self.root / "versions"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def jobs(self) -> Path:
        return self.root / "jobs"

    @property
    def exports(self) -> Path:
        """Models made ready to be taken away, one folder for each export; made anew from its run where one is missing."""
        return self.root / "exports"

    @property
    def search(self) -> Path:
        """Word indexes, one folder for each project: made from the database, and made anew where they are missing."""
        return self.root / "search"

    @property
    def models(self) -> Path:
        return models_folder()

    @property
    def exchange(self) -> Path:
        """Parquet on its way between the database and a job; emptied at every start."""
        return self.root / "exchange"

    @property
    def shipped(self) -> tuple[Path, ...]:
        """Folders of the programme that lie in here where a studio works in its source's own `data`: invented samples and pictures, nobody's data."""
        own = Path(__file__).resolve().parents[1] / "data"
        return tuple(self.root / name for name in ("sample", "pictures")) if self.root == own else ()

    @property
    def token_file(self) -> Path:
        return self.root / "token"

    @property
    def audit_key(self) -> Path:
        """What the audit trail is sealed with: outside the database, so that whoever can write that alone cannot forge the trail."""
        return self.root / "audit.key"

    @property
    def audit_head(self) -> Path:
        """With which entry the audit trail ends, so that a tail that was cut off is missed."""
        return self.root / "audit.head"

    @property
    def server_file(self) -> Path:
        return self.root / "server.json"

    @property
    def generator_log(self) -> Path:
        """What the processes that write texts for /v1 complain of: ids and counts, never a text."""
        return self.root / "generator.log"

    def create(self) -> None:
        """Make every folder; only the owner of the process may look inside, also of one that was there before."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)
        for folder in (self.uploads, self.versions, self.runs, self.jobs, self.exports, self.exchange, self.search):
            folder.mkdir(exist_ok=True, mode=0o700)


def models_folder() -> Path:
    """Converted base models, one folder for every studio of this installation: PROOFROOM_MODELS, else in its environment."""
    return Path(os.environ.get("PROOFROOM_MODELS") or Path(sys.prefix) / "share" / "proofroom" / "models")


def data_folder(chosen: Path | None = None) -> DataFolder:
    """The data folder: the one named, else PROOFROOM_DATA, else ./data."""
    return DataFolder((chosen or Path(os.environ.get("PROOFROOM_DATA", "data"))).resolve())


def worker_environment(*, may_ask_elsewhere: bool = False) -> dict[str, str]:
    """What a process of the studio's starts with: the environment of now, offline, and without the secrets in it.

    may_ask_elsewhere: it works with the endpoint that an owner set up, so the endpoint's key comes along.
    """
    kept_back = SECRETS - ({ENDPOINT_KEY} if may_ask_elsewhere else set())
    return {name: value for name, value in os.environ.items() if name not in kept_back} | offline_environment()


def offline_environment() -> dict[str, str]:
    """Settings that keep every library off the network and its telemetry off, for this process and its workers."""
    return {
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "DO_NOT_TRACK": "1",
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
        "TOKENIZERS_PARALLELISM": "false",
    }
