"""The pytest plugin; pytest loads it in every project, so it imports nothing until it is used."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from imrgen.diagnostics import CaseError
    from imrgen.pipeline import Letter
    from imrgen.testing.snapshot import LetterSnapshot

PICTURES = "letter_snapshot_pictures"
DIFFERENCES = "letter_differences"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare what a project can choose."""
    parser.addini(PICTURES, "Keep the pages of letters as pictures, too.", "bool", default=True)
    parser.addini(
        DIFFERENCES,
        "Where the pictures of pages that look different are left.",
        default="letter-differences",
    )


@pytest.fixture
def letter(request: pytest.FixtureRequest) -> Letter | CaseError:
    """The letter that `imrgen.testing.letters` gives the test, or why its case is refused."""
    made: Letter | CaseError = request.param.make()
    return made


@pytest.fixture
def letter_snapshot(snapshot: SnapshotAssertion, request: pytest.FixtureRequest) -> LetterSnapshot:
    """What a letter is compared with: `assert letter == letter_snapshot`."""
    from imrgen.testing.snapshot import LetterSnapshot

    config = request.config
    name = "".join(c if c.isalnum() or c in "-_[]" else "-" for c in request.node.name)
    return LetterSnapshot(
        snapshot,
        config.rootpath / config.getini(DIFFERENCES) / request.path.stem / name,
        has_pictures=config.getini(PICTURES),
    )


@pytest.hookimpl(tryfirst=True)
def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Say first what is compared; the report has a section for what differs."""
    snapshots = _snapshots((left, right)) if op == "==" else []
    return snapshots[0].differences[:1] if snapshots else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add what differs to the report of a test that failed, in full: pytest cuts comparisons."""
    report = yield
    if report.when == "call" and report.failed:
        for snapshot in _snapshots(getattr(item, "funcargs", {}).values()):
            report.sections.append(("letter", "\n".join(snapshot.differences)))
    return report


def _snapshots(values: Iterable[object]) -> list[LetterSnapshot]:
    """Return those of some values that are snapshots in which something differs."""
    loaded: Any = sys.modules.get("imrgen.testing.snapshot")
    if loaded is None:
        return []
    return [each for each in values if isinstance(each, loaded.LetterSnapshot) and each.differences]
