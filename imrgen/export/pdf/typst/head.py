"""What a PDF says of its document: title, author, date."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from imrgen.export.pdf.typst.source import quoted

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_NO_DATE = "1970-01-01"
"""The date that Typst is told for a letter without one; it asks for any."""


def document_head(root: Element) -> tuple[str, bool]:
    """Return the code that tells what a document is, and whether it has a date."""
    title = " ".join((root.findtext("head/title") or "").split())
    meta = {each.get("name"): each.get("content") or "" for each in root.iter("meta")}
    date = _DATE.fullmatch((meta.get("dcterms.created") or "").strip())
    has_date = date is not None
    if date is None:
        date = _DATE.fullmatch(_NO_DATE)
        assert date is not None
    year, month, day = map(int, date.groups())
    parts = [f"title: {quoted(title)}"]
    for name, key in (("author", "author"), ("description", "description")):
        if meta.get(name):
            parts.append(f"{key}: {quoted(meta[name])}")
    if meta.get("keywords"):
        words = [word.strip() for word in meta["keywords"].split(",")]
        parts.append(f"keywords: ({''.join(f'{quoted(word)}, ' for word in words if word)})")
    parts.append(f"date: datetime(year: {year}, month: {month}, day: {day})")
    return f"#set document({', '.join(parts)})\n", has_date
