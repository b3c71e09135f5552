"""Files packed by gzip, bzip2 or xz: unpacked piece by piece, and stopped when too much comes out."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from core.errors import UnreadableFile
from core.records.archive import PIECE_BYTES, most_unpacked_bytes
from core.records.formats import Format
from core.records.values import shown

OPENERS: dict[Format, Callable[..., Any]] = {Format.GZIP: gzip.open, Format.BZIP2: bz2.open, Format.XZ: lzma.open}


def name_inside(name: str) -> str:
    """What the packed file is called: report.csv.gz holds report.csv."""
    return str(PurePosixPath(name).with_suffix(""))


def decompress(path: Path, form: Format, name: str, target: Path) -> None:
    """Unpack into `target`, which must be temporary. Raises UnreadableFile."""
    limit = most_unpacked_bytes(path.stat().st_size)
    n_bytes = 0
    try:
        with OPENERS[form](path, "rb") as source, target.open("wb") as file:
            while piece := source.read(PIECE_BYTES):
                n_bytes += len(piece)
                if n_bytes > limit:
                    raise UnreadableFile(
                        f"{name} unpacks to more than {limit // 2**20:,} MB, which real writing of its size never does.",
                        remedy="Check where it comes from, or split it.",
                    )
                file.write(piece)
    except EOFError as error:
        raise UnreadableFile(
            f"{name} breaks off before its end: it was not sent whole.", remedy="Send it anew."
        ) from error
    except (OSError, zlib.error, lzma.LZMAError) as error:
        raise UnreadableFile(f"{name} cannot be unpacked: {shown(error)}.", remedy="Pack it anew.") from error
