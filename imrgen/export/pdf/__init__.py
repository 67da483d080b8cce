"""The HTML document set as a PDF that can be issued: accessible (PDF/UA-1), archival (PDF/A-3a).

writer                what every PDF passes, whichever engine sets it
engine                what an engine is
folders               temporary folders of engines
weasyprint_engine     the engine that sets documents with WeasyPrint
  weasyprint_internals  everything private of WeasyPrint and pydyf that is used, and its shape
  contract              what private parts look like
  drawn               the texts as the pack's fonts can draw them
  fetcher             lets WeasyPrint read the pack's files and no others
  layout              what the boxes show, and what of it would not be seen
  legibility          words that are too pale, too small or struck out
  locks               one letter at a time, and no fork meanwhile
  boxes               the types of boxes and PDF objects
  tags, metadata, signature_fields   what makes the file conform
promises              what a pack promises of its pages
placement             words that stand where they cannot be read, in any engine's PDF
attached              the case file that is attached to a PDF
style_warnings        what WeasyPrint passes over in a style sheet
typst/                the engine that sets documents with Typst
readback/             reads a PDF with PDFium, another program than the one that wrote it

WeasyPrint and Typst are imported in this package alone, and only once a PDF is asked for.
"""

import builtins
import contextlib
import functools
import re
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

import msgspec

from imrgen.diagnostics import Diagnostic, LibraryError, codes
from imrgen.export.installed import installed_version
from imrgen.export.pdf.engine import Engine
from imrgen.export.pdf.locks import PANGO_LOCK
from imrgen.pack import EngineName, TemplatePack
from imrgen.workers import is_foreign

__all__ = ["EngineKind", "engine_versions", "engines", "find_style_warnings"]

_INSTALL_PANGO = (
    "install Pango: `apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0` "
    "(Debian, Ubuntu), `dnf install pango` (Fedora), `brew install pango` (macOS); "
    "text and HTML need none of it, nor does PDF by Typst: `pip install 'imrgen[typst]'`, and "
    "--engine typst"
)


@contextlib.contextmanager
def _importing(name: EngineName) -> Iterator[None]:
    """Import what an engine needs.

    Raises:
        LibraryError: A Python package is missing.
    """
    try:
        yield
    except ModuleNotFoundError as fault:
        package = (fault.name or "").partition(".")[0]
        if package == "imrgen":
            raise
        raise _not_installed(name, package) from None


def _not_installed(name: EngineName, package: str) -> LibraryError:
    kind = engines[name]
    return LibraryError.of(
        codes.EXTRA_MISSING,
        f"PDF by {kind.title} needs a Python package that is not installed: {package}",
        kind.installation,
    )


@contextlib.contextmanager
def _importing_weasyprint() -> Iterator[None]:
    """Import WeasyPrint, which takes half a second.

    Raises:
        LibraryError: A native library or a Python package is missing.
    """
    try:
        with (
            _importing("weasyprint"),
            _found_by_the_loader(),
            _without_notice(),
            warnings.catch_warnings(),
        ):
            # A host without fonts is warned of; letters bring their own.
            warnings.filterwarnings("ignore", ".*Expect ugly output")
            yield
    except OSError as fault:
        if is_foreign(fault):
            raise
        library = re.search(r"'([^']+)'", str(fault))
        name = library[1] if library else "Pango"
        raise LibraryError.of(
            codes.NATIVE_LIBRARY_MISSING,
            f"PDF needs a native library that is not installed: {name}",
            _INSTALL_PANGO,
        ) from None


@contextlib.contextmanager
def _replaced_here(module: ModuleType, name: str, function: Callable[..., Any]) -> Iterator[None]:
    """Replace a function of a module while WeasyPrint is imported, in this thread alone."""
    if "weasyprint" in sys.modules:
        yield
        return
    thread = threading.get_ident()
    with PANGO_LOCK:  # nobody else replaces it meanwhile
        before = getattr(module, name)
        setattr(
            module,
            name,
            lambda *given, **named: (function if threading.get_ident() == thread else before)(
                *given, **named
            ),
        )
        try:
            yield
        finally:
            setattr(module, name, before)


