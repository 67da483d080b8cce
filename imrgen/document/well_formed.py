"""Whether each tag of a document is one of HTML's, is closed, and stands where it may.

The parser repairs everything, as browsers do: an element that is not closed holds the rest of the
letter, and what stands between a table's rows is shown above it. So a slip would change a letter
without a word. End tags that HTML allows to leave out may be left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from imrgen.diagnostics import codes
from imrgen.document.active import REFUSED_NAMES
from imrgen.document.faults import ConformanceFault

_SPACE = r"[ \t\n\r\f]"
"""What separates the parts of a tag in HTML."""
_QUICK = re.compile(r'<(/?[a-z][a-z0-9]*+)(?:[ \n]++[a-z-]++(?:="[^"<]*+")?)*+>')
"""A tag without anything unusual; there is nothing but such tags in most letters."""
# Compiled on first use: most letters have only plain tags.
_TAG = (
    r"""(?is)<!--(?:-?>|.*?(?:--!?>|\Z))|<[!?][^>]*>|<(?=/?[a-z])"""
    r"""(?:(?P<name>/?[a-z][^ \t\n\r\f/<>]*)(?P<more>(?:[^>"']|"[^"]*"|'[^']*')*)>)?"""
)
_COMMENT = r"(?s)<!--.*-->"
_BEHIND_VALUE = rf"""={_SPACE}*(?:"[^"]*"|'[^']*')(?!{_SPACE}|/|\Z)"""

_VOID_NAMES = """
area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr
"""
_VOID = frozenset(_VOID_NAMES.split())
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_GROUPS = frozenset(("thead", "tbody", "tfoot"))
_CELLS = frozenset(("td", "th"))
_FRAMES = frozenset(("html", "body"))
_GROUP_PLACES = frozenset(("table",))
_ROW_PLACES = _GROUPS | _GROUP_PLACES
_BETWEEN_CELLS = _ROW_PLACES | {"tr"}
_PARTS = {
    **dict.fromkeys((*_GROUPS, "caption", "colgroup"), _GROUP_PLACES),
    "col": _GROUP_PLACES | {"colgroup"},
    "tr": _ROW_PLACES,
    **dict.fromkeys(_CELLS, _BETWEEN_CELLS),
}
"""The parts of a table, each with where it may stand."""
_PLACES = ("tr", "table", "colgroup", "tbody", "thead", "tfoot")
"""Where the parts of a table stand, the place to name first."""
_ANYWHERE = frozenset(("script", "style", "template"))
_BLOCK_NAMES = """
address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption figure
footer form header hgroup hr li main menu nav ol p pre search section summary table ul
"""
_BLOCKS = _HEADINGS.union(_BLOCK_NAMES.split())
"""What ends a paragraph that is open."""
_OPTIONAL_NAMES = """
body caption colgroup dd dt head html li optgroup option p rb rp rt rtc tbody td tfoot th thead tr
"""
_OPTIONAL = frozenset(_OPTIONAL_NAMES.split())
"""What may be left open where something around it ends."""
_FOREIGN = frozenset(("svg", "math"))
_SKIPPED_NAMES = """
iframe math noembed noframes plaintext script style svg textarea title xmp
"""
_SKIPPED = frozenset(_SKIPPED_NAMES.split())
"""Elements whose content is not HTML."""
_PHRASE_NAMES = """
abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd mark nobr q s samp small span
strike strong sub sup time tt u var
"""
_PHRASES = frozenset(_PHRASE_NAMES.split())
_OTHER_NAMES = """
a applet audio blink button canvas datalist frameset label legend listing map marquee meter noscript
object output picture progress ruby select slot template video
"""
_KNOWN = (_VOID | _BLOCKS | _OPTIONAL | _SKIPPED | _PHRASES).union(_OTHER_NAMES.split())

_ITEM_BOUNDS = _CELLS | {"table", "caption", "template", "object", "button"}
_ENDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    **dict.fromkeys(_CELLS, (_CELLS, _BETWEEN_CELLS)),
    **dict.fromkeys(_GROUPS, (_GROUPS | {"tr", "colgroup", "caption"}, _GROUP_PLACES)),
    **dict.fromkeys(("dt", "dd"), (frozenset(("dt", "dd")), _ITEM_BOUNDS | {"dl"})),
    **dict.fromkeys(("rt", "rp"), (frozenset(("rt", "rp")), frozenset(("ruby",)))),
    "tr": (frozenset(("tr", "colgroup", "caption")), _ROW_PLACES),
    "li": (frozenset(("li",)), _ITEM_BOUNDS | {"ul", "ol", "menu", "dir"}),
    "option": (frozenset(("option",)), frozenset(("select", "datalist"))),
    "body": (frozenset(("head",)), frozenset(("html",))),
}
"""What each element ends that is still open, and the elements beyond which it ends nothing."""
_PARAGRAPH = (frozenset(("p",)), _ITEM_BOUNDS)

_BLOCK_PLACES = (_BLOCKS - _HEADINGS - {"p", "table", "hr", "pre"}) | _CELLS | {"body"}
_PLAIN: dict[str, frozenset[str]] = {
    **dict.fromkeys(_PHRASES | {"br", "img"}, _BLOCK_PLACES | _HEADINGS | _PHRASES | {"p", "a"}),
    **dict.fromkeys(_BLOCKS, _BLOCK_PLACES),
    **_PARTS,
    "a": _BLOCK_PLACES | _HEADINGS | {"p"},
    "li": frozenset(("ul", "ol")),
    **dict.fromkeys(("dt", "dd"), frozenset(("dl",))),
    **dict.fromkeys(("head", "body"), frozenset(("html",))),
    **dict.fromkeys(("title", "meta"), frozenset(("head",))),
    "html": frozenset(("",)),
}
"""Where each element may stand, whatever there is around that; a quicker look at most letters."""

_Tag = tuple[str, int]
"""A tag's name, with a slash in front for an end tag, and its number."""
_DEEPEST = 1_000
"""Where so many elements are open, no more are read: each asks all that are open around it."""
_BOTTOMLESS = 10_000
"""Where so many elements are open, nothing is parsed, which would take a second and more."""
_ANY_TAG = r"<(/?)([a-zA-Z][^ \t\n\r\f/<>]*)"
_LEFT_OPEN = _OPTIONAL | _VOID
_REDACTED = "a tag is not well-formed HTML"
_CLOSE = "write </{0}> where it ends"


def markup_faults(markup: str) -> Iterator[ConformanceFault]:
    """Find tags that are misspelt, not closed, or not where they may stand.

    Args:
        markup: A document.
    """
    names = _QUICK.findall(markup)
    # The doctype is the one other thing that begins so.
    if len(names) + 1 == markup.count("<") and _are_plain(names):
        return
    found = [*re.finditer(_TAG, markup)]
    tags = [tag for tag in found if tag["name"] or tag[0] == "<"]
    for number, message, hint in _Nesting([(tag["name"] or "").lower() for tag in tags]).faults():
        yield _fault(tags[number], message, hint)
    for tag in found:
        if tag[0] == "<":
            yield _fault(tag, "a tag does not end", "write > where it ends, and &lt; for a sign")
        elif tag[0].startswith("<!--") and not re.fullmatch(_COMMENT, tag[0]):
            yield _fault(tag, "a comment does not end as programs agree", "write <!-- and -->")
        elif tag["name"] and re.search(_BEHIND_VALUE, tag["more"]):
            hint = "close the value in front of it with a quotation mark, and write a space"
            name = tag["name"]
            yield _fault(tag, f"<{name}> has something right behind an attribute's value", hint)


def is_bottomless(markup: str) -> bool:
    """Return whether so many elements are open that it cannot be parsed in a time to wait for.

    The parser asks all that are open around an element, without returning to Python. Elements that
    may be left open are not counted: they end by themselves.
    """
    if markup.count("<") < _BOTTOMLESS:
        return False
    depth = 0
    for end, name in re.findall(_ANY_TAG, markup):
        if name.lower() not in _LEFT_OPEN:
            depth = max(0, depth - 1) if end else depth + 1
            if depth > _BOTTOMLESS:
                return True
    return False


def _are_plain(names: Sequence[str]) -> bool:
    """Return whether tags are nested as in most letters, each element closed where it ends."""
    places = [""]
    for name in names:
        if name[0] == "/":
            if places.pop() != name[1:]:
                return False
        elif places[-1] not in _PLAIN.get(name, ()):
            return False
        elif name not in _VOID:
            places.append(name)
    return len(places) == 1


def _fault(tag: re.Match[str], message: str, hint: str) -> ConformanceFault:
    return ConformanceFault(
        codes.MALFORMED_HTML, message, hint, offset=tag.start(), redacted=_REDACTED
    )


_Found = tuple[int, str, str]
"""The number of a tag, what is wrong with it, and how to mend it."""


class _Nesting:
    """How the tags of a document are nested.

    Args:
        names: Their names in order, those of end tags with a slash in front.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._open: list[_Tag] = [("", -1)]
        self._cut: Counter[str] = Counter()

    def faults(self) -> Iterator[_Found]:
        """Find what is wrong."""
        skipped = ""
        depth = 0
        for number, name in enumerate(self._names):
            if depth:
                depth += (name == skipped and name in _FOREIGN) - (name == f"/{skipped}")
                if depth:
                    continue
            if name[:1] == "/":
                if self._open[-1][0] == name[1:]:
                    self._open.pop()
                else:
                    yield from self._end(number, name[1:])
            elif name:
                if len(self._open) > _DEEPEST:
                    yield number, f"<{name}> begins in {_DEEPEST} elements", "close them before it"
                    return
                yield from self._start(number, name)
                skipped = name
                depth = int(name in _SKIPPED)
        if depth:  # it holds all that follows
            del self._open[1:-1]
        for name, number in self._open[1:]:
            if name not in _OPTIONAL:
                yield number, f"<{name}> is not closed", _CLOSE.format(name)

    def _start(self, number: int, name: str) -> Iterator[_Found]:
        if name in _BLOCKS:
            yield from self._imply(name, *_PARAGRAPH)
        if name in _ENDS:
            yield from self._imply(name, *_ENDS[name])
        within = self._open[-1][0]
        places = _PARTS.get(name)
        if name not in _KNOWN and name not in REFUSED_NAMES and "-" not in name:
            yield number, f"<{name}> is not an element of HTML", _nearest(name)
        elif places is not None and within not in places:
            hint = f"write it in a <{min(places, key=_PLACES.index)}>"
            yield number, f"<{name}> stands outside a table, and browsers drop it", hint
        elif places is None and within in _BETWEEN_CELLS and name not in _ANYWHERE:
            hint = "write it in a <td> or <th>"
            yield number, f"<{name}> stands between a table's cells, and is shown above it", hint
        elif name in _HEADINGS and within in _HEADINGS:
            yield number, f"<{name}> begins in a <{within}>, and ends it", _CLOSE.format(within)
        elif name == "a" and self._place("a", _ITEM_BOUNDS):
            yield number, "<a> begins in another <a>, and ends it", _CLOSE.format("a")
        if name not in _VOID:
            self._open.append((name, number))

    def _end(self, number: int, name: str) -> Iterator[_Found]:
        is_around_cells = name == "table" or name in _PARTS or name in _FRAMES
        bounds = frozenset() if is_around_cells else _ITEM_BOUNDS - {name}
        at = self._place(name, bounds)
        if at:
            yield from self._cut_to(at + 1, f"</{name}>" if name in _KNOWN else "another end tag")
            self._open.pop()
        elif self._cut[name]:
            self._cut[name] -= 1
        elif name in _VOID:
            yield number, f"</{name}> is no end tag of HTML", f"write <{name}>"
        else:
            hint = "leave it out, or write where it begins; a block ends the paragraph before it"
            yield number, f"</{name}> ends nothing", hint

    def _imply(self, name: str, ended: frozenset[str], bounds: frozenset[str]) -> Iterator[_Found]:
        """End what an element ends that begins now."""
        places = (self._place(each, bounds) for each in ended)
        at = min(filter(None, places), default=0)
        if at:
            yield from self._cut_to(at + 1, f"<{name}>, which ends the <{self._open[at][0]}>")
            self._open.pop()

    def _place(self, name: str, bounds: frozenset[str]) -> int:
        """Return where the innermost open element of a name is; 0 for none within the bounds."""
        for at in range(len(self._open) - 1, 0, -1):
            if self._open[at][0] == name:
                return at
            if self._open[at][0] in bounds:
                return 0
        return 0

    def _cut_to(self, length: int, cause: str) -> Iterator[_Found]:
        """End the innermost elements, which must be some that may be left open."""
        for name, number in self._open[length:]:
            if name not in _OPTIONAL:
                self._cut[name] += 1
                yield number, f"<{name}> is not closed before {cause}", _CLOSE.format(name)
        del self._open[length:]


def _nearest(name: str) -> str:
    import difflib  # for a fault only

    near = difflib.get_close_matches(name, sorted(_KNOWN), 1)
    return f"did you mean <{near[0]}>?" if near else "write one of HTML's elements"
