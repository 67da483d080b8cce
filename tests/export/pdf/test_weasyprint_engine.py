"""The engine in its process: whose a fault is, what the host notices, what the host can do."""

from __future__ import annotations

import gc
import hashlib
import logging
import os
import subprocess
import sys
import tempfile
import threading
import weakref
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import weasyprint

import imrgen
from imrgen.export.pdf import (
    engine_versions,
    engines,
    locks,
    readback,
    weasyprint_engine,
    weasyprint_internals,
    writer,
)
from imrgen.export.pdf.weasyprint_engine import exclusive
from tests.command_line import invoke
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"


def test_each_engine_is_made_of_a_pack_and_a_style_sheet() -> None:
    assert list(engines) == ["weasyprint", "typst"]
    pack = imrgen.load_pack("imr")
    for name, kind in engines.items():
        assert callable(kind.make(pack, "").set)
        assert name in kind.packages
        assert engine_versions(name) == {each: version(each) for each in kind.packages}


# Whose fault it is

STEPS = [
    (writer, "as_drawn"),
    (weasyprint_internals, "parsed_html"),
    (writer, "Structure"),
    (writer.Structure, "faults"),
    (writer, "_compare_text"),
    (weasyprint_engine, "Layout"),
    (weasyprint_engine.Layout, "compare"),
    (weasyprint_engine, "descriptions"),
    (weasyprint_engine, "_attached"),
    (weasyprint_internals, "add_rdf"),
    (weasyprint_internals, "check_tagged"),
    (weasyprint_internals, "laid_out"),
    (weasyprint_engine, "Tags"),
    (weasyprint_engine.Tags, "repair"),
    (weasyprint_engine.Tags, "_unmark"),
    (weasyprint_engine, "add_fields"),
    (weasyprint_internals, "serialize"),
    (weasyprint_engine, "_missing"),
    (writer, "seal"),
    (writer, "_read_back"),
    (readback, "open_pdf"),
    (readback.PDFReader, "drawn_pages"),
    (writer, "misplaced_words"),
]


@pytest.fixture(scope="module")
def renderer() -> imrgen.Renderer:
    return imrgen.Renderer(embed_case=True)


@pytest.mark.slow
@pytest.mark.parametrize(("owner", "name"), STEPS, ids=[name for _, name in STEPS])
def test_a_fault_of_imrgen_s_own_passes_as_it_is(
    owner: Any, name: str, renderer: imrgen.Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in (KeyError, AttributeError, ValueError):
        fault = kind("planted")
        letter = renderer.render(STARTER)
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, Mock(side_effect=fault))
            with pytest.raises(kind) as error:
                _ = letter.pdf
        assert error.value is fault


