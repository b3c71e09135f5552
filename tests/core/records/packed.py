"""Writes office files for tests: ZIP files of a few XML parts, and the parts of a minimal document."""

from __future__ import annotations

import zipfile
from pathlib import Path

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ODS_NAMESPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)
ODS_MANIFEST = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{i} "{f"&lol{i - 1 or str()};" * 10}">' for i in range(1, 10))
    + "]>"
)


def write_package(path: Path, parts: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in parts.items():
            opened.writestr(name, content)
    return path


def write_ods(path: Path, tables: str, prologue: str = '<?xml version="1.0"?>') -> Path:
    """tables: table:table elements."""
    content = (
        f"{prologue}<office:document-content {ODS_NAMESPACES}><office:body><office:spreadsheet>{tables}"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return write_package(
        path,
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": ODS_MANIFEST,
            "content.xml": content,
        },
    )


def ods_row(*cells: str) -> str:
    return f"<table:table-row>{''.join(ods_cell(cell) for cell in cells)}</table:table-row>"


def ods_cell(text: str, attributes: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {attributes}><text:p>{text}</text:p></table:table-cell>'


def rewrite_part(path: Path, name: str, change: tuple[str, str]) -> None:
    """Replace a text within one part of a package."""
    with zipfile.ZipFile(path) as opened:
        parts: dict[str, str | bytes] = {info.filename: opened.read(info) for info in opened.infolist()}
    part = parts[name]
    assert isinstance(part, bytes)
    assert change[0] in part.decode()
    parts[name] = part.decode().replace(*change)
    write_package(path, parts)
