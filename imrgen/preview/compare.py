"""Two letters side by side: which words differ, and the pages of both."""

from __future__ import annotations

import difflib
import re
from typing import Any

from imrgen.preview.worker import Answer

_WORD = re.compile(r"\S+|\s+")


def compare(before: Answer, after: Answer) -> Answer:
    """Compare two letters.

    Args:
        before: The one letter, as text, HTML and PDF.
        after: The other.

    Returns:
        The words in runs of `same`, `del` or `ins`, and both sides; only diagnostics where a side
        could not be made.
    """
    if not before.content or not after.content:
        return Answer(diagnostics=tuple(dict.fromkeys(before.diagnostics + after.diagnostics)))
    content: dict[str, Any] = {
        "words": words(before.content["text"], after.content["text"]),
        "before": before.content["html"],
        "after": after.content["html"],
    }
    if "pdf" in before.content:
        content["pdfs"] = [before.content["pdf"], after.content["pdf"]]
        content["pages"] = [len(before.content["pages"]), len(after.content["pages"])]
    return Answer(content=content, stamps=before.stamps | after.stamps)


def words(before: str, after: str) -> list[tuple[str, str]]:
    """Find which words differ.

    Args:
        before: The one text.
        after: The other.
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    runs: list[tuple[str, str]] = []
    for kind, start, end, from_, to in difflib.SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if kind == "equal":
            runs.append(("same", "".join(new[from_:to])))
            continue
        if end > start:
            runs.append(("del", "".join(old[start:end])))
        if to > from_:
            runs.append(("ins", "".join(new[from_:to])))
    return runs
