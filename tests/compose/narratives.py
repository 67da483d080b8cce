"""Narratives of words and signs, and what must hold for each."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from hypothesis import strategies as st

from imrgen.case import Fault
from imrgen.compose.markdown import to_html

_MARKERS = [
    *("-", "*", "+", "–", "•", "·", "o\t", "§\t", "(+)", "(-)"),
    *("1.", "2.", "3.", "1)", "2)", "(1)", "(2)", "a.", "b.", "2004."),
]
_PIECES = [
    *("word", "Pain", "8.0", "5", "MTUS", "é", "a", "L4-5", "10/325", "Dose:"),
    *"*_>-+#.|`[]()<>&\\!:\"'~=/@,;%",
    *(" ", " ", "\n", "\n", "\n\n", "  \n", "\n\u00a0\n", "\x0b", "\r\n", "\t", "\u00a0"),
    *("\n  ", "\n    ", "**", "__", "***", "___", " *", "* ", "> ", "\\*", "\\_", "\\- ", "1\\. "),
    *(
        "*word*",
        "**Pain:** ",
        "_a b_",
        " /_docs_/ ",
        "C:\\_a_\\*",
        "snake_case_",
        "https://x.org/_a_",
    ),
    *(
        "[DIR](https://x.org/a)",
        "[x](mailto:a@x.org)",
        "[1](see)",
        "\n| a | b |\n|---|--:|\n| 1 | ",
    ),
    *("\n> Quoted ", "\n> “so” ", "\n> six ", "…", "’s", "\u2028"),
    *(f"\n{marker} " for marker in _MARKERS),
    *(f"\n   {marker} " for marker in _MARKERS),
]
NARRATIVES = st.lists(st.sampled_from(_PIECES), max_size=14).map("".join)

_TAGS = {
    "em": ("[*_]", "[*_]"),
    "strong": (r"(?:\*\*|__)", r"(?:\*\*|__)"),
    "th": (r"\|?", r"\|?"),
    "td": (r"\|?", r"\|?"),
    "thead": ("", r"[|:\s-]+"),
    "br": ("[\x0b\u2028\u2029]", ""),
    "blockquote": (">", ""),
}
"""What a person typed for the elements that are no text: the only signs that may be gone."""
_ESCAPABLE = "*_[>|.)" + "-+–—−o•·◦(§"


def assert_nothing_vanished(text: str) -> None:
    """Assert that each character of a narrative is shown, or is part of a mark that was read.

    The letter's HTML is turned back into a pattern of what may have been typed, and the narrative
    must match it.
    """
    try:
        made = str(to_html(text))
    except Fault as fault:
        assert fault.start is not None
        assert not text[fault.start].isspace()
        return
    assert re.fullmatch("".join(_pattern(_with_typed_links(made))), text), made
    _assert_well_formed(made)


def _with_typed_links(made: str) -> str:
    def typed(link: re.Match[str]) -> str:
        address, words = link.groups()
        shown = address.removeprefix("mailto:")
        words = words if words == shown else words.removesuffix(f" ({shown})")
        return f"[{words}]({address})"

    return re.sub(r'<a href="([^"]*)">(.*?)</a>', typed, made, flags=re.DOTALL)


def _pattern(made: str) -> Iterator[str]:
    quotes = 0
    yield r"\s*"
    for tag, name, words in re.findall(r"(</?(\w+)[^>]*>)|([^<]+)", made):
        if tag:
            is_end = tag.startswith("</")
            quotes += (name == "blockquote") * (-1 if is_end else 1)
            yield _TAGS.get(name, ("", ""))[is_end]
            yield r"[\s>]*" if quotes and name not in ("em", "strong") else r"\s*"
            continue
        for character in html.unescape(words):
            if character.isspace():
                yield r"[\s>]*" if quotes and character == "\n" else r"\s*"
            else:
                yield r"\\?" if character in _ESCAPABLE else ""
                yield re.escape(character) + r"\s*"


def _assert_well_formed(made: str) -> None:
    """Assert that emphasis stands around words, quotes begin as such, and no list has one item."""
    plain = html.unescape(re.sub(r"</?a\b[^>]*>", "", made))
    for opening in re.finditer(r"(?:<(?:em|strong)>)+", plain):
        assert re.match(r"[*_]*[\"'“‘«]?[^\W_]", plain[opening.end() :]), made
        assert re.search(r"(?:^|[\s—–>])[(\[{\"'“‘«*_]*$", plain[: opening.start()]), made
    for closing in re.finditer(r"(?:</(?:em|strong)>)+", plain):
        assert re.search(r"[^\W_][\W_]{0,6}$", plain[: closing.start()]), made
        assert re.match(r"[*_]*[^\w\s/\\@]*(?:[\s—–<]|$)", plain[closing.end() :]), made
    for quote in re.finditer(r"<blockquote>", plain):
        assert re.match(r"(?:\s|<[^>]*>|[*_])*[\"'“‘«A-ZÉ]", plain[quote.end() :]), made
    depth = 0
    for number, tag in enumerate(found := re.findall(r"</?(?:[uo]l|li)\b", made)):
        if tag in ("<ul", "<ol") and not depth:
            end = next(n for n in range(number, len(found)) if _level(found[number : n + 1]) == 0)
            items = [n for n in range(number, end) if found[n] == "<li"]
            assert sum(_level(found[number:n]) == 1 for n in items) > 1, made
        depth += tag in ("<ul", "<ol")
        depth -= tag in ("</ul", "</ol")


def _level(tags: list[str]) -> int:
    return sum((tag in ("<ul", "<ol")) - (tag in ("</ul", "</ol")) for tag in tags)
