"""Letters under limits of time and memory: as without them, and ended where they are reached."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import imrgen
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
ENDLESS = "{% for a in 'x' * 99999 %}{% for b in 'x' * 99999 %}{% endfor %}{% endfor %}"
BLOCK = f"{{% if 'endless' in clinical_summary %}}\n{ENDLESS}{{% endif %}}<p>x</p>"


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pack")
    (folder / "blocks").mkdir()
    (folder / "blocks" / "clinical_summary.html").write_text(BLOCK)
    return folder


@pytest.fixture(scope="module")
def limited(templates: Path) -> Iterator[imrgen.LimitedRenderer]:
    renderer = imrgen.LimitedRenderer(templates=[templates], limits=imrgen.Limits(300, 2048))
    yield renderer
    renderer.close()


@pytest.fixture
def endless(case: dict[str, Any]) -> dict[str, Any]:
    return case | {"clinical_summary": "An endless text."}


def test_a_letter_is_the_same_as_without_limits(
    limited: imrgen.LimitedRenderer, templates: Path
) -> None:
    plain = imrgen.Renderer(templates=[templates]).render(STARTER)
    with STARTER.open("rb") as stream:
        letter = limited.render(stream, formats=["text"])
    assert letter.text == plain.text
    assert letter.html == plain.html
    assert letter.provenance == plain.provenance
    assert letter.origin(0) == plain.origin(0)
    assert pickle.loads(pickle.dumps(letter)).html == plain.html
    assert limited.check(STARTER, formats=()) == imrgen.check(
        STARTER, templates=[templates], formats=()
    )


def test_what_is_wrong_is_raised_as_without_limits(
    limited: imrgen.LimitedRenderer, case: dict[str, Any]
) -> None:
    del case["case"]
    errors = []
    for make in (limited.render, imrgen.render):
        with pytest.raises(imrgen.CaseError) as error:
            make(case)
        errors.append(error.value.diagnostics)
    assert errors[0] == errors[1]


def test_a_case_that_takes_too_long_costs_itself_only(
    templates: Path, endless: dict[str, Any]
) -> None:
    limited = imrgen.LimitedRenderer(templates=[templates], limits=imrgen.Limits(2, 2048))
    with pytest.raises(imrgen.ImrgenError) as error:
        limited.render(endless)
    assert [each.code for each in error.value.diagnostics] == ["IMR512"]
    assert [each.code for each in limited.check(endless)] == ["IMR512"]


def test_a_task_that_is_cancelled_ends_its_worker(
    limited: imrgen.LimitedRenderer, endless: dict[str, Any]
) -> None:
    async def cancelled() -> imrgen.Letter:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(limited.render_async(endless), 0.01)
        # Others go on meanwhile; the one worker is free again.
        return await limited.render_async(STARTER, formats=["html"])

    assert "Determination" in asyncio.run(cancelled()).html
