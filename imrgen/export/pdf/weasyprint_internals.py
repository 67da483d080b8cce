"""Everything private or undocumented that imrgen uses of WeasyPrint, pydyf and cssselect2.

`check` compares each of these things with the shape that this module was written for, and refuses a
version in which one differs: an upgrade can neither change a letter unnoticed nor be taken for a
fault of the pack. What is replaced in WeasyPrint is replaced for this thread's document only: the
host may set its own documents in other threads meanwhile.
"""

import collections
import contextlib
import functools
import inspect
import logging
import re
import sys
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from imrgen.export.host_log import muted
from imrgen.export.pdf.boxes import PDF, Box, TaggedBox
from imrgen.export.pdf.contract import attributes, shape
from imrgen.export.pdf.engine import unknown_version
from imrgen.export.pdf.fetcher import BASE
from imrgen.export.pdf.folders import folder_for
from imrgen.workers import TimedOut, is_foreign, temporary_files

try:
    import cssselect2
    import pydyf
    import weasyprint
    from weasyprint import css, html
    from weasyprint.css import properties
    from weasyprint.formatting_structure import boxes
    from weasyprint.layout import absolute, inline, preferred
    from weasyprint.logger import LOGGER, PROGRESS_LOGGER
    from weasyprint.pdf import tags
    from weasyprint.text import ffi, fonts
except ImportError as fault:
    raise unknown_version("weasyprint", f"it has no `{fault.name}`") from fault

__all__ = ["boxes"]

_DECORATIVE_IMAGE = 'Image "%s" has no required alt description'
"""What WeasyPrint reports of an image with `alt=""`, as a decorative image has."""

_SPLIT = (
    "function(text, style, context, max_width, justification_spacing, is_line_start=True, "
    "minimum=False)"
)
_SHAPES: Mapping[str, str] = {
    "cssselect2.ElementWrapper.from_html_root": "function(root, content_language=None)",
    "pydyf._to_bytes": "function(item)",
    "weasyprint._find_base_url": "function(html_document, fallback_base_url)",
    "weasyprint.HTML.__init__": (
        "sets base_url, etree_element, media_type, url_fetcher, wrapper_element"
    ),
    "weasyprint.HTML._ua_stylesheets": "function(self, forms=False)",
    "weasyprint.css.AnonymousStyle": "class",
    "weasyprint.css.properties.INITIAL_VALUES": "dict",
    "weasyprint.formatting_structure.boxes.BlockContainerBox": "class",
    "weasyprint.formatting_structure.boxes.FootnoteAreaBox": "class",
    "weasyprint.formatting_structure.boxes.LineBox": "class",
    "weasyprint.formatting_structure.boxes.MarginBox": "class",
    "weasyprint.formatting_structure.boxes.ParentBox.get_wrapped_table": "function(self)",
    "weasyprint.formatting_structure.boxes.ReplacedBox": "class",
    "weasyprint.formatting_structure.boxes.TableCellBox": "class",
    "weasyprint.formatting_structure.boxes.TableRowGroupBox.is_footer": "bool",
    "weasyprint.formatting_structure.boxes.TableRowGroupBox.is_header": "bool",
    "weasyprint.html.UA": "str",
    "weasyprint.html.UA_STYLESHEET": "CSS",
    "weasyprint.layout.inline.split_first_line": _SPLIT,
    "weasyprint.layout.preferred.split_first_line": _SPLIT,
    "weasyprint.logger.LOGGER": "Logger",
    "weasyprint.logger.PROGRESS_LOGGER": "Logger",
    "weasyprint.pdf.metadata.DocumentMetadata.generate_rdf_metadata": (
        "function(self, variant, version, conformance)"
    ),
    "weasyprint.pdf.tags._build_box_tree": (
        "generator(box, parent, pdf, page_number, nums, annotations, tags)"
    ),
    "weasyprint.text.ffi.ffi": "FFI",
    "weasyprint.text.ffi.ffi.gc": "function(cdata, destructor, size=0)",
    "weasyprint.text.ffi.fontconfig.FcConfigDestroy": "_CDataBase",
    "weasyprint.text.ffi.fontconfig.FcConfigGetFonts": "_CDataBase",
    "weasyprint.text.ffi.gobject.g_object_unref": "_CDataBase",
    "weasyprint.text.ffi.pango.pango_version": "_CDataBase",
    "weasyprint.text.ffi.pangoft2.pango_fc_font_map_set_config": "_CDataBase",
    "weasyprint.text.ffi.pangoft2.pango_ft2_font_map_new": "_CDataBase",
    "weasyprint.text.fonts.FontConfiguration.__init__": (
        "sets _config, _folder, font_features, font_map, strut_layouts"
    ),
    "weasyprint.text.fonts.FontConfiguration.add_font_face": (
        "function(self, rule_descriptors, url_fetcher)"
    ),
}
"""What each private thing looks like: its kind with the parameters that it takes or the attributes
that it sets; of a value, its type.
"""

