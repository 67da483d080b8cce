r"""The dialect of Markdown that the paragraphs of clinical narratives are written in.

Emphasis, links and tables of CommonMark, less everything that would make typed characters vanish or
change: no raw HTML, images, headings, code, entities, rules or reference definitions (`[1]: …` is a
citation here). `imrgen.case` reads lists and quotes.

Emphasis stands around words, never within one, an address or a path: a word begins right behind the
opening mark and ends right before the closing one, and outside there is white space or punctuation.
So `(*)`, `5*3*2`, `/_docs_/` and `___-____` stand as typed. A backslash is taken off only before a
mark that would be read without it: `\*not emphasized\*`, but `C:\*`.

What the reader sees is in the document's own text, so that HTML, text and PDF hold the same words:
a link shows its address. What would be lost all the same (cells beyond a table's header, a link's
title) is refused.
"""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import link
from markdown_it.rules_inline.state_inline import Delimiter, StateInline
from markdown_it.token import Token

from imrgen.case import Fault, Paragraph
from imrgen.compose.markdown import Part
from imrgen.compose.tables import table_classes
from imrgen.diagnostics import codes
from imrgen.document import in_ascii

_BEFORE_OPENING = re.compile(r"(?:^|[\s—–])[(\[{\"'“‘«]*[*_]{0,3}\Z")
_AFTER_OPENING = re.compile(r"[*_]{0,3}(?:[\"'“‘«]?[^\W_]|(?P<link>\[)[^\W_])")
_BEFORE_CLOSING = re.compile(r"[^\W_][.,:;!?%…)\]\"'”’»®™°]{0,2}[*_]{0,3}\Z")
_AFTER_CLOSING = re.compile(r"[*_]{0,3}[.,:;!?…)\]}\"'”’»]*(?=[\s—–]|$)")
_AROUND = 12
"""How many characters before a mark say whether it is one."""
_MOST_SIGNS = {"*": 3, "_": 2}
"""More signs in a row are stars of a lab report, or a form's blank."""
_DASHES = re.compile(r"-+")
_PIPE = re.compile(r"(?<!\\)\|")
_WORD = re.compile(r"\S+")
_PATH = re.compile(r"[/@]|\\(?![*_])")


class _Text:
    """The text of a paragraph or a cell while it is read, with what its signs ask of it.

    Looked up anew for each sign, a text of megabytes without a space would take hours.

    Attributes:
        src: The text.
        opening: The signs that could open emphasis so far, escaped or not.
        last_address: Where the last address of a link may begin.
    """

    def __init__(self, src: str) -> None:
        self.src = src
        self.opening: set[str] = set()
        self.last_address = src.rfind("](")

    @functools.cached_property
    def paths(self) -> list[tuple[int, int]]:
        """Where the words begin and end that are addresses or paths."""
        return [word.span() for word in _WORD.finditer(self.src) if _PATH.search(word[0])]


def _text(state: StateInline) -> _Text:
    text = state.env.get("text")
    if not isinstance(text, _Text) or text.src is not state.src:
        text = state.env["text"] = _Text(state.src)
    return text


def parsed(paragraph: Paragraph, indent: float = 0.0) -> Iterator[Part]:
    """Convert a paragraph that may hold markup.

    Args:
        paragraph: The paragraph.
        indent: What the lists and quotes around it are indented by, in ems.

    Raises:
        Fault: A part of it would not be seen.
    """
    text = "\n".join(
        f"{line.text}\x0b" if line.ends_hard else line.text for line in paragraph.lines
    )
    tokens = _PARSER.parse(text)
    _refuse_losses(text, tokens, paragraph)
    first = 0
    for number, token in enumerate(tokens):
        if token.type == "th_open":
            token.attrSet("scope", "col")
        elif token.children:
            _show_addresses(token.children)
        if token.level == 0 and token.nesting < 0:
            block = tokens[first : number + 1]
            is_paragraph = token.type == "paragraph_close"
            if token.type == "table_close" and (classes := table_classes(block, indent)):
                block[0].attrSet("class", classes)
            html = _PARSER.renderer.render(
                block[1:2] if is_paragraph else block, _PARSER.options, {}
            )
            yield Part(is_paragraph, html.strip())
            first = number + 1