@pytest.mark.slow
def test_the_command_line_says_that_a_fault_is_imrgen_s_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weasyprint_engine.Tags, "repair", Mock(side_effect=KeyError("planted")))
    run = invoke("render", STARTER, "-o", "x.pdf", cwd=tmp_path)
    assert run.returncode == 1
    assert "internal error (KeyError)" in run.stderr
    assert not (tmp_path / "x.pdf").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("exception", "code"),
    [(IndexError, "IMR403"), (MemoryError, "IMR513"), (RecursionError, "IMR413")],
)
@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (weasyprint.document, "draw_page"),
        (weasyprint.document, "layout_document"),
        (weasyprint.pdf.tags, "_get_pdf_tag"),
        (weasyprint.pdf, "build_fonts_dictionary"),
    ],
)
def test_what_weasyprint_cannot_set_is_the_document_s_fault(
    owner: Any,
    name: str,
    exception: type[Exception],
    code: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise exception("a word of the case")

    letter = imrgen.render(STARTER)
    monkeypatch.setattr(owner, name, fail)
    with pytest.raises(imrgen.PackError) as error:
        _ = letter.pdf
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code == code
    assert isinstance(error.value, imrgen.LimitError) is (exception is not IndexError)
    assert ("IndexError" in str(error.value)) is (exception is IndexError)
    assert "a word of the case" not in str(error.value)


def test_a_pack_without_fonts_has_text_and_html_but_no_pdf() -> None:
    """Pango crashes the process that has no font at all."""
    files = {
        "pack.toml": b'name = "plain"\ntitle = "Plain"\nversion = "1"\n'
        b'[letters.determination]\ntitle = "Plain"\ntemplate = "plain.html"\n',
        "plain.html": b'<!doctype html><html lang="en"><title>Plain</title><p>Words.</p>',
    }
    pack = imrgen.load_pack("plain", [files])
    letter = imrgen.Renderer(loaded_pack=pack).render(STARTER)
    assert letter.text == "Words.\n"
    assert "Words." in letter.html
    with pytest.raises(imrgen.PackError, match="the pack has no font") as error:
        _ = letter.pdf
    assert [diagnostic.code for diagnostic in error.value.diagnostics] == ["IMR418"]


# What the host notices

ENVIRONMENT = """
import os, sys
changed = []
sys.addaudithook(
    lambda event, _: changed.append(event) if event in ("os.putenv", "os.unsetenv") else None
)
os.environ["SEEN"] = "1"
assert changed == ["os.putenv"]
before = dict(os.environ)
import imrgen
assert imrgen.render(sys.argv[1]).pdf.startswith(b"%PDF")
assert dict(os.environ) == before
print(changed[1:])
"""

LIBRARIES = """
import ctypes.util, sys, threading
import imrgen
started, found = [], []
find = ctypes.util.find_library

class Host:
    def find_spec(self, name, path, target=None):
        if name == "weasyprint":
            thread = threading.Thread(target=lambda: found.append(ctypes.util.find_library("c")))
            thread.start()
            thread.join()

def record(event, _):
    if event == "subprocess.Popen" and threading.current_thread() is threading.main_thread():
        started.append(event)

sys.meta_path.insert(0, Host())
sys.addaudithook(record)
assert imrgen.render(sys.argv[1]).pdf.startswith(b"%PDF")
print(started)
assert ctypes.util.find_library is find
assert found == [find("c")] != [None]
"""

BESIDE_A_HOST = """
import hashlib, sys, threading
import imrgen, weasyprint
stop, begun, made = threading.Event(), threading.Event(), []
page = "<html lang=en><title>Invoice</title><style>body { font-family: 'DejaVu Sans' }</style>"
def host():
    while not stop.is_set():
        good = weasyprint.HTML(string=page + "<h1>Invoice</h1><p>Total: 10").write_pdf()
        weasyprint.HTML(string=page + "<img src=no-such-file.png alt=x>").write_pdf()
        weasyprint.HTML(string="<h1>No language").write_pdf(pdf_variant="pdf/ua-1")
        made.append(hashlib.sha256(good).hexdigest())
        begun.set()
thread = threading.Thread(target=host)
thread.start()
begun.wait()
try:
    letters = [imrgen.Renderer().render(sys.argv[1]).pdf for _ in range(3)]
finally:
    stop.set()
    thread.join()
assert len(set(made)) == 1, made
print(*sorted({hashlib.sha256(letter).hexdigest() for letter in letters}))
"""


def run(script: str, *more: str) -> str:
    """Run a script in a process of its own, with the path of a case, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", script, STARTER, *more],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.slow
def test_a_host_without_fonts_is_not_warned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = tmp_path / "fonts.conf"
    configuration.write_text('<?xml version="1.0"?><fontconfig></fontconfig>')
    monkeypatch.setenv("FONTCONFIG_FILE", str(configuration))
    script = (
        "import sys, warnings, imrgen; warnings.simplefilter('error');"
        "print(len(imrgen.render(sys.argv[1]).pdf) > 1000)"
    )
    assert run(script) == "True"


@pytest.mark.slow
def test_the_environment_of_the_process_is_untouched() -> None:
    assert run(ENVIRONMENT) == "[]"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the loader finds fewer libraries")
def test_the_native_libraries_are_found_without_starting_a_program() -> None:
    assert run(LIBRARIES) == "[]"


@pytest.mark.slow
@pytest.mark.parametrize("attempt", range(2))
def test_a_host_that_uses_weasyprint_in_another_thread_changes_no_letter(attempt: int) -> None:
    """Its errors are not the letter's, its tags not in it, and neither crashes the other."""
    assert run(BESIDE_A_HOST) == hashlib.sha256(imrgen.render(STARTER).pdf).hexdigest()


@pytest.mark.slow
def test_a_letter_logs_nothing_of_weasyprint_s_and_the_host_all(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)

    def steps() -> set[int | None]:
        found = {record.thread for record in caplog.records if record.name.startswith("weasy")}
        caplog.clear()
        return found

    assert imrgen.render(STARTER).pdf.startswith(b"%PDF")
    assert steps() == set()
    host = threading.Thread(target=lambda: weasyprint.HTML(string="<p>Invoice").render())
    with exclusive():
        host.start()
        host.join()
    assert steps() == {host.ident}
    weasyprint.HTML(string="<p>Invoice").render()
    assert steps() == {threading.get_ident()}


class Cycle:
    """Something that only the garbage collector frees."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def collecting() -> Any:
    """The collector with small thresholds, which comes to nothing by itself within a test."""
    before = gc.get_threshold()
    gc.collect()
    gc.set_threshold(100_000, 3, 3)
    yield
    gc.set_threshold(*before)


@pytest.mark.slow
@pytest.mark.parametrize("is_enabled", [True, False])
def test_the_collector_is_as_the_host_has_it_while_a_letter_is_set(
    is_enabled: bool, monkeypatch: pytest.MonkeyPatch, collecting: None
) -> None:
    """So that two threads that each save it and restore it cannot leave it switched off."""
    seen = []
    repair = weasyprint_engine.Tags.repair
    letter = imrgen.render(STARTER)

    def switch(self: Any) -> None:
        seen.append(gc.isenabled())
        (gc.disable if is_enabled else gc.enable)()
        repair(self)

    monkeypatch.setattr(weasyprint_engine.Tags, "repair", switch)
    (gc.enable if is_enabled else gc.disable)()
    try:
        _ = letter.pdf
        seen.append(gc.isenabled())
    finally:
        gc.enable()
    assert seen == [is_enabled, not is_enabled]


def test_what_a_letter_leaves_is_collected_where_the_host_collects_nothing(
    collecting: None,
) -> None:
    gc.disable()
    try:
        with exclusive():
            found = weakref.ref(Cycle())
        assert found() is None
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.slow
def test_a_renderer_is_freed_when_it_is_dropped() -> None:
    renderer = imrgen.Renderer(embed_fonts=True)
    letter = renderer.render(STARTER)
    assert len(letter.pdf) > len(letter.text)
    parts = (
        renderer,
        renderer._composer,
        renderer.exporter,
        renderer.exporter.pdf_writer(),
        letter,
    )
    left = [weakref.ref(part) for part in parts]
    del renderer, letter, parts
    gc.collect()
    assert [found() for found in left if found() is not None] == []


# What other threads and children of the host do meanwhile


class WatchedLock:
    """A lock that says when it is asked for."""

    def __init__(self, lock: Any) -> None:
        self.lock = lock
        self.asked = threading.Event()

    def __enter__(self) -> None:
        self.asked.set()
        self.lock.acquire()

    def __exit__(self, *_: object) -> None:
        self.lock.release()

    def acquire(self, blocking: bool = True) -> bool:
        return bool(self.lock.acquire(blocking))

    def release(self) -> None:
        self.lock.release()


@pytest.mark.slow
def test_a_renderer_is_prepared_while_another_thread_sets_a_letter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is replaced for that letter is not taken for another version of WeasyPrint."""
    lock = WatchedLock(weasyprint_engine.PANGO_LOCK)
    monkeypatch.setattr(locks, "PANGO_LOCK", lock)
    monkeypatch.setattr(weasyprint_engine, "PANGO_LOCK", lock)
    letter = imrgen.render(STARTER)
    letter._exporter.pdf_writer()
    repair = weasyprint_engine.Tags.repair
    faults: list[BaseException] = []

    def prepare() -> None:
        try:
            engines["weasyprint"].make(imrgen.load_pack("imr"), "")
        except BaseException as fault:
            faults.append(fault)
            lock.asked.set()

    thread = threading.Thread(target=prepare)

    def repair_beside(self: Any) -> None:
        lock.asked.clear()
        thread.start()
        lock.asked.wait()
        repair(self)

    monkeypatch.setattr(weasyprint_engine.Tags, "repair", repair_beside)
    assert letter.pdf.startswith(b"%PDF")
    thread.join()
    assert faults == []


def held(freed: list[str], name: str) -> Any:
    """Return something of Pango's; what it is called stands in `freed` once it is released."""
    ffi = weasyprint_internals.ffi.ffi
    return ffi.gc(ffi.new("int *"), lambda _: freed.append(name))


def in_a_thread(task: Any) -> None:
    thread = threading.Thread(target=task)
    thread.start()
    thread.join()


def test_what_another_thread_frees_of_a_letter_waits_for_pango_s_lock() -> None:
    freed: list[str] = []
    with exclusive():
        parts = [held(freed, "a letter's")]
    in_a_thread(parts.clear)
    assert freed == []
    with exclusive():
        assert freed == []
        parts = [held(freed, "the next letter's")]
        assert freed == ["a letter's"]
        parts.clear()
    assert freed == ["a letter's", "the next letter's"]


def test_what_the_host_makes_of_its_own_is_freed_at_once() -> None:
    freed: list[str] = []
    with exclusive():
        in_a_thread(lambda: held(freed, "the host's"))
        assert freed == ["the host's"]


FORKED = """
import hashlib, os, sys, threading
import imrgen
from imrgen.export.pdf import weasyprint_engine
renderer = imrgen.Renderer()
wanted = hashlib.sha256(renderer.render(sys.argv[1]).pdf).hexdigest()
begun, forking, repair = threading.Event(), threading.Event(), weasyprint_engine.Tags.repair
os.register_at_fork(before=forking.set)
def repair_slowly(self):
    begun.set()
    forking.wait()
    repair(self)
weasyprint_engine.Tags.repair = repair_slowly
thread = threading.Thread(target=lambda: renderer.render(sys.argv[1]).pdf)
thread.start()
begun.wait()
child = os.fork()
if not child:
    weasyprint_engine.Tags.repair = repair
    made = [each.render(sys.argv[1]).pdf for each in (renderer, imrgen.Renderer())]
    os._exit({hashlib.sha256(pdf).hexdigest() for pdf in made} != {wanted})
thread.join()
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_child_that_is_forked_while_a_letter_is_set_makes_letters() -> None:
    assert run(FORKED) == "0"


ENDED = """
import hashlib, os, sys, tempfile
import imrgen
renderer = imrgen.Renderer()
wanted = hashlib.sha256(renderer.render(sys.argv[1]).pdf).hexdigest()
(folder,) = os.listdir(tempfile.gettempdir())
child = os.fork()
if not child:
    sys.exit()
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert os.listdir(tempfile.gettempdir()) == [folder]
assert hashlib.sha256(renderer.render(sys.argv[1]).pdf).hexdigest() == wanted
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_the_fonts_of_a_program_are_removed_when_it_ends_and_not_by_a_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The renderer lives until the end, as one at the top of a module does."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", ENDED, STARTER],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "block",
    [
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>x</title>'
        '<rect width="9" height="9" transform="rotate()"/></svg>',
        '<style>p.page::after { content: target-counter("#none", page) }</style><p class="page">x',
    ],
    ids=["a drawing", "a reference"],
)
@pytest.mark.slow
def test_what_is_missing_stops_the_letter_though_logging_is_disabled(
    block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "clinical_summary.html").write_text(block, encoding="utf-8")
    letter = imrgen.render(STARTER, templates=[tmp_path])
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)
    with pytest.raises(imrgen.PackError) as error:
        _ = letter.pdf
    assert {diagnostic.code for diagnostic in error.value.diagnostics} == {"IMR416"}


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["weasyprint", "typst"])
def test_no_code_of_imrgen_s_runs_when_a_renderer_is_dropped(engine: Any) -> None:
    """What a signal handler raised in it, such as a task's time limit, would be lost."""
    renderer = imrgen.Renderer(engine=engine)
    _ = renderer.render(STARTER).pdf
    dropped = weakref.ref(renderer)
    gc.collect()
    called: list[str] = []

    def record(frame: Any, event: str, _: Any) -> None:
        if event == "call":
            called.append(f"{frame.f_code.co_filename}: {frame.f_code.co_qualname}")

    others = [*gc.callbacks]  # of Hypothesis, in a process that has run tests of its own
    gc.callbacks.clear()
    sys.setprofile(record)
    try:
        del renderer
        gc.collect()
    finally:
        sys.setprofile(None)
        gc.callbacks.extend(others)
    assert dropped() is None
    # An empty one, which takes no time.
    assert [each for each in called if not each.endswith("PackFonts.__del__")] == []


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["weasyprint", "typst"])
def test_the_folder_of_a_dropped_renderer_is_removed_when_another_is_made(engine: Any) -> None:
    script = (
        "import gc, os, sys, tempfile, imrgen\n"
        "tempfile.tempdir = sys.argv[2]\n"
        "def made():\n"
        f"    assert imrgen.Renderer(engine={engine!r}).render(sys.argv[1]).pdf\n"
        "    gc.collect()\n"
        "    return len(os.listdir(sys.argv[2]))\n"
        "print(made(), made(), made())\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        assert run(script, folder) == "1 1 1"
        assert [*Path(folder).iterdir()] == []


@pytest.mark.slow
@pytest.mark.parametrize("selector", ["p:hovr", "p::befor", "p > > a", "[x", "a { p:hovr"])
def test_a_selector_that_weasyprint_does_not_know_stops_no_letter(selector: str) -> None:
    manifest = (
        b'name = "acme"\ntitle = "A"\nversion = "1"\nextends = "imr"\nstyles = ["acme.css"]\n'
        b'[organization]\nname = "Acme"\n'
    )
    files = {"pack.toml": manifest, "acme.css": f"{selector} {{ color: red }}".encode()}
    renderer = imrgen.Renderer(loaded_pack=imrgen.load_pack("acme", [files]))
    assert renderer.render(STARTER).pdf.startswith(b"%PDF")