def _found_by_the_loader() -> contextlib.AbstractContextManager[None]:
    """Leave it to Linux's loader to find the native libraries, by the names of their files.

    WeasyPrint tries names of several systems, and cffi asks `ctypes.util.find_library` for each.
    On Linux that runs ldconfig, a compiler and a linker, which takes a fifth of a second, and what
    they find is what the loader finds by the last of the names.
    """
    if sys.platform != "linux":
        return contextlib.nullcontext()
    import ctypes.util

    return _replaced_here(ctypes.util, "find_library", lambda name: None)


def _without_notice() -> contextlib.AbstractContextManager[None]:
    """Print nothing where Pango is missing: WeasyPrint would, to standard output."""
    return _replaced_here(builtins, "print", lambda *values, **named: None)


def _weasyprint(pack: TemplatePack, css: str) -> Engine:
    with _importing_weasyprint():
        from imrgen.export.pdf.weasyprint_engine import WeasyPrintEngine
    return WeasyPrintEngine(pack, css)


def _typst(pack: TemplatePack, css: str) -> Engine:
    with _importing("typst"):
        from imrgen.export.pdf.typst.engine import TypstEngine
    return TypstEngine(pack, css)


def _weasyprint_warnings(css: str, place: str, pack: TemplatePack) -> Iterator[Diagnostic]:
    with _importing_weasyprint():
        from imrgen.export.pdf.style_warnings import style_warnings
    return style_warnings(css, place, pack)


def _typst_warnings(css: str, place: str, pack: TemplatePack) -> Iterator[Diagnostic]:
    from imrgen.export.pdf.typst.style_warnings import style_warnings  # no letter needs it

    return style_warnings(css, place, pack)


def find_style_warnings(
    css: str, place: str, pack: TemplatePack, engine: EngineName | None = None
) -> tuple[Diagnostic, ...]:
    """Find what a style sheet says and the PDF does not show.

    Args:
        css: The style sheet.
        place: Its file.
        pack: Its pack.
        engine: What sets PDFs; `None` for what the pack says.

    Raises:
        LibraryError: A library is missing.
    """
    return tuple(engines[engine or pack.engine].style_warnings(css, place, pack))


class EngineKind(msgspec.Struct, frozen=True):
    """An engine that can be chosen.

    Args:
        title: Its name in messages.
        make: Return it for a pack and its style sheet, images inlined, fonts not; raises a
            `LibraryError` where a library is missing or unknown, and a `PackError` for a font that
            cannot be loaded.
        style_warnings: Find what a style sheet says and it does not do; of the sheet, the place of
            its file, and the pack.
        packages: The Python packages that the bytes of its PDFs depend on, and no other format's;
            its own name is among them, so that a letter's provenance names its engine.
        installation: What to do where one of them is missing.
    """

    title: str
    make: Callable[[TemplatePack, str], Engine]
    style_warnings: Callable[[str, str, TemplatePack], Iterator[Diagnostic]]
    packages: tuple[str, ...]
    installation: str


engines: Mapping[EngineName, EngineKind] = {
    "weasyprint": EngineKind(
        "WeasyPrint",
        _weasyprint,
        _weasyprint_warnings,
        ("pydyf", "weasyprint"),
        "install imrgen again, which brings it: `pip install imrgen`; or set PDFs by Typst: "
        "`pip install 'imrgen[typst]'`, and --engine typst",
    ),
    "typst": EngineKind(
        "Typst",
        _typst,
        _typst_warnings,
        ("fonttools", "typst"),
        "install it: `pip install 'imrgen[typst]'`",
    ),
}
"""The engines by name."""


@functools.cache
def engine_versions(name: EngineName) -> Mapping[str, str]:
    """Return the versions of what an engine sets PDFs with, without loading it.

    Raises:
        LibraryError: A Python package is missing.
    """
    try:
        return {package: installed_version(package) for package in engines[name].packages}
    except ModuleNotFoundError as fault:
        raise _not_installed(name, str(fault.name)) from None
