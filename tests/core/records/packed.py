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


WORD = f'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="{RELATIONS}"'
WORD_STYLES = (
    f"<w:styles {WORD}>"
    + "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/></w:style>'
        for key, name in {"T": "Title", "H1": "heading 1", "H2": "heading 2", "Q": "Quote", "C1": "toc 1"}.items()
    )
    + "</w:styles>"
)
WORD_LISTS = (
    f'<w:numbering {WORD}><w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num></w:numbering>'
)


def write_docx(path: Path, body: str, extra: dict[str, str | bytes] | None = None, prologue: str = "") -> Path:
    """body: what stands in w:body. A link has the relation id L1, a picture P1; footnotes are in word/footnotes.xml."""
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>'
        '<Override PartName="/word/document.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
    )
    return write_package(
        path,
        {
            "[Content_Types].xml": types,
            "_rels/.rels": _relations({"D": ("officeDocument", "word/document.xml")}),
            "word/_rels/document.xml.rels": _relations(
                {
                    "S": ("styles", "styles.xml"),
                    "N": ("numbering", "numbering.xml"),
                    "F": ("footnotes", "footnotes.xml"),
                    "P1": ("image", "media/one.png"),
                    "L1": ("hyperlink", "https://example.org/"),
                }
            ),
            "word/styles.xml": WORD_STYLES,
            "word/numbering.xml": WORD_LISTS,
            "word/footnotes.xml": f"<w:footnotes {WORD}/>",
            "word/document.xml": f"{prologue}<w:document {WORD}><w:body>{body}</w:body></w:document>",
        }
        | (extra or {}),
    )


def word_paragraph(content: str, style: str = "", properties: str = "") -> str:
    """content: a text, or runs."""
    runs = content if content.startswith("<") else f"<w:r><w:t>{content}</w:t></w:r>"
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{runs}</w:p>"


def _relations(targets: dict[str, tuple[str, str]]) -> str:
    rows = "".join(
        f'<Relationship Id="{key}" Type="{RELATIONS}/{kind}" Target="{target}"'
        + (' TargetMode="External"/>' if "://" in target else "/>")
        for key, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'
