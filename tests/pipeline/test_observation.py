"""What a host sees of the letters that its program makes: log records and spans, without values."""

from __future__ import annotations

import contextlib
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import imrgen
from imrgen.workers import diagnose
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
SECRET = "Maria Example"


@pytest.fixture(scope="module")
def renderer() -> imrgen.Renderer:
    return imrgen.Renderer()


@pytest.fixture
def incomplete(case: dict[str, Any]) -> dict[str, Any]:
    del case["issues"]
    return case | {"employee": {"name": SECRET}}


def steps(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, tuple[str, ...]]]:
    found = [vars(record)["imrgen"] for record in caplog.records if record.name == "imrgen"]
    assert all(each["seconds"] >= 0 for each in found)
    assert SECRET not in caplog.text
    return [(each["step"], each["outcome"], each["codes"]) for each in found]


def refused(renderer: Any, case: Any) -> None:
    with pytest.raises(imrgen.CaseError):
        renderer.render(case)


def test_each_step_is_logged_with_its_codes_and_no_value(
    renderer: imrgen.Renderer, incomplete: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "imrgen")
    assert renderer.render(STARTER).text
    refused(renderer, incomplete)
    renderer.check(incomplete, formats=())
    made = steps(caplog)
    assert [each[:2] for each in made] == [
        ("render", "done"),
        ("write", "done"),
        ("render", "refused"),
        ("check", "done"),
    ]
    assert made[0][2] == ()
    assert "IMR106" in made[2][2]
    assert made[2][2] == made[3][2]
    first, text, stopped, _ = (record.getMessage() for record in caplog.records)
    assert first.startswith("render done: letter determination, pack imr ")
    assert ", format text, " in text
    assert "(CaseError, " in stopped


@pytest.mark.slow
def test_the_letters_of_limited_workers_are_logged_here(
    incomplete: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "imrgen")
    limited = imrgen.LimitedRenderer()
    assert limited.render(STARTER).text
    refused(limited, incomplete)
    assert len(limited.check(incomplete, formats=())) > 0
    limited.close()
    assert [each[:2] for each in steps(caplog)] == [
        ("render", "done"),
        ("write", "done"),
        ("render", "refused"),
        ("check", "done"),
    ]


def test_each_case_of_a_batch_is_logged(
    incomplete: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "imrgen")
    incomplete["case"] = {**incomplete["case"], "number": "CM16-0009999"}
    cases = [STARTER.read_bytes(), incomplete]
    imrgen.render_batch(cases, imrgen.Options(), formats=["text"], jobs=0)
    found = [each for each in steps(caplog) if each[0] == "case"]
    assert [each[1] for each in found] == ["done", "refused"]
    assert "IMR106" in found[1][2]


@pytest.mark.slow
def test_nothing_is_said_where_nobody_listens() -> None:
    script = (
        "import logging, sys, imrgen\n"
        "imrgen.render(sys.argv[1]).text\n"
        "try: imrgen.render({'issues': []})\n"
        "except imrgen.CaseError: pass\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, STARTER], capture_output=True, text=True, cwd=ROOT
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# A fault of imrgen's own


def broken(case: Any) -> None:
    try:
        _ = {}[SECRET]
    except KeyError:
        raise RuntimeError(SECRET)  # noqa: B904 - as a fault would


def test_a_fault_of_imrgen_s_own_is_logged_with_its_frames_and_not_its_message(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    renderer = imrgen.Renderer()
    monkeypatch.setattr(renderer._composer, "compose", broken)
    (outcome,) = imrgen.Batch([STARTER], renderer, formats=["text"])
    assert [each.code for each in outcome.diagnostics if each.severity == "error"] == ["IMR517"]
    (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert record.name == "imrgen"
    said = record.getMessage()
    assert "RuntimeError" in said
    assert "after KeyError" in said
    assert f"{Path(__file__)}:{broken.__code__.co_firstlineno + 2} in broken" in said
    assert SECRET not in caplog.text


def test_limits_that_are_reached_are_no_faults(caplog: pytest.LogCaptureFixture) -> None:
    diagnose(MemoryError(SECRET))
    assert caplog.records == []


# Spans


class Span:
    """A span that remembers what it is told."""

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes: dict[str, Any] = dict(attributes)
        self.status: object = None

    def set_attribute(self, key: str, value: object) -> None:
        self.attributes[key] = value

    def set_status(self, status: object) -> None:
        self.status = status


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> list[Span]:
    made: list[Span] = []

    @contextlib.contextmanager
    def start(name: str, **options: Any) -> Iterator[Span]:
        assert options.pop("record_exception") is options.pop("set_status_on_exception") is False
        made.append(Span(name, **options))
        yield made[-1]

    trace: Any = ModuleType("opentelemetry.trace")
    trace.get_tracer = lambda *_: SimpleNamespace(start_as_current_span=start)
    trace.StatusCode = SimpleNamespace(ERROR="error")
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", trace)
    return made


CALLS: dict[str, Callable[[imrgen.Renderer, Any], object]] = {
    "imrgen.render": refused,
    "imrgen.check": lambda renderer, case: renderer.check(case, formats=()),
}


@pytest.mark.parametrize("name", CALLS)
def test_what_is_found_is_told_by_its_codes(
    name: str, renderer: imrgen.Renderer, spans: list[Span], incomplete: dict[str, Any]
) -> None:
    CALLS[name](renderer, incomplete)
    (span,) = spans
    assert span.name == name
    assert span.attributes["imrgen.letter"] == "determination"
    assert "IMR106" in span.attributes["imrgen.codes"]
    assert span.status == ("error" if name == "imrgen.render" else None)
    assert SECRET not in str(span.attributes)


def test_each_format_is_a_span(renderer: imrgen.Renderer, spans: list[Span]) -> None:
    letter = renderer.render(STARTER)
    assert letter.text == letter.text
    assert [(span.name, span.status) for span in spans] == [
        ("imrgen.render", None),
        ("imrgen.write", None),
    ]
    assert spans[1].attributes["imrgen.format"] == "text"