_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "pydyf.Object": frozenset(("compressible", "data", "number", "reference")),
    "pydyf.PDF": frozenset(("catalog", "objects")),
    "pydyf.Stream": frozenset(("compress", "extra", "stream")),
    "weasyprint.document.Document": frozenset(("fonts", "metadata", "pages")),
    "weasyprint.document.Page": frozenset(("_page_box",)),
    "weasyprint.formatting_structure.boxes.Box": frozenset(
        (
            "border_box_x",
            "border_width",
            "children",
            "content_box_x",
            "content_box_y",
            "descendants",
            "element",
            "element_tag",
            "is_in_normal_flow",
            "is_table_wrapper",
            "margin_height",
            "margin_width",
            "style",
            "transformation_matrix",
        )
    ),
    "weasyprint.formatting_structure.boxes.TextBox": frozenset(("text",)),
    "weasyprint.layout.absolute.AbsolutePlaceholder": frozenset(("_box",)),
    "weasyprint.pdf.fonts.Font": frozenset(("family", "missing")),
}
"""The attributes of each class that are used, whatever others it has."""

_NEARBY = 2048
"""The characters in which the end of a line is looked for first; few lines have a tenth of them."""
_MARGIN = re.compile(r"@((?:top|bottom|left|right)-[a-z-]+)\s*\{[^{}]*\}")
_NOTE = re.compile(r"^::(?:foot)?note-[a-z]+\s*\{[^{}]*\}", re.MULTILINE)


def check() -> None:
    """Refuse a version of WeasyPrint or pydyf whose private parts differ.

    Raises:
        LibraryError: One differs.
    """
    for path, wanted in _SHAPES.items():
        found = shape(path)
        if found != wanted:
            raise unknown_version(path, f"`{path}` is {found}, not {wanted}")
    for path, names in _ATTRIBUTES.items():
        missing = names - attributes(path)
        if missing:
            raise unknown_version(path, f"`{path}` has no {', '.join(sorted(missing))}")
    if _DECORATIVE_IMAGE not in tags._build_box_tree.__code__.co_consts:
        raise unknown_version(
            "weasyprint", "it reports images without alternate text in another way"
        )


# The document


class _ParsedHTML(weasyprint.HTML):  # type: ignore[misc]
    """A document that was parsed already, which spares WeasyPrint's own parsing in Python.

    Args:
        sheet: The style sheet below the pack's own; `None` for WeasyPrint's.
    """

    def __init__(self, root: Element, sheet: Any, fetcher: Any) -> None:
        self.base_url = weasyprint._find_base_url(root, BASE)
        self.url_fetcher = fetcher
        self.media_type = "print"
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = self.wrapper_element.etree_element
        self._sheet = sheet

    def _ua_stylesheets(self, forms: bool = False) -> list[Any]:
        whole: list[Any] = super()._ua_stylesheets(forms)
        return whole if forms or self._sheet is None else [self._sheet]


def parsed_html(root: Element, sheet: Any, fetcher: Any) -> Any:
    """Return a parsed document as WeasyPrint's, above the style sheet that `browser_sheet` made.

    A document that has styles of its own gets the whole of WeasyPrint's style sheet.
    """
    styled = any(
        str(element.tag).rpartition("}")[2] in ("style", "link") or "style" in element.attrib
        for element in root.iter()
    )
    return _ParsedHTML(root, None if styled else sheet, fetcher)


def browser_sheet(pack_css: str) -> Any:
    """Return WeasyPrint's own style sheet without the boxes that a pack's gives no content.

    WeasyPrint gives each element six boxes for notes and each page sixteen for its margins, which
    is an eighth of a letter's time. The PDF is the same, byte for byte.
    """
    if "@import" in pack_css.lower():
        return html.UA_STYLESHEET
    filled = set(re.findall(r"@([a-z-]+)", pack_css.lower()))
    kept = _MARGIN.sub(lambda found: found[0] if found[1] in filled else "", html.UA)
    if "note" not in pack_css.lower():
        kept = _NOTE.sub("", kept)
    return weasyprint.CSS(string=kept)


