"""The pytest plugin; pytest loads it in every project, so it imports nothing until it is used."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from imrgen.diagnostics import CaseError
    from imrgen.pipeline import CoverageReport, Letter
    from imrgen.testing.coverage import TestedLetters
    from imrgen.testing.snapshot import LetterSnapshot

COVERAGE = "--letter-coverage"
FAIL_UNDER = "--letter-coverage-fail-under"
PICTURES = "letter_snapshot_pictures"
DIFFERENCES = "letter_differences"
_tested: pytest.StashKey[TestedLetters] = pytest.StashKey()
_reports: pytest.StashKey[list[CoverageReport]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare what a project can choose."""
    parser.addini(PICTURES, "Keep the pages of letters as pictures, too.", "bool", default=True)
    parser.addini(
        DIFFERENCES,
        "Where the pictures of pages that look different are left.",
        default="letter-differences",
    )
    group = parser.getgroup("letters")
    group.addoption(
        COVERAGE,
        action="store_true",
        help="Report which branches of their packs' templates the tests' letters do not take.",
    )
    group.addoption(
        FAIL_UNDER,
        type=float,
        metavar="PERCENT",
        help="Fail if the tests' letters take fewer of the branches of a pack's templates.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Collect what letters take, if that is asked for."""
    if config.getoption(COVERAGE) or config.getoption(FAIL_UNDER) is not None:
        from imrgen.testing.coverage import TestedLetters

        config.stash[_tested] = TestedLetters()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add what a process of pytest-xdist has collected."""
    tested = node.config.stash.get(_tested, None)
    collected = getattr(node, "workeroutput", {}).get("letter_coverage")
    if tested is not None and collected is not None:
        tested.merge(collected)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run whose letters take too few branches; a worker hands on what it has collected."""
    tested = session.config.stash.get(_tested, None)
    if tested is None:
        return
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["letter_coverage"] = tested.dumps()
        return
    least = session.config.getoption(FAIL_UNDER)
    session.config.stash[_reports] = [*tested.reports()]
    is_under = any(report.percent < least for report in session.config.stash[_reports] if least)
    if is_under and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print what the letters take."""
    if _tested not in config.stash:
        return
    from imrgen.testing.coverage import lines

    terminalreporter.section("letter coverage")
    reports = config.stash.get(_reports, [])
    for report in reports:
        for line in lines(report):
            terminalreporter.line(line)
    if not reports:
        terminalreporter.line("no test has made a letter by `letter` or `letter_snapshot`")
    least = config.getoption(FAIL_UNDER)
    for report in reports if least else ():
        if report.percent < least:
            message = f"pack {report.pack}: {report.percent} % is less than {least:g} %"
            terminalreporter.line(message, red=True)


@pytest.fixture
def letter(request: pytest.FixtureRequest) -> Letter | CaseError:
    """The letter that `imrgen.testing.letters` gives the test, or why its case is refused."""
    made: Letter | CaseError = request.param.make()
    _collect(request.config, made)
    return made


@pytest.fixture
def letter_snapshot(
    snapshot: SnapshotAssertion, request: pytest.FixtureRequest
) -> Generator[LetterSnapshot, None, None]:
    """What a letter is compared with: `assert letter == letter_snapshot`."""
    from imrgen.testing.snapshot import LetterSnapshot

    config = request.config
    name = "".join(c if c.isalnum() or c in "-_[]" else "-" for c in request.node.name)
    compared = LetterSnapshot(
        snapshot,
        config.rootpath / config.getini(DIFFERENCES) / request.path.stem / name,
        has_pictures=config.getini(PICTURES),
    )
    yield compared
    for each in compared.letters:
        _collect(config, each)


def _collect(config: pytest.Config, letter: Letter | CaseError) -> None:
    """Note what a letter takes of its templates, if that is asked for."""
    tested = config.stash.get(_tested, None)
    if tested is not None and not isinstance(letter, Exception):
        tested.add(letter)


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
