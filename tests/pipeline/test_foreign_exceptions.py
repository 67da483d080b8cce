"""What the host raises into a letter, by a signal handler above all, comes out as it is."""

from __future__ import annotations

import errno
import os
import signal
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import weasyprint
from PIL import Image

import imrgen
from imrgen.compose import composer, environment
from imrgen.export.pdf import engines, weasyprint_engine, writer
from imrgen.pack import PackFile, fonts, image_type, opentype
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>x</title>'
    '<rect width="9" height="9"/></svg>'
)


class SoftTimeLimit(Exception):  # noqa: N818 - as task queues call it
    """Stands for what a task queue raises."""


KINDS = [SoftTimeLimit, TimeoutError, KeyboardInterrupt]
STEPS: list[tuple[Any, str]] = [
    (environment.Sandbox, "getattr"),
    (composer, "to_html"),
    (writer, "as_drawn"),
    (weasyprint.images.SVGImage, "__init__"),
    (weasyprint.svg.SVG, "draw"),
    (weasyprint.document, "layout_document"),
    (weasyprint.layout.inline, "split_first_line"),
    (weasyprint.document, "draw_page"),
    (weasyprint.pdf.tags, "_get_pdf_tag"),
    (weasyprint.pdf, "build_fonts_dictionary"),
    (weasyprint_engine.Tags, "repair"),
    (writer, "_read_back"),
]


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., BaseException]]:
    """Return a function that lets a signal come when something is called, and its exception."""
    before = signal.getsignal(signal.SIGUSR1)

    def interrupt(owner: Any, name: str, kind: type[BaseException]) -> BaseException:
        fault = kind("the host's")
        function = getattr(owner, name)

        def handle(number: int, frame: Any) -> None:
            raise fault

        def call(*arguments: Any, **options: Any) -> Any:
            signal.raise_signal(signal.SIGUSR1)
            return function(*arguments, **options)

        signal.signal(signal.SIGUSR1, handle)
        monkeypatch.setattr(owner, name, call)
        return fault

    yield interrupt
    signal.signal(signal.SIGUSR1, before)


@pytest.fixture(scope="module")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> imrgen.Renderer:
    folder = tmp_path_factory.mktemp("templates")
    (folder / "blocks").mkdir()
    (folder / "blocks" / "clinical_summary.html").write_text(
        DRAWING + "{{ clinical_summary|markdown }}"
    )
    renderer = imrgen.Renderer(templates=[folder])
    assert renderer.render(STARTER).pdf.startswith(b"%PDF")
    return renderer


@pytest.mark.slow
@pytest.mark.parametrize(("owner", "name"), STEPS, ids=[name for _, name in STEPS])
def test_what_a_signal_handler_raises_passes_as_it_is(
    owner: Any,
    name: str,
    interrupted: Callable[..., BaseException],
    renderer: imrgen.Renderer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for kind in KINDS:
        fault = interrupted(owner, name, kind)
        with pytest.raises(kind) as caught:
            _ = renderer.render(STARTER).pdf
        assert caught.value is fault
        monkeypatch.undo()
    assert renderer.render(STARTER).pdf.startswith(b"%PDF")


def read_case(renderer: imrgen.Renderer, folder: Path) -> object:
    return renderer.render(STARTER)


def load(renderer: imrgen.Renderer, folder: Path) -> object:
    return imrgen.load_pack(templates=[folder])


def check_image(renderer: imrgen.Renderer, folder: Path) -> object:
    return image_type(PackFile("logo.png", b"\x89PNG\r\n\x1a\n"), "logo.png")


def prepare(renderer: imrgen.Renderer, folder: Path) -> object:
    return engines["weasyprint"].make(renderer.pack, "")


def save(renderer: imrgen.Renderer, folder: Path) -> object:
    return renderer.render(STARTER).save(folder / "letter.txt")


FILES: list[tuple[Any, str, Callable[[imrgen.Renderer, Path], object]]] = [
    (Path, "open", read_case),
    (Path, "exists", read_case),
    (Path, "open", load),
    (os, "scandir", load),
    (os, "stat", load),
    (Image, "open", check_image),
    (warnings, "filterwarnings", prepare),
    (os, "fsync", save),
    (os, "open", save),
]


@pytest.mark.parametrize("kind", [SoftTimeLimit, TimeoutError])
@pytest.mark.parametrize(
    ("owner", "name", "use"), FILES, ids=[f"{use.__name__}-{name}" for _, name, use in FILES]
)
@pytest.mark.slow
def test_a_timeout_is_no_fault_of_a_file(
    owner: Any,
    name: str,
    use: Callable[[imrgen.Renderer, Path], object],
    kind: type[BaseException],
    interrupted: Callable[..., BaseException],
    renderer: imrgen.Renderer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "clinical_summary.html").write_text("x")
    fault = interrupted(owner, name, kind)
    with pytest.raises(kind) as caught:
        use(renderer, tmp_path)
    monkeypatch.undo()
    assert caught.value is fault
    assert not (tmp_path / "letter.txt").exists()


def test_a_timeout_of_the_system_is_one_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open

    def fail(path: Path, *arguments: Any, **options: Any) -> Any:
        if path == STARTER:
            raise TimeoutError(errno.ETIMEDOUT, "timed out")
        return opened(path, *arguments, **options)  # modules, which pytest reads

    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(imrgen.CaseError, match="IMR001"):
        imrgen.load_case(STARTER)


def test_it_ends_a_batch_of_this_process(
    interrupted: Callable[..., BaseException], renderer: imrgen.Renderer
) -> None:
    fault = interrupted(composer, "to_html", SoftTimeLimit)
    with pytest.raises(SoftTimeLimit) as caught:
        imrgen.render_batch([STARTER], renderer, formats=["text"])
    assert caught.value is fault


def test_it_does_not_make_a_font_unreadable(
    interrupted: Callable[..., BaseException], renderer: imrgen.Renderer
) -> None:
    content = renderer.pack.require(renderer.pack.fonts[0].file).content + b"\0"
    fault = interrupted(opentype, "_read", SoftTimeLimit)
    with pytest.raises(SoftTimeLimit) as caught:
        fonts._repertoire(content)
    assert caught.value is fault


@pytest.mark.slow
def test_what_the_host_handles_already_is_not_raised_again(
    interrupted: Callable[..., BaseException],
    renderer: imrgen.Renderer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A task that makes another letter after its timeout gets that letter, or its own fault."""
    (tmp_path / "blocks").mkdir()
    drawing = DRAWING.replace("<rect", '<rect transform="rotate()"')
    (tmp_path / "blocks" / "clinical_summary.html").write_text(drawing)
    interrupted(composer, "to_html", SoftTimeLimit)
    try:
        renderer.render(STARTER)
    except SoftTimeLimit:
        monkeypatch.undo()
        letter = imrgen.render(STARTER, templates=[tmp_path])
        with pytest.raises(imrgen.PackError, match="IMR416"):
            _ = letter.pdf
