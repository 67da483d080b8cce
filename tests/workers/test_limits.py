"""Limits have one name and one code wherever they are set and reached."""

from __future__ import annotations

import dis
import functools
import importlib
import inspect
import pickle
import resource
import signal
import subprocess
import sys
import typing
from collections import deque
from pathlib import Path
from types import FrameType, TracebackType
from unittest.mock import Mock

import click
import pytest
from click.testing import CliRunner

import imrgen
from imrgen.batch import Batch, BatchOptions
from imrgen.case import load_case
from imrgen.cli import cli
from imrgen.compose.composer import Composer
from imrgen.compose.environment import Sandbox
from imrgen.compose.template_errors import template_error
from imrgen.diagnostics import LimitError
from imrgen.pack import load_pack
from imrgen.workers import Limits, Pool, TimedOut, WorkerLost, diagnose, limited, process
from imrgen.workers.process import uninterrupted
from imrgen.workers.worker import _pack
from tests.command_line import invoke
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"


@pytest.mark.parametrize(
    "name", ["batch", "check", "extract", "preview", "render", "sign", "verify"]
)
def test_a_command_that_reads_files_takes_each_limit(name: str) -> None:
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
    with pytest.raises(imrgen.PackLimitError) as caught:
        renderer.render(STARTER)
    assert isinstance(caught.value, imrgen.LimitError)
    (found,) = caught.value.diagnostics
    assert found.code == code
    assert found.span is not None
    assert Path(found.span.file).name == "clinical_summary.html"
    assert found.span.line == 2
    assert Path(found.trace[-1].file).name == "determination.html"


def test_a_limit_is_found_at_a_line_of_the_template_wherever_it_is_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some instructions of what Jinja compiles have no line of their own."""
    frames: list[FrameType] = []

    def keep(text: str) -> str:
        frame: FrameType | None = sys._getframe(1)
        while frame and not frame.f_code.co_filename.endswith("clinical_summary.html"):
            frame = frame.f_back
        frames.extend(filter(None, [frame]))
        return text

    monkeypatch.setattr("imrgen.compose.filters.squeeze", keep)
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "clinical_summary.html").write_text(
        "\n{{ 'x' | squeeze }}{% for a in 'xx' %}{% if a %}{% endif %}{% endfor %}"
    )
    pack = load_pack("imr", [tmp_path])
    composer = Composer(pack, "determination")
    composer.compose(load_case(STARTER))
    code = frames[0].f_code
    assert any(line is None for _, _, line in code.co_lines())
    for instruction in dis.get_instructions(code):
        # -1: as the interpreter has it, from the instruction.
        at = TracebackType(None, frames[0], instruction.offset, -1)
        error = template_error(
            TimedOut("3").with_traceback(at), composer.pack, Sandbox(composer.pack)
        )
        (found,) = error.diagnostics
        assert found.code == "IMR512"
        assert found.span is not None
        assert Path(found.span.file).name == "clinical_summary.html"


TOO_MUCH = {
    "IMR413": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "IMR512": "{% for a in 'x' * 99999 %}{% for b in 'x' * 99999 %}{% endfor %}{% endfor %}",
    "IMR513": "{{ 'a' | center(10 ** 11) }}",
}


@pytest.mark.slow
@pytest.mark.parametrize("code", TOO_MUCH)
def test_the_command_line_limits_its_own_process(code: str, tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "clinical_summary.html").write_text(TOO_MUCH[code])
    limits = ["--timeout", "2" if code == "IMR512" else "300", "--memory", "4096"]
    out = ["-f", "text", "-o", str(tmp_path / "out")]
    run = CliRunner().invoke(
        cli, ["render", str(STARTER), "--templates", str(tmp_path), *limits, *out]
    )
    assert run.exit_code == 1
    # A slow machine may have needed all the time before the template was reached.
    assert f"error[{code}]" in f"{run.output}{run.exception}"
    assert "clinical_summary.html:1:1" in run.output or code == "IMR512"
    assert not [*tmp_path.glob("out/*")]


@pytest.mark.slow
def test_what_does_not_return_to_python_ends_with_its_process() -> None:
    script = (
        "from imrgen.workers import Limits, limited\n"
        "with limited(Limits(0.1, 256)): sum(range(10 ** 13))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert run.returncode == 1
    assert run.stderr.startswith("Timeout")


def test_limits_end_with_what_they_are_for() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS), signal.getsignal(signal.SIGALRM)
    with pytest.raises(imrgen.LimitError), limited(Limits(60, 256)):
        bytearray(2**30)
    assert (resource.getrlimit(resource.RLIMIT_AS), signal.getsignal(signal.SIGALRM)) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


@pytest.mark.slow
def test_a_result_that_is_too_large_is_a_limit() -> None:
    content = _pack(bytes(2**27), is_leaving=False)
    assert pickle.loads(content[1:]).diagnostic.code == "IMR513"


def test_no_limit_interrupts_what_would_be_left_half_done() -> None:
    done = []
    with pytest.raises(imrgen.LimitError), limited(Limits(60, 4096)):
        with uninterrupted():
            signal.raise_signal(signal.SIGALRM)
            done.append("the start of a worker")
        signal.pause()
        done.append("what follows")
    assert done == ["the start of a worker"]


def test_a_pool_that_is_interrupted_has_every_worker_that_it_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool = Pool(functools.partial(print, "never"), Limits(60, 1024))
    made = object()

    def begin(number: int) -> object:
        signal.raise_signal(signal.SIGALRM)
        return made

    monkeypatch.setattr(pool, "_worker", begin)
    with pytest.raises(imrgen.LimitError), limited(Limits(60, 4096)):
        pool.start()
        signal.pause()
    assert pool.workers == [made]
    pool.workers.clear()
    pool.close()


@pytest.mark.parametrize("is_held", [False, True])
def test_where_the_system_has_no_alarm_a_thread_limits_the_time(
    is_held: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_alarm", process._ThreadAlarm)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(LimitError) as error, limited(Limits(timeout=0.02)):
        if is_held:
            with uninterrupted():
                deque(range(10**6), maxlen=0)
        while True:
            pass
    assert [each.code for each in error.value.diagnostics] == ["IMR512"]
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_is_nobody_s_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_alarm", process._ThreadAlarm)
    with pytest.raises(KeyboardInterrupt), limited(Limits()), limited(Limits()):
        signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("lacking", ["/proc", "resource"])
def test_a_limit_of_memory_that_the_system_does_not_keep_is_told(
    lacking: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    if lacking == "resource":
        monkeypatch.setattr(process, "resource", None)
    else:
        monkeypatch.setattr(process, "open", Mock(side_effect=FileNotFoundError), raising=False)
    assert not process.limits_memory()
    with limited(Limits(memory=256)):
        assert resource.getrlimit(resource.RLIMIT_AS) == before
    told = "--memory: this system does not limit the memory of a process"
    for arguments in (["--memory", "1024"], []):
        run = invoke("render", STARTER, "-f", "text", "-o", "-", *arguments, cwd=tmp_path)
        assert run.returncode == 0
        assert run.stderr.splitlines() == ([told] if arguments else [])