def _refuse_losses(text: str, tokens: Sequence[Token], paragraph: Paragraph) -> None:
    """Compare what was typed with what is shown and the marks, sign by sign."""
    tables = [token.map for token in tokens if token.type == "table_open" and token.map]
    at = 0
    line = 0
    for shown in [*"".join(map(_accounted, tokens)), ""]:
        while at < len(text) and text[at] != shown:
            first = next((rows[0] for rows in tables if rows[0] <= line < rows[1]), None)
            if not text[at].isspace() and (first is None or not _is_rule(text, at, first, line)):
                break
            line += text[at] == "\n"
            at += 1
        if text[at : at + 1] != shown:
            break
        at += 1
    if at < len(text):
        own = paragraph.lines[line]
        cause = "a table row longer than its header, a link's title, or an escape in an address"
        raise Fault(
            codes.NARRATIVE_LOST,
            f"a part would not be seen in the letter: {cause}",
            hints=("give the header as many cells as the row, or write it as plain text",),
            start=own.start + at - text.rfind("\n", 0, at) - 1,
        )


def _is_rule(text: str, at: int, first: int, line: int) -> bool:
    """Return whether a character of a table draws the table: its pipes, and the row of dashes.

    Args:
        text: The paragraph.
        at: The character's offset.
        first: The number of the table's first line.
        line: The number of the character's own.
    """
    if text[at] != "|":
        return line == first + 1 or text.startswith("\\|", at)
    columns = len(_DASHES.findall(text.split("\n", first + 2)[first + 1]))
    row = text[text.rfind("\n", 0, at) + 1 : at + 1]
    return len(_PIPE.findall(row)) <= columns + row.startswith("|")


def _accounted(token: Token) -> str:
    """Return what was typed for a token, without white space."""
    if token.children is not None:
        href = ""
        parts = []
        for child in token.children:
            if child.type == "link_open":
                href = str(child.attrs["href"])
                parts.append("[")
            elif child.type == "link_close":
                parts.append(f"]({href})")
            else:
                parts.append(child.markup or child.content)
        return "".join("".join(parts).split())
    return ""


def _show_addresses(children: list[Token]) -> None:
    for number in reversed(range(len(children))):
        if children[number].type != "link_open":
            continue
        close = next(n for n in range(number, len(children)) if children[n].type == "link_close")
        address = str(children[number].attrs["href"]).removeprefix("mailto:")
        if "".join(child.content for child in children[number:close]) != address:
            children.insert(close, Token("text", "", 0, content=f" ({address})"))
        children[number].attrSet("href", in_ascii(str(children[number].attrs["href"])))


def _may_link(url: str) -> bool:
    return url.lower().startswith(("https://", "http://", "mailto:"))


def _as_typed(url: str) -> str:
    return url


def _emphasis(state: StateInline, silent: bool) -> bool:
    """Read a run of `*` or `_` that stands around words."""
    sign = state.src[state.pos]
    if silent or sign not in "*_":
        return False
    end = _run_end(state, state.pos)
    follows_link = not state.pending and state.tokens and state.tokens[-1].type == "link_close"
    can_open, can_close = _sides(state, state.pos, state.pos, end, bool(follows_link))
    if can_open:
        _text(state).opening.add(sign)
    for _ in range(end - state.pos):
        state.push("text", "", 0).content = sign
        number = len(state.tokens) - 1
        length = end - state.pos
        state.delimiters.append(Delimiter(ord(sign), length, number, -1, can_open, can_close))
    state.pos = end
    return True


