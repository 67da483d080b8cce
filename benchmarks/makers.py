"""What makes a PDF of a letter: imrgen and what else there is, each warm.

Each is used as its own documentation uses it, and all are given the same words. `readme` and
`chromium` get imrgen's own HTML, a whole page with its style sheet; Typst gets the words of that
page as Typst's markup, in the same size, margins and, with `letter_fonts`, the same fonts.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from cases import make_case
from turns import Maker

import imrgen
from imrgen.case import Case
from imrgen.pack import EngineName

PACK = "imr"


def letter(turn: int, issues: int, sentences: int) -> Case:
    """Give the case of a turn's letter."""
    return imrgen.load_case(make_case(turn, issues, sentences))


class Imrgen:
    """imrgen: one `Renderer`, from a case to the bytes of its PDF, checks and all.

    Args:
        issues: Issues of the letter.
        sentences: Sentences of its summary and of each rationale.
        pack: The pack.
        engine: What sets the PDF.
    """

    def __init__(
        self, issues: int, sentences: int, pack: str = PACK, engine: EngineName = "weasyprint"
    ) -> None:
        self._size, self._options = (issues, sentences), imrgen.Options(pack=pack, engine=engine)

    def __call__(self) -> Maker:
        """Make the maker."""
        renderer = imrgen.Renderer(self._options)
        renderer.warm()

        def ready(turn: int) -> Callable[[], bytes]:
            case = letter(turn, *self._size)
            return lambda: renderer.render(case).pdf

        return ready


class Readme:
    """WeasyPrint as its README uses it: `HTML(…).write_pdf()`, nothing kept between letters.

    Args:
        issues: Issues of the letter.
        sentences: Sentences of its summary and of each rationale.
        letter_fonts: Whether the page brings the letter's fonts, by `@font-face` rules that name
            files. Without, the fonts are the machine's, as in the README.
    """

    def __init__(self, issues: int, sentences: int, letter_fonts: bool) -> None:
        self._size, self._letter_fonts = (issues, sentences), letter_fonts

    def __call__(self) -> Maker:
        """Make the maker."""
        import weasyprint

        ready_page = pages(self._size, self._letter_fonts)

        def ready(turn: int) -> Callable[[], bytes]:
            page = ready_page(turn)
            return lambda: bytes(weasyprint.HTML(string=page).write_pdf() or b"")

        return ready


class Chromium:
    """Headless Chromium: one browser and page, kept; the page's HTML is set and printed, with tags.

    Args:
        issues: Issues of the letter.
        sentences: Sentences of its summary and of each rationale.
    """

    def __init__(self, issues: int, sentences: int) -> None:
        self._size = (issues, sentences)

    def __call__(self) -> Maker:
        """Make the maker."""
        from playwright.sync_api import sync_playwright

        browser = (
            sync_playwright().start().chromium.launch(executable_path=browser_path(), args=FLAGS)
        )
        page = browser.new_page()
        ready_page = pages(self._size, letter_fonts=False)

        def ready(turn: int) -> Callable[[], bytes]:
            html = ready_page(turn)

            def make() -> bytes:
                page.set_content(html)
                return page.pdf(prefer_css_page_size=True, tagged=True, outline=True)

            return make

        return ready


class ChromiumProcess:
    """Headless Chromium as a command, a process for each letter.

    Args:
        issues: Issues of the letter.
        sentences: Sentences of its summary and of each rationale.
    """

    def __init__(self, issues: int, sentences: int) -> None:
        self._size = (issues, sentences)

    def __call__(self) -> Maker:
        """Make the maker."""
        command = [browser_path(), "--headless", *FLAGS, "--no-pdf-header-footer"]
        folder = Path(tempfile.mkdtemp())
        ready_page = pages(self._size, letter_fonts=False)

        def ready(turn: int) -> Callable[[], bytes]:
            (folder / "letter.html").write_text(ready_page(turn))

            def make() -> bytes:
                pdf = folder / "letter.pdf"
                arguments = [
                    f"--user-data-dir={folder}/profile",
                    f"--print-to-pdf={pdf}",
                    f"{folder}/letter.html",
                ]
                subprocess.run([*command, *arguments], check=True, capture_output=True)
                return pdf.read_bytes()

            return make

        return ready


class Typst:
    """Typst by its Python package: one compiler, kept; PDF/A-3a and PDF/UA-1 in one, as imrgen's.

    Args:
        issues: Issues of the letter.
        sentences: Sentences of its summary and of each rationale.
    """

    def __init__(self, issues: int, sentences: int) -> None:
        self._size = (issues, sentences)

    def __call__(self) -> Maker:
        """Make the maker."""
        import typst
        from typesetting import to_typst

        folder = Path(tempfile.mkdtemp())
        font_files(folder)
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)]
        )
        compiler = typst.Compiler(font_paths=fonts)
        ready_page = pages(self._size, letter_fonts=False)

        def ready(turn: int) -> Callable[[], bytes]:
            source = to_typst(ready_page(turn)).encode()

            def make() -> bytes:
                pdf = compiler.compile(
                    source, format="pdf", pdf_standards=["a-3a", "ua-1"], timestamp=0
                )
                assert isinstance(pdf, bytes)
                return pdf

            return make

        return ready


FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def browser_path() -> str:
    """Find Chromium.

    Raises:
        FileNotFoundError: There is none.
    """
    path = (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    if path is None:
        raise FileNotFoundError("no chromium")
    return path


def pages(size: tuple[int, int], letter_fonts: bool) -> Callable[[int], str]:
    """Give what makes a turn's letter as a whole HTML page.

    With `letter_fonts`, the page has `@font-face` rules for its fonts' files.
    """
    renderer = imrgen.Renderer(pack=PACK)
    faces = ""
    if letter_fonts:
        files = font_files(Path(tempfile.mkdtemp()))
        for font in renderer.pack.fonts:
            address = files[font.file].as_uri()
            faces += (
                f'@font-face {{ font-family: "{font.family}"; '
                f"font-weight: {font.weight}; font-style: {font.style}; "
                f'src: url("{address}"); }}\n'
            )
    return lambda turn: renderer.render(letter(turn, *size)).html.replace(
        "<style>\n", f"<style>\n{faces}", 1
    )


def font_files(folder: Path) -> dict[str, Path]:
    """Copy the pack's fonts into a folder; give the copies by the pack's names for them."""
    pack = imrgen.Renderer(pack=PACK).pack
    files = {font.file: folder / font.file.rsplit("/", 1)[-1] for font in pack.fonts}
    for name, file in files.items():
        file.write_bytes(pack.read(name))
    return files