# Fonts

# Fontconfig's own function, which WeasyPrint has no use for.
ffi.ffi.cdef("FcConfig * FcConfigCreate (void);", override=True)


class PackFonts(fonts.FontConfiguration):  # type: ignore[misc]
    """The fonts of a pack and none of the host's.

    Attributes:
        unusable: The families of the faces that could not be loaded.
    """

    def __init__(self) -> None:
        # As FontConfiguration does, but with an empty configuration instead of the host's.
        self._config = ffi.fontconfig.FcConfigCreate()
        font_map = ffi.pangoft2.pango_ft2_font_map_new()
        self.font_map = ffi.ffi.gc(font_map, ffi.gobject.g_object_unref)
        ffi.pangoft2.pango_fc_font_map_set_config(
            ffi.ffi.cast("PangoFcFontMap *", self.font_map), self._config
        )
        ffi.fontconfig.FcConfigDestroy(self._config)  # the font map holds a reference
        self._folder = folder_for(self)
        self.strut_layouts: dict[Any, Any] = {}
        self.font_features: dict[Any, Any] = {}
        self._faces: set[str] = set()
        self.unusable: list[str] = []

    def add_font_face(self, rule_descriptors: Mapping[str, Any], url_fetcher: Any) -> None:
        face = str(rule_descriptors)
        before = self._count()
        with temporary_files():
            super().add_font_face(rule_descriptors, url_fetcher)
        if self._count() > before:
            self._faces.add(face)
        elif face not in self._faces:
            self.unusable.append(rule_descriptors["font_family"])

    def __del__(self) -> None:
        """Do nothing: at the end of the program WeasyPrint could not remove the folder any more.

        In a process that was forked, it would remove that of its parent.
        """

    def _count(self) -> int:
        found = ffi.fontconfig.FcConfigGetFonts(self._config, ffi.fontconfig.FcSetApplication)
        return 0 if found == ffi.ffi.NULL else int(found.nfont)


def pango_version() -> str:
    """Return the version of Pango that WeasyPrint uses."""
    major, rest = divmod(ffi.pango.pango_version(), 10_000)
    return f"{major}.{rest // 100}.{rest % 100}"


# Boxes


def page_box(page: Any) -> Box:
    """Return the box of a page, with all others in it."""
    box: Box = page._page_box
    return box


def is_placeholder(box: Box) -> bool:
    """Return whether a box only marks where an absolutely positioned one was taken out."""
    return isinstance(box, absolute.AbsolutePlaceholder)


def laid_out(box: Box) -> Box:
    """Return the box that a placeholder stands for, or the box itself."""
    return box._box if isinstance(box, absolute.AbsolutePlaceholder) else box


def is_anonymous(box: Box) -> bool:
    """Return whether a box was made around others of its element, with a style of its own."""
    return isinstance(box.style, css.AnonymousStyle)


# What WeasyPrint does while it sets a document