def _run_end(state: StateInline, start: int) -> int:
    end = start
    while end < state.posMax and state.src[end] == state.src[start]:
        end += 1
    return end


def _sides(
    state: StateInline, before: int, start: int, end: int, follows_link: bool = False
) -> tuple[bool, bool]:
    """Return whether a run of signs can open emphasis, and whether it can close one.

    Args:
        state: The parser's state.
        before: Where what stands before the run ends: at a backslash that escapes it.
        start: Where the run begins.
        end: Where it ends.
        follows_link: Whether a link ends right before it.
    """
    src = state.src
    if end - start > _MOST_SIGNS[src[start]] or (
        src[start] == "_" and _in_path(state, before, end)
    ):
        return False, False
    window = max(0, before - _AROUND)
    ahead = _AFTER_OPENING.match(src, end) if _BEFORE_OPENING.search(src, window, before) else None
    can_open = ahead is not None and (not ahead["link"] or _reads_link(state, ahead.start("link")))
    can_close = bool(
        (follows_link or _BEFORE_CLOSING.search(src, window, before))
        and _AFTER_CLOSING.match(src, end)
    )
    return can_open, can_close


def _reads_link(state: StateInline, start: int) -> bool:
    """Return whether a link begins at a place."""
    pos = state.pos
    state.pos = start
    found = _link(state, True)
    state.pos = pos
    return found


def _link(state: StateInline, silent: bool) -> bool:
    """Read a link, where there may be one."""
    return state.pos < _text(state).last_address and link(state, silent)


def _in_path(state: StateInline, before: int, end: int) -> bool:
    """Return whether a sign stands in an address or a path: `_a/b_` may be the name of one.

    Args:
        state: The parser's state.
        before: Where what stands before the sign ends: at a backslash that escapes it.
        end: Where the sign ends.
    """
    src = state.src
    if before and src[before - 1] == "\\" and src[end : end + 1] not in ("*", "_"):
        return True
    paths = _text(state).paths
    number = bisect.bisect(paths, (before, len(src))) - 1
    return number >= 0 and before < paths[number][1]


def _escape(state: StateInline, silent: bool) -> bool:
    r"""Take a backslash off before a mark that would be read without it."""
    start = state.pos + 1
    if state.src[state.pos] != "\\" or start >= state.posMax:
        return False
    sign = state.src[start]
    can_open = can_close = False
    if sign in "*_":
        can_open, can_close = _sides(state, state.pos, start, _run_end(state, start))
    closes = can_close and sign in _text(state).opening
    if not can_open and not closes and not (sign == "[" and _reads_link(state, start)):
        return False
    if can_open:
        _text(state).opening.add(sign)
    if not silent:
        token = state.push("text_special", "", 0)
        token.content = sign
        token.markup = f"\\{sign}"
        token.info = "escape"
    state.pos = start + 1
    return True


def _newline(state: StateInline, silent: bool) -> bool:
    """Read a line's end; U+000B before it marks a line break that was typed as such."""
    if state.src[state.pos] != "\n":
        return False
    if not silent:
        is_hard = state.pending.endswith("\x0b")
        if is_hard:
            state.pending = state.pending[:-1]
        state.push("hardbreak" if is_hard else "softbreak", "br", 0)
    state.pos += 1
    return True


def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"maxNesting": 100})
    parser.enable(["table", "newline", "escape", "emphasis", "link", "balance_pairs"])
    for name, rule in (
        ("newline", _newline),
        ("escape", _escape),
        ("emphasis", _emphasis),
        ("link", _link),
    ):
        parser.inline.ruler.at(name, rule)
    # Joined with the text around it, an escape could not be told from what was typed.
    parser.core.ruler.disable("text_join")
    parser.add_render_rule("text_special", RendererHTML.text)
    parser.validateLink = _may_link  # type: ignore[method-assign]
    parser.normalizeLink = _as_typed  # type: ignore[method-assign]
    return parser


_PARSER = _parser()
"""It may be used from any thread."""
