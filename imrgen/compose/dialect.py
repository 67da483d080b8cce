"""The dialect of Markdown that clinical narratives are written in.

CommonMark with tables, less everything that would make typed characters vanish or change: no raw
HTML, images, headings, code, entities, rules or reference definitions (`[1]: …` is a citation
here), no emphasis inside a word (`5*3*2`), no `+` bullets (“+ SLR” is a finding), no quotes that
begin with a number (`> 5 mm`), no lists numbered beyond 999 (`2004. The patient`). A quote or a
numbered list begins after a blank line, so that a wrapped line that happens to begin with `>` or
`1.` stays in its sentence.

What the reader sees is in the document's own text, so that HTML, text and PDF hold the same words:
a list's markers are written out as typed, and a link shows its address. What would be lost all the
same (nesting beyond the limit, cells beyond a table's header, a link's title) is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, list_block
from markdown_it.rules_inline.state_inline import Delimiter, StateInline
from markdown_it.token import Token
from markupsafe import Markup, escape

from imrgen.case import Fault
from imrgen.diagnostics import codes

MOST_NESTING = 8
"""Lists and quotes may be nested this deep: WeasyPrint fails on lists nested 47 deep, and
readers long before.
"""

_ADDRESS = re.compile(r"(/*)((?:[^/?#]*@)?)([^/?#]*)(.*)", re.DOTALL)
_ASCII = "".join(map(chr, range(128)))
_SIGNS = re.compile(r"[\W_]+")
_CONTAINERS = ("bullet_list", "ordered_list", "blockquote")


def parsed_html(text: str, lead: str) -> Markup:
    """Convert a narrative that may hold markup; see `imrgen.compose.markdown.to_html`."""
    tokens = _PARSER.parse(text)
    _refuse_losses(text, tokens)
    _write_out(tokens)
    if lead:
        _open_with(tokens, 0, f"{escape(lead)} ")
    html = _PARSER.renderer.render(tokens, _PARSER.options, {})
    return Markup(html.strip())  # noqa: S704 - escaped by the renderer


def _write_out(tokens: list[Token]) -> None:
    """Write list markers and link addresses into the text, and the scope of table headers."""
    for number in reversed(range(len(tokens))):
        token = tokens[number]
        if token.type == "list_item_open":
            marker = f"{token.info}{token.markup}" if token.info else "•"
            _open_with(tokens, number + 1, f'<span class="marker">{escape(marker)}</span> ')
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            token.attrs = {"role": "list"}
        elif token.type == "th_open":
            token.attrSet("scope", "col")
        elif token.children:
            _show_addresses(token.children)


def _refuse_losses(text: str, tokens: Sequence[Token]) -> None:
    depth = 0
    deepest = 0
    shown: list[str] = []
    for token in tokens:
        name, _, edge = token.type.rpartition("_")
        if name in _CONTAINERS:
            depth += 1 if edge == "open" else -1
            deepest = max(deepest, depth)
        elif token.type == "list_item_open":
            shown.append(token.info)
        for child in token.children or ():
            if child.type == "link_open":
                href = str(child.attrs["href"])
            shown.append(href if child.type == "link_close" else child.content)
    if deepest > MOST_NESTING:
        raise _lost(f"lists and quotes are nested more than {MOST_NESTING} deep")
    seen = "".join(shown)
    # Plain paragraphs are seen to the letter; only where signs were read as markup are letters
    # compared alone.
    is_same = "".join(text.split()) == "".join(seen.split())
    if not is_same and _SIGNS.sub("", text) != _SIGNS.sub("", seen):
        cause = "a table row longer than its header, or a link's title"
        raise _lost(f"a part would not be seen in the letter: {cause}")


def _lost(message: str) -> Fault:
    hint = "write it on fewer levels, or as plain paragraphs"
    return Fault(codes.NARRATIVE_LOST, message, hints=(hint,))


def _show_addresses(children: list[Token]) -> None:
    for number in reversed(range(len(children))):
        if children[number].type != "link_open":
            continue
        close = next(n for n in range(number, len(children)) if children[n].type == "link_close")
        address = str(children[number].attrs["href"]).removeprefix("mailto:")
        if "".join(child.content for child in children[number:close]) != address:
            children.insert(close, Token("text", "", 0, content=f" ({address})"))
        children[number].attrSet("href", _in_ascii(str(children[number].attrs["href"])))


def _in_ascii(url: str) -> str:
    """Return an address as a PDF and a browser need it: the host in Punycode, the rest in per cent.

    The host's letters are folded as browsers fold them (UTS 46), `ß` and `ς` excepted, which stay.
    """
    if url.isascii():
        return url
    scheme, rest = url.split(":", 1)
    slashes, user, host, behind = _ADDRESS.fullmatch(rest).groups()  # type: ignore[union-attr]
    labels = unicodedata.normalize("NFKC", host).lower().split(".")
    host = ".".join(
        label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in labels
    )
    return f"{scheme}:{slashes}{_quoted(user)}{host}{_quoted(behind)}"


def _quoted(part: str) -> str:
    return quote(part, safe=_ASCII)


def _open_with(tokens: list[Token], number: int, html: str) -> None:
    """Insert some HTML at the start of a block, in a new paragraph unless the block is one."""
    raw = Token("html_inline", "", 0, content=html)
    if number < len(tokens) and tokens[number].type == "paragraph_open":
        children = tokens[number + 1].children
        assert children is not None
        children.insert(0, raw)
    else:
        inline = Token("inline", "", 0, children=[raw])
        tokens[number:number] = [
            Token("paragraph_open", "p", 1, block=True),
            inline,
            Token("paragraph_close", "p", -1),
        ]


def _may_link(url: str) -> bool:
    return url.lower().startswith(("https://", "http://", "mailto:"))


def _as_typed(url: str) -> str:
    return url


def _after_blank(
    rule: Callable[[StateBlock, int, int, bool], bool], mark: str, never: str
) -> Callable[..., bool]:
    """Keep a block rule from ending a paragraph outside lists, whose items no blank line divides.

    Args:
        rule: The block rule.
        mark: A pattern of what begins a line that would end a paragraph.
        never: A pattern of what begins a line that is not such a block at all.
    """
    ends = re.compile(mark)
    refused = re.compile(never)

    def wrapped(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
        start = state.bMarks[start_line] + state.tShift[start_line]
        if refused.match(state.src, start) or (
            silent and state.listIndent < 0 and ends.match(state.src, start)
        ):
            return False
        return rule(state, start_line, end_line, silent)

    return wrapped


_list = _after_blank(list_block, r"\d", r"\+|\d{4}")
_quote = _after_blank(blockquote, ">", r">\s*[\d.=]")


def _emphasis(state: StateInline, silent: bool) -> bool:
    """Read a run of `*` or `_` by the rules CommonMark has for `_`: never inside a word."""
    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    run = state.scanDelims(state.pos, False)
    for _ in range(run.length):
        state.push("text", "", 0).content = marker
        number = len(state.tokens) - 1
        state.delimiters.append(
            Delimiter(ord(marker), run.length, number, -1, run.can_open, run.can_close)
        )
    state.pos += run.length
    return True


def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"maxNesting": 100})
    rules = "table blockquote list newline escape emphasis link balance_pairs"
    parser.enable(rules.split())
    interrupted = ["paragraph", "reference", "blockquote"]
    parser.block.ruler.at("list", _list, {"alt": interrupted})
    parser.block.ruler.at("blockquote", _quote, {"alt": [*interrupted, "list"]})
    parser.inline.ruler.at("emphasis", _emphasis)
    parser.validateLink = _may_link  # type: ignore[method-assign]
    parser.normalizeLink = _as_typed  # type: ignore[method-assign]
    return parser


_PARSER = _parser()
"""It may be used from any thread."""
