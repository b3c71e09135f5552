"""What a file is by its bytes, as far as looking for a person in it asks: text or not, a picture, weights, or something that is not opened here, and why."""

from __future__ import annotations

import zlib
from pathlib import Path

OLE = b"\xd0\xcf\x11\xe0"
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*", b"\0\0\x01\0")
WEIGHTS = (b"GGUF", b"\x93NUMPY")
FONTS = (b"\0\x01\0\0", b"OTTO", b"wOFF", b"wOF2", b"ttcf")
FOREIGN = {
    b"7z\xbc\xaf": "it is a 7z archive", b"Rar!": "it is a RAR archive", b"MSCF": "it is a CAB archive", b"\x1f\x9d": "it is packed by compress",
    b"LZIP": "it is packed by lzip", b"!BDN": "it is a mailbox of Outlook", b"\x78\x9f\x3e\x22": "it is an attachment in Outlook's own form",
    b"PACK\0": "it is a pack of Git", b"SQLite format 3": "it is a database of another program", b"-----BEGIN PGP MESSAGE": "it is encrypted",
    b"ID3": "it is a sound", b"OggS": "it is a sound or a film", b"fLaC": "it is a sound", b"\x1aE\xdf\xa3": "it is a film",
}  # fmt: skip
# Of so many bytes whose form nobody knows, packed or encrypted ones show no pattern.
LEAST_SAMPLE_BYTES, SAMPLE_BYTES, PATTERNLESS = 1_024, 65_536, 0.97
# Control characters that texts have: tabs, ends of lines and pages, the one that begins a terminal's colour.
IN_TEXTS = frozenset(b"\t\n\v\f\r\x1b\0")
CONTROLS = bytes(one for one in range(32) if one not in IN_TEXTS)
CONTROL_SHARE, NUL_SHARE = 0.02, 0.01


def is_binary(content: bytes) -> bool:
    """Whether bytes are no text; a few that do not belong there make none of it."""
    sample = content[:SAMPLE_BYTES]
    n_controls = len(sample) - len(sample.translate(None, CONTROLS))
    return sample.count(0) > NUL_SHARE * len(sample) or n_controls > CONTROL_SHARE * len(sample)


def is_database(head: bytes) -> bool:
    """Whether it is a database of the engine's that the studio keeps its own in."""
    return head[8:12] == b"DUCK"


def is_picture(head: bytes) -> bool:
    is_other = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    is_bitmap = head[:2] == b"BM" and head[6:10] == bytes(4)
    return head.startswith(PICTURES) or is_other or is_bitmap or head[4:12] in (b"ftypheic", b"ftypavif", b"ftypmif1")


def is_weights(head: bytes) -> bool:
    """Whether it is a file of numbers that a model is made of; what stands beside them is text."""
    return head.startswith(WEIGHTS) or (len(head) > 9 and head[8:9] == b"{" and head[5:8] == bytes(3))


def why_not_read(file: Path, head: bytes) -> str:
    """Why a file that nothing else reads may hold texts that its bytes do not show; empty where they do."""
    known = next((why for mark, why in FOREIGN.items() if head.startswith(mark)), "")
    if known:
        return known
    if head[:4] == b"RIFF" or head[4:8] == b"ftyp":
        return "it is a sound or a film"
    if is_weights(head) or head.startswith(FONTS):
        return ""
    with file.open("rb") as opened:
        sample = opened.read(SAMPLE_BYTES)
    if len(sample) < LEAST_SAMPLE_BYTES or not is_binary(sample):
        return ""
    has_pattern = len(zlib.compress(sample, 1)) < PATTERNLESS * len(sample)
    return "" if has_pattern else "its bytes look packed or encrypted, in a form that is not known here"
