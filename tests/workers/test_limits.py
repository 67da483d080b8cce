"""Limits have one name and one code wherever they are set and reached."""

from __future__ import annotations

import importlib
import inspect
import typing
from pathlib import Path

import click
import pytest

import imrgen
from imrgen.batch import Batch, BatchOptions
from imrgen.diagnostics import PackError
from imrgen.workers import Limits, TimedOut, WorkerLost, diagnose
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"


@pytest.mark.parametrize("name", ["batch", "preview"])
def test_a_command_that_starts_workers_takes_each_limit(name: str) -> None:
    command: click.Command = importlib.import_module(f"imrgen.cli.{name}").command
    options = {option for each in command.params for option in each.opts}
    limits = {f"--{field}" for field in Limits.__struct_fields__}
    assert limits == {"--timeout", "--memory"}
    assert limits <= options


def test_render_batch_takes_what_a_batch_takes() -> None:
    """The type that the two share has the names and types of the signature."""
    parameters = inspect.signature(Batch).parameters.values()
    keywords = {p.name: p.annotation for p in parameters if p.kind is p.KEYWORD_ONLY}
    shared = {
        name: each.__forward_arg__
        for name, each in typing.cast(
            dict[str, typing.ForwardRef], BatchOptions.__annotations__
        ).items()
    }
    assert keywords == shared
    assert {*Limits.__struct_fields__, "replace_after"} <= keywords.keys()
    with pytest.raises(TypeError, match="lettters"):
        imrgen.render_batch([], imrgen.Renderer(), lettters=3)  # type: ignore[call-arg]


FAULTS: dict[str, BaseException] = {
    "IMR413": RecursionError("Maria Sample"),
    "IMR511": WorkerLost("killed by signal 9 (SIGKILL)"),
    "IMR512": TimedOut("3"),
    "IMR513": MemoryError("Maria Sample"),
    "IMR517": ValueError("Maria Sample"),
}


@pytest.mark.parametrize("code", FAULTS)
def test_each_limit_has_its_code_and_no_word_of_the_exception(code: str) -> None:
    found = diagnose(FAULTS[code])
    assert found.code == code
    assert "Maria" not in str(found)


RAISING = {
    "IMR413": "{% macro m() %}\n{{ m() }}{% endmacro %}{{ m() }}",
    "IMR512": "\n{{ 'x' | squeeze }}",
    "IMR513": "\n{{ 'x' | squeeze }}",
}


@pytest.mark.parametrize("code", RAISING)
def test_a_limit_that_a_template_reaches_is_found_at_its_line(
    tmp_path: Path, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(text: str) -> str:
        raise FAULTS[code]

    if "squeeze" in RAISING[code]:
        monkeypatch.setattr("imrgen.compose.filters.squeeze", fail)
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "clinical_summary.html").write_text(RAISING[code])
    renderer = imrgen.Renderer(pack="imr", templates=[tmp_path])
    with pytest.raises(PackError) as caught:
        renderer.render(STARTER)
    (found,) = caught.value.diagnostics
    assert found.code == code
    assert found.span is not None
    assert Path(found.span.file).name == "clinical_summary.html"
    assert found.span.line == 2
    assert Path(found.trace[-1].file).name == "determination.html"