@contextlib.contextmanager
def tagged_boxes() -> Iterator[list[TaggedBox]]:
    """Record which box each structure element is made of while this thread writes a PDF."""
    found: list[TaggedBox] = []
    thread = threading.get_ident()

    def replace(build: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
        def record(box: Box, *rest: Any) -> Iterator[Any]:
            for element in build(box, *rest):
                found.append((laid_out(box), element))
                yield element

        def build_box_tree(box: Box, *rest: Any) -> Iterator[Any]:
            return (record if threading.get_ident() == thread else build)(box, *rest)

        return build_box_tree

    with _replaced(tags, "_build_box_tree", replace):
        yield found


def check_tagged(pdf: PDF, tagged: list[TaggedBox]) -> None:
    """Refuse a version of WeasyPrint that makes structure elements without being noticed.

    Raises:
        LibraryError: `tagged_boxes` missed one.
    """
    known = {element.reference for _, element in tagged}
    for item in pdf.objects:
        if isinstance(item, pydyf.Dictionary) and item.get("Type") == "/StructElem":
            # What holds a piece of text has no box of its own.
            is_known = item.reference in known or item["P"] in known or item["S"] == "/Document"
            if not is_known:
                raise unknown_version("weasyprint", f"it makes a {item['S']} in another way")


PROPERTIES = frozenset(name.replace("_", "-") for name in properties.INITIAL_VALUES)
"""The properties of CSS that WeasyPrint knows, but for the short forms of several."""


@contextlib.contextmanager
def reported_errors() -> Iterator[list[str]]:
    """Collect the errors that WeasyPrint reports of this thread's document, instead of its log.

    They are caught where they are reported: the host may have logging disabled, and a log must not
    hold what of a case stands in them.
    """
    reported: list[str] = []
    with _replaced(LOGGER, "error", _collector(reported)):
        yield reported


@contextlib.contextmanager
def reported_warnings() -> Iterator[list[str]]:
    """Collect the warnings that WeasyPrint reports of a style sheet; see `reported_errors`."""
    reported: list[str] = []
    collect = _collector(reported)

    def replace(log: Callable[..., None]) -> Callable[..., None]:
        def log_at(level: int, *arguments: Any, **options: Any) -> None:
            write = functools.partial(log, level)
            (write if level < logging.WARNING else collect(write))(*arguments, **options)

        return log_at

    with _replaced(LOGGER, "warning", collect), _replaced(LOGGER, "log", replace):
        yield reported


def _collector(reported: list[str]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return what replaces a method of a log by one that collects this thread's messages."""
    thread = threading.get_ident()
    handled = sys.exc_info()[1]

    def replace(log: Callable[..., None]) -> Callable[..., None]:
        def collect(message: str, *arguments: Any, **options: Any) -> None:
            if threading.get_ident() != thread:
                level = options.pop("stacklevel", 1) + 1
                log(message, *arguments, **options, stacklevel=level)
                return
            _raise_foreign(handled)
            if message != _DECORATIVE_IMAGE:
                record = logging.LogRecord("", 0, "", 0, message, arguments, None)
                reported.append(record.getMessage())

        return collect

    return replace


def quiet_progress() -> contextlib.AbstractContextManager[None]:
    """Log none of the steps of this thread's document, a dozen lines for each at INFO."""
    return muted(PROGRESS_LOGGER.name)


_Release = Callable[[Any], object]
_unreleased: collections.defaultdict[_Release, collections.deque[Any]] = collections.defaultdict(
    collections.deque
)
"""What was freed of Pango's, by the function that releases it."""


@contextlib.contextmanager
def released_in_turn() -> Iterator[None]:
    """Release what this thread makes of Pango's only while a thread holds Pango's lock.

    It stands in circles, so that any thread may free it that collects garbage or drops a renderer.
    It then waits in a queue, for the next thread that comes here. That one holds the lock.
    """
    thread = threading.get_ident()

    def replace(make: Callable[..., Any]) -> Callable[..., Any]:
        def gc(cdata: Any, destructor: _Release, size: int = 0) -> Any:
            if threading.get_ident() != thread:
                return make(cdata, destructor, size)
            _release()
            # No function in Python: what a signal handler raised in it would be lost.
            return make(cdata, _unreleased[destructor].append, size)

        return gc

    with _replaced(ffi.ffi, "gc", replace):
        try:
            yield
        finally:
            _release()


def _release() -> None:
    for release, queue in _unreleased.items():
        while queue:
            release(queue.popleft())


@contextlib.contextmanager
def foreign_exceptions() -> Iterator[None]:
    """Raise again what a signal handler raised in this thread and WeasyPrint caught and logged."""
    thread = threading.get_ident()
    handled = sys.exc_info()[1]

    def replace(is_enabled: Callable[[int], bool]) -> Callable[[int], bool]:
        def is_enabled_for(level: int) -> bool:
            if threading.get_ident() == thread:
                _raise_foreign(handled)
            return is_enabled(level)

        return is_enabled_for

    with _replaced(LOGGER, "isEnabledFor", replace):
        yield


def _raise_foreign(handled: BaseException | None) -> None:
    """Raise the exception that is being handled, or one behind it, if it is foreign.

    Args:
        handled: What the host was handling before.
    """
    fault = sys.exc_info()[1]
    while fault is not None and fault is not handled:
        if isinstance(fault, TimedOut) or is_foreign(fault):
            raise fault
        fault = fault.__context__


@contextlib.contextmanager
def lines_split_nearby() -> Iterator[None]:
    """Look for the end of a line in the next characters of a text first, not in all of them.

    WeasyPrint looks at as many characters as are common in a line. Where they are narrow and a line
    has more, it lays out the whole text again for each of its lines.
    """
    thread = threading.get_ident()

    def replace(split: Callable[..., Any]) -> Callable[..., Any]:
        def split_nearby(
            text: str, style: Any, context: Any, width: Any, *more: Any, **by: Any
        ) -> Any:
            length = _NEARBY if threading.get_ident() == thread and width is not None else len(text)
            while length < len(text):
                near = text[:length]
                found = split(near, style, context, width, *more, **by)
                resume_index = found[2]
                # The next word must be in it, too, as far as it could stand on this line.
                if resume_index is not None and 2 * resume_index < len(near.encode()):
                    return found
                length *= 2
            return split(text, style, context, width, *more, **by)

        return split_nearby

    with (
        _replaced(inline, "split_first_line", replace),
        _replaced(preferred, "split_first_line", replace),
    ):
        yield


@contextlib.contextmanager
def _replaced(owner: Any, name: str, replace: Callable[[Any], Any]) -> Iterator[None]:
    """Replace a function of a module or an object for a while.

    Args:
        owner: The module or object.
        name: The function's name.
        replace: Returns the replacement for a function.
    """
    # A signal handler may have kept an earlier letter from taking its own back.
    before = inspect.unwrap(getattr(owner, name))
    is_own = name in vars(owner)
    replacement = replace(before)
    replacement.__wrapped__ = before
    try:
        setattr(owner, name, replacement)
        yield
    finally:
        if is_own:
            setattr(owner, name, before)
        else:
            vars(owner).pop(name, None)


# The PDF


def add_rdf(metadata: Any, descriptions: bytes) -> None:
    """Add descriptions to the XMP that WeasyPrint writes for a document.

    Args:
        metadata: WeasyPrint's metadata of the document.
        descriptions: RDF; the `xmp_metadata` of WeasyPrint would stand behind the RDF, not in it.
    """
    generate = metadata.generate_rdf_metadata

    def generate_with_descriptions(variant: Any, version: Any, conformance: Any) -> bytes:
        rdf: bytes = generate(variant, version, conformance)
        if rdf.count(b"</rdf:RDF>") != 1:
            raise unknown_version("weasyprint", "it writes its metadata in another way")
        return rdf.replace(b"</rdf:RDF>", descriptions + b"</rdf:RDF>")

    metadata.generate_rdf_metadata = generate_with_descriptions


def mark_as_artifacts(stream: list[Any], numbers: set[int]) -> None:
    """Make artifacts of marked contents.

    Args:
        stream: The operators of a page, of which three begin a marked content: its tag, a
            dictionary with its number, and `BDC`.
        numbers: The numbers of the contents (MCID).
    """
    left = set(numbers)
    for at in range(len(stream) - 1, 0, -1):
        properties = stream[at]
        if isinstance(properties, dict) and properties.get("MCID") in numbers:
            stream[at - 1 : at + 2] = ["/Artifact", b"BMC"]
            left.discard(properties["MCID"])
    if left:
        raise unknown_version("pydyf", "it marks contents in another way")


def _joined(part: bytes) -> bytes:
    """Join the glyphs that WeasyPrint writes one by one, for no distance: all the sooner read."""
    if part.startswith(b"[<") and part.endswith(b"] TJ"):
        return part.replace(b">0<", b"").replace(b">0]", b">]")
    return part


class _Serialized(pydyf.Object):  # type: ignore[misc]
    """An object that won't change; pydyf asks for its bytes for the file and for its identifier."""

    data = b""

    def __init__(self, item: Any) -> None:
        super().__init__()
        if getattr(item, "compress", False):
            content = b"\n".join(
                _joined(part if isinstance(part, bytes) else pydyf._to_bytes(part))
                for part in item.stream
            )
            item.stream = [zlib.compress(content, 4)]
            item.extra = {**item.extra, "Filter": "/FlateDecode"}
            item.compress = False
        self.number = item.number
        self.data = item.data
        self._compressible = item.compressible

    @property
    def compressible(self) -> bool:
        return bool(self._compressible)


def serialize(pdf: PDF) -> None:
    """Compress and serialize each object of a PDF that is about to be written, once."""
    pdf.objects[1:] = map(_Serialized, pdf.objects[1:])
