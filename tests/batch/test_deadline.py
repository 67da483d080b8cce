"""A case that hangs where no worker may be killed: in an executor's, or in the program's own process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import imrgen
from imrgen.batch import deadline
from imrgen.batch.deadline import LateError, within
from tests.batches import letters, make_case, troubled_pack


@pytest.mark.parametrize("kind", ["alone", "threads", "processes"])
def test_a_case_that_hangs_is_given_up_and_costs_no_other(tmp_path: Path, kind: str) -> None:
    cases = [
        make_case(number, **({"eams_number": "HANG"} if number == 7 else {}))
        for number in range(1, 31)
    ]
    spec = imrgen.RendererSpec(templates=(str(troubled_pack(tmp_path / "pack")),))
    options: dict[str, Any] = {"to": tmp_path / "out", "formats": ["text"], "timeout": 3}
    before = threading.active_count()
    if kind == "processes":
        with ProcessPoolExecutor(1) as executor:
            summary = imrgen.render_batch(cases, spec, executor=executor, **options)
    elif kind == "threads":
        with ThreadPoolExecutor(2) as executor:
            summary = imrgen.render_batch(cases, spec.renderer(), executor=executor, **options)
    else:
        summary = imrgen.render_batch(cases, spec.renderer(), **options)
    assert [(each.position, [d.code for d in each.diagnostics]) for each in summary.failed] == [
        (6, ["IMR512"])
    ]
    assert "case 7: took longer than 3 seconds" in str(summary.failed[0].diagnostics[0])
    assert len(letters(tmp_path / "out")) == 29
    assert imrgen.verify_folder(tmp_path / "out") == []
    assert threading.active_count() == before


def test_a_case_that_cannot_be_ended_ends_the_batch_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadline, "_GRACE", 0.2)
    released = threading.Event()
    renderer = imrgen.Renderer()
    usual = renderer.render

    def render(case: Any) -> Any:
        if case.case.number.endswith("3"):
            released.wait()  # waits in C, where nothing is raised
        return usual(case)

    monkeypatch.setattr(renderer, "render", render)
    with pytest.raises(
        imrgen.OutputError, match="case 3: took longer than 1 seconds, and could not be ended"
    ):
        imrgen.render_batch(
            map(make_case, range(1, 6)), renderer, to=tmp_path, formats=["text"], timeout=1
        )
    released.set()
    assert sorted(letters(tmp_path))[:2] == [
        "CM16-0000001-determination.txt",
        "CM16-0000002-determination.txt",
    ]
    assert "CM16-0000003-determination.txt" not in letters(tmp_path)


def _raise() -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize("seconds", [None, 60])
def test_what_is_in_time_gives_its_answer_or_its_fault(seconds: float | None) -> None:
    assert within(seconds, lambda: 5) == 5
    with pytest.raises(ZeroDivisionError):
        within(seconds, _raise)


def test_what_is_late_is_ended_even_where_it_keeps_an_exception_to_itself() -> None:
    caught: list[BaseException] = []

    def stubborn() -> None:
        try:
            _spin(lambda: False)
        except SystemExit as fault:
            caught.append(fault)
        _spin(lambda: False)

    with pytest.raises(LateError) as late:
        within(0.1, stubborn)
    assert late.value.ended
    assert len(caught) == 1


def _spin(enough: Callable[[], bool]) -> None:
    while not enough():
        pass
