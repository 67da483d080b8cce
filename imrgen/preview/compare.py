"""Comparison of two letters: the words that differ, and the pages of both."""

import difflib
import re
from typing import Any

from imrgen.preview.tasks import PreviewResult

_WORD = re.compile(r"\S+|\s+")


def compare(before: PreviewResult, after: PreviewResult) -> PreviewResult:
    """Compare two letters.

    Args:
        before: One letter, as text and HTML, and as PDF if pages are to be compared.
        after: The other letter.

    Returns:
        The words in runs of `same`, `del` or `ins`, and both letters; only diagnostics if one of
        the letters could not be made.
    """
    if not before.content or not after.content:
        return PreviewResult(
            diagnostics=tuple(dict.fromkeys(before.diagnostics + after.diagnostics))
        )
    content: dict[str, Any] = {
        "words": compare_words(before.content["text"], after.content["text"]),
        "before": before.content["html"],
        "after": after.content["html"],
    }
    if "pdf" in before.content:
        content["pdfs"] = [before.content["pdf"], after.content["pdf"]]
        content["pages"] = [len(before.content["pages"]), len(after.content["pages"])]
    return PreviewResult(content=content, stamps=before.stamps | after.stamps)


def compare_words(before: str, after: str) -> list[tuple[str, str]]:
    """Return the words of two texts in runs of `same`, `del` or `ins`."""
    old = _WORD.findall(before)
    new = _WORD.findall(after)
    runs: list[tuple[str, str]] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            runs.append(("same", "".join(new[new_start:new_end])))
            continue
        if old_end > old_start:
            runs.append(("del", "".join(old[old_start:old_end])))
        if new_end > new_start:
            runs.append(("ins", "".join(new[new_start:new_end])))
    return runs
