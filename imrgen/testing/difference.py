"""What differs between a letter and what was kept of it, told in words."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path

from imrgen.diagnostics import field
from imrgen.document import visible_characters, word_changes
from imrgen.pipeline import Letter

_MOST = 12
"""So many lines of a kind are told."""
_WORDS = 12
"""So many words of a change are told."""
_LINES = ("Span", "NonStruct")
"""Tags that every line has; they move with the words."""


def describe_parts(changed: Mapping[str, tuple[str, str]], letter: Letter) -> list[str]:
    """Return what differs, a line each.

    Args:
        changed: Of each part of the record that differs, what it was and what it is.
        letter: The letter as it is.
    """
    lines: list[str] = []
    if "text" in changed:
        told = _shortened(_words(*changed["text"], letter))
        lines += told or ["the lines of its text differ:", *_shortened(_lines(*changed["text"]))]
    if "pages" in changed:
        told = _pages(*changed["pages"])
        lines += told or ["what its pages say differs:", *_shortened(_lines(*changed["pages"]))]
    if "warnings" in changed:
        lines += _shortened(_lines(*changed["warnings"]))
    if "html" in changed and "text" not in changed:
        lines += ["its HTML differs, though no word does:", *_shortened(_lines(*changed["html"]))]
    return lines


def _shortened(lines: Iterator[str]) -> list[str]:
    told = list(lines)
    more = len(told) - _MOST
    return told if more <= 0 else [*told[:_MOST], f"  … and {more} more"]


def _lines(before: str, after: str) -> Iterator[str]:
    """Yield the lines that were lost and those that were gained."""
    for line in difflib.ndiff(before.splitlines(), after.splitlines()):
        if line[0] in "+-":
            yield f"  {line[0]} {line[2:].strip()}"


def _words(before: str, after: str, letter: Letter) -> Iterator[str]:
    """Yield the words that were lost and gained, with the template and field of the place."""
    old, new = before.split(), after.split()
    for was, now in word_changes(old, new):
        place = _place(letter, len(visible_characters(" ".join(new[: now.start]))))
        behind = " ".join(new[max(0, now.start - 4) : now.start])
        yield f"words changed{place}, behind “{behind}”:"
        if was:
            yield f"  - {_few(old[was.start : was.stop])}"
        if now:
            yield f"  + {_few(new[now.start : now.stop])}"


def _few(words: list[str]) -> str:
    more = " …" if len(words) > _WORDS else ""
    return f"{' '.join(words[:_WORDS])}{more}"


def _place(letter: Letter, number: int) -> str:
    origin = letter.origin_in(letter.text, number)
    if origin is None:
        return ""
    fields = ", ".join(f"`{field(path)}`" for path in origin.paths)
    given = f" (field {fields})" if fields else ""
    return f" at {Path(origin.span.file).name}:{origin.span.line}{given}"


def _pages(before: str, after: str) -> list[str]:
    """Tell how many pages there are, where they begin, and which tags were lost or gained."""
    old, new = _split(before), _split(after)
    lines = []
    if len(old) != len(new):
        lines.append(f"it had {len(old)} pages, and has {len(new)}")
    for number, (was, now) in enumerate(zip(old, new, strict=False), start=1):
        if was[:1] != now[:1]:
            lines.append(f"page {number} now begins with {_first(now)}, not with {_first(was)}")
    # Where a page ends elsewhere, the tags around that place stand on other pages.
    if not lines:
        tags = ["\n".join(tag for page in pages for tag in _tags(page)) for pages in (old, new)]
        found = _shortened(_lines(*tags))
        lines += ["tags lost or gained:", *found] if found else []
    heads = [text.partition("page 1\n")[0] for text in (before, after)]
    found = _shortened(_lines(*heads))
    return [*lines, *(["metadata or bookmarks changed:", *found] if found else [])]


def _split(pages: str) -> list[list[str]]:
    """Return the lines of each page: its words behind `|`, then its tags."""
    found: list[list[str]] = []
    for line in pages.splitlines():
        if line.startswith("page "):
            found.append([])
        elif found:
            found[-1].append(line)
    return found


def _first(page: list[str]) -> str:
    return f"“{page[0].removeprefix('  | ')}”" if page else "nothing"


def _tags(page: list[str]) -> list[str]:
    """Return the names of a page's tags, without its words and its lines."""
    tags = (line for line in page if line.startswith("  ") and line.lstrip()[0] not in '|"')
    return [tag for tag in tags if tag.strip() not in _LINES]
