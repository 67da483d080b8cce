"""Every code is registered once, with a manual, is used, and is spelt out nowhere else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from imrgen.checks import Check, all_codes, check
from imrgen.diagnostics import codes
from tests.conftest import ROOT
from tests.sources import SOURCES, nodes

ID = re.compile(r"\bIMR\d{3}\b")
REGISTRY = ROOT / "imrgen" / "diagnostics" / "codes"
CONSTANTS = {
    name: value
    for name, value in vars(codes).items()
    if isinstance(value, str) and ID.fullmatch(value)
}


def test_every_code_that_is_not_a_checks_has_one_constant() -> None:
    others = [code.id for code in all_codes().values() if not isinstance(code, Check)]
    assert len(others) > 80
    assert sorted(CONSTANTS.values()) == others


@pytest.mark.parametrize("code", all_codes().values(), ids=lambda code: code.id)
def test_a_code_has_a_title_a_family_and_a_manual(code: codes.Code) -> None:
    assert code.title
    assert code.title[-1] not in ".:"
    assert code.family.title
    last = ("Fails", "Passes") if isinstance(code, Check) else ("Fix", "Example")
    found = re.findall(r"^(What|Why|Fix|Example|Fails|Passes):", code.manual, re.MULTILINE)
    assert found == ["What", "Why", *last]
    example = code.manual.split("\n")[-1]
    assert example.startswith("    "), "a manual ends in an example"


def test_titles_and_manuals_are_not_shared() -> None:
    titles = [code.title for code in all_codes().values()]
    manuals = [code.manual for code in all_codes().values()]
    assert len(set(titles)) == len(titles)
    assert len(set(manuals)) == len(manuals)


def test_a_code_is_registered_once() -> None:
    family = codes.Family("Example", "checks")
    with pytest.raises(ValueError, match="IMR201 is already registered"):
        family.code(codes.UNKNOWN_PACK, "Another meaning", "")


def test_a_check_of_another_package_does_not_take_an_id_of_imrgens() -> None:
    for id_ in (codes.UNKNOWN_PACK, f"{codes.UNKNOWN_PACK}0"):
        with pytest.raises(ValueError, match=f"imrgen's own, such as {id_}"):
            check(id_, "Another meaning", "error", "Example rule")(lambda subject: ())


def literals(path: Path) -> Iterator[tuple[int, str]]:
    """Find the codes spelt out in a module, those that `@check(…)` registers apart."""
    registered = {
        id(call.args[0])
        for function in nodes(path)
        if isinstance(function, ast.FunctionDef)
        for call in function.decorator_list
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "check"
    }
    for node in nodes(path):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and ID.fullmatch(node.value)
            and id(node) not in registered
        ):
            yield node.lineno, node.value


def test_no_code_is_spelt_out_beside_its_registration() -> None:
    outside = [path for path in SOURCES if REGISTRY not in path.parents]
    assert len(outside) > 80
    assert not [(str(path), *found) for path in outside for found in literals(path)]


def decisions(path: Path) -> Iterator[int]:
    """Find where a module compares a diagnostic's code, or takes it apart."""
    for node in nodes(path):
        operands: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            operands = [node.left, *node.comparators]
        elif isinstance(node, ast.Subscript):
            operands = [node.value]
        for each in operands:
            if isinstance(each, ast.Attribute):
                named = isinstance(each.value, ast.Name) and each.value.id == "codes"
                if each.attr == "code" or (named and each.attr in CONSTANTS):
                    yield node.lineno


def test_no_decision_rests_on_a_code() -> None:
    assert not [(str(path), line) for path in SOURCES for line in decisions(path)]


def test_every_constant_is_used() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    used = set(re.findall(r"\bcodes\.([A-Z][A-Z0-9_]+)\b", text))
    assert len(used) > 80
    assert used - set(CONSTANTS) == set()
    assert set(CONSTANTS) - used == set()


MENTIONS = [
    *SOURCES,
    *(ROOT / "tests").rglob("*.py"),
    *(ROOT / "docs").glob("*.md"),
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
]


@pytest.mark.slow
def test_no_unknown_code_is_mentioned() -> None:
    found = {
        (str(path.relative_to(ROOT)), mention)
        for path in MENTIONS
        for mention in ID.findall(path.read_text(encoding="utf-8"))
    }
    assert len(found) > 200
    assert {each for each in found if each[1] not in all_codes()} == set()


def test_the_page_of_codes_in_the_docs_is_this_one() -> None:
    from click.testing import CliRunner

    from imrgen.cli import cli

    written = (ROOT / "docs" / "codes.md").read_text(encoding="utf-8")
    assert CliRunner().invoke(cli, ["explain", "--markdown"]).output == written, (
        "run `imrgen explain --markdown > docs/codes.md`"
    )
