"""What a field is, is said once: a field that is added in the obvious way is protected at once."""

from __future__ import annotations

import copy
import datetime
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest

import imrgen
from imrgen.case import (
    CORE,
    Case,
    Declaration,
    Issue,
    Model,
    Narrative,
    Source,
    case_schema,
    extend,
    load_case,
    read,
)
from imrgen.case.fields import is_struct, plain
from imrgen.pack import TemplatePack, load_pack
from tests.batches import make_case
from tests.conftest import FIXTURES, ROOT

MANIFEST = """
[fields."background"]
type = "markdown"
description = "What happened before, in Markdown."

[fields."employee.history"]
type = "markdown"
description = "The worker's history, in Markdown."

[fields."issues[].background"]
type = "markdown"
description = "What happened before, in Markdown."

[fields."issues[].reviewer_basis.discussion"]
type = "markdown"
description = "The discussion of the evidence, in Markdown."

[fields."case.policy_number"]
type = "identifier"
description = "The insurer's number."

[fields."policies[]"]
type = "table"
description = "The insurer's policies."

[fields."policies[].number"]
type = "identifier"
description = "A policy's number."

[fields."policies[].insurer"]
type = "text"
description = "Whose policy it is."
confidential = true
"""
OURS = f"""\
name = "ours"
title = "Ours"
version = "1"
extends = "imr"
organization.inherit = true
{MANIFEST}"""


def declared() -> Model[Case]:
    """Return the core's model with what a manifest declares."""
    return load_pack("ours", [{"pack.toml": OURS.encode()}]).model


class IssueOfOurs(Issue, frozen=True, tag=False):
    """An issue with one more field, added by one line."""

    background: Annotated[Narrative | None, msgspec.Meta(description="What was before.")] = None


class CaseOfOurs(Case, frozen=True, dict=True):
    """A case of such issues."""

    issues: tuple[IssueOfOurs, ...] = ()


DECLARED = declared()
MODELS = {
    "declared by a manifest": (
        DECLARED,
        (
            "background",
            "employee.history",
            "issues[].background",
            "issues[].reviewer_basis.discussion",
        ),
    ),
    "a line in a subclassed model": (Model(CaseOfOurs), ("issues[].background",)),
    "the core's own": (CORE, ("clinical_summary", "issues[].rationale")),
}
LOST = "[a](https://example.org 'lost')"
NARRATIVES = [
    pytest.param(model, pattern, id=f"{name}-{pattern}")
    for name, (model, patterns) in MODELS.items()
    for pattern in patterns
]


def shown(folder: Path, pattern: str) -> Path:
    """Make an overlay that shows a field as Markdown."""
    before, list_, rest = pattern.partition("[].")
    name = f"row.{rest}" if list_ else pattern
    line = f"{{{{ {name} | markdown }}}}"
    if list_:
        line = f"{{% for row in {before} %}}{line}{{% endfor %}}"
    (folder / "blocks").mkdir()
    (folder / "blocks" / "clinical_summary.html").write_text(line)
    return folder


def written(case: dict[str, Any], pattern: str, text: str) -> dict[str, Any]:
    """Return a case with a text at a field, in the first item of each list."""
    case = copy.deepcopy(case)
    *above, last = pattern.split(".")
    table: Any = case
    for key in above:
        table = table.setdefault(key.removesuffix("[]"), {})
        table = table[0] if key.endswith("[]") else table
    table[last] = text
    return case


def path_of(pattern: str) -> tuple[str | int, ...]:
    """Return the path of a field in the first item of each list."""
    parts = re.findall(r"\w+|\[\]", pattern)
    return tuple(0 if part == "[]" else part for part in parts)


@pytest.fixture
def renderer(
    tmp_path: Path, model: Model[Case], pattern: str, monkeypatch: pytest.MonkeyPatch
) -> imrgen.Renderer:
    """A renderer whose pack has the model, and a template that shows the field."""
    if model is DECLARED:
        (tmp_path / "pack.toml").write_text(OURS)
    elif model is not CORE:
        monkeypatch.setattr(TemplatePack, "model", model)
    return imrgen.Renderer(templates=[shown(tmp_path, pattern)])


@pytest.mark.parametrize(("model", "pattern"), NARRATIVES)
@pytest.mark.parametrize("what", ["number", "name"])
def test_another_cases_identifier_in_a_markdown_field_stops_the_letter(
    renderer: imrgen.Renderer, model: Model[Case], pattern: str, what: str
) -> None:
    other = make_case(2)
    text = other["case"]["claim_number"] if what == "number" else other["employee"]["name"]
    cases = [written(make_case(1), pattern, f"See the file of {text}."), other]
    fields = [written(case, pattern, "Text.") if case is other else case for case in cases]
    summary = imrgen.render_batch(fields, renderer, formats=["text"])
    (failed,) = summary.failed
    (found,) = [d for d in failed.diagnostics if d.severity == "error"]
    assert (failed.position, found.code, found.path) == (0, "IMR514", path_of(pattern))


@pytest.mark.parametrize(("model", "pattern"), NARRATIVES)
def test_the_workers_name_in_a_markdown_field_is_an_error(
    renderer: imrgen.Renderer, model: Model[Case], pattern: str
) -> None:
    case = written(make_case(1), pattern, f"{make_case(1)['employee']['name']} was seen.")
    with pytest.raises(imrgen.CaseError) as refused:
        renderer.render(case)
    errors = [(d.code, d.path) for d in refused.value.diagnostics if d.severity == "error"]
    assert errors == [("IMR381", path_of(pattern))]


@pytest.mark.parametrize(("model", "pattern"), NARRATIVES)
def test_what_a_markdown_field_would_lose_is_reported_there(
    renderer: imrgen.Renderer, model: Model[Case], pattern: str
) -> None:
    with pytest.raises(imrgen.CaseError) as refused:
        renderer.render(written(make_case(1), pattern, LOST))
    assert [(d.code, d.path) for d in refused.value.diagnostics if d.severity == "error"] == [
        ("IMR110", path_of(pattern))
    ]


@pytest.mark.parametrize(
    ("model", "pattern"),
    [(CORE, "employer.address"), (CORE, "issues[].item"), (CORE, "recipients[].address")],
)
def test_a_plain_text_that_a_template_shows_as_markdown_is_named(
    renderer: imrgen.Renderer, pattern: str
) -> None:
    case = {**make_case(1), "recipients": [{"role": "Employee", "name": "Maria Sample"}]}
    with pytest.raises(imrgen.CaseError) as refused:
        renderer.render(written(case, pattern, LOST))
    assert ("IMR110", path_of(pattern)) in [(d.code, d.path) for d in refused.value.diagnostics]


@pytest.mark.parametrize(
    ("shows", "message"),
    [
        ("notices.lost", "notice `lost` cannot be shown in full"),
        (
            "'[b](https://example.org \\'lost\\')'",
            "a text that a template shows as Markdown cannot be shown in full",
        ),
    ],
)
def test_a_text_of_the_pack_that_would_be_lost_is_the_packs_fault(
    tmp_path: Path, shows: str, message: str
) -> None:
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "clinical_summary.html").write_text(f"{{{{ ({shows}) | markdown }}}}")
    (tmp_path / "pack.toml").write_text(
        'name = "ours"\ntitle = "Ours"\nversion = "1"\nextends = "imr"\n'
        "organization.inherit = true\n"
        f'[notices]\nlost = "{LOST}"\n'
    )
    renderer = imrgen.Renderer(templates=[tmp_path])
    with pytest.raises(imrgen.PackError) as refused:
        renderer.render(make_case(1))
    assert [d.message for d in refused.value.diagnostics] == [f"pack `ours`: {message}"]


IDENTIFIERS = {
    "case.number": ("CM16-7734991", "CM16-5512040", "warning"),
    "case.claim_number": ("PN-7734-991", "QX-551-204", "error"),
    "case.policy_number": ("PN-7734-991", "QX-551-204", "error"),
    "policies[].number": ("PN-7734-991", "QX-551-204", "error"),
}


@pytest.mark.parametrize(("model", "pattern"), [(DECLARED, "clinical_summary")])
@pytest.mark.parametrize("field", IDENTIFIERS)
def test_an_identifier_is_protected(renderer: imrgen.Renderer, pattern: str, field: str) -> None:
    own, others, severity = IDENTIFIERS[field]
    cases = [make_case(number) | {"policies": [{}]} for number in (1, 2)]
    mine, other = written(cases[0], field, own), written(cases[1], field, others)
    found = renderer.check(written(mine, pattern, f"The file {own} is there."), formats=())
    assert [(d.code, d.severity, d.path) for d in found if d.code == "IMR382"] == [
        ("IMR382", severity, path_of(pattern))
    ]
    mixed = written(mine, pattern, f"The file {others} is there.")
    summary = imrgen.render_batch([mixed, other], renderer, formats=["text"])
    (outcome,) = summary.failed
    codes = [d.code for d in outcome.diagnostics if d.severity == "error"]
    assert (outcome.position, codes) == (0, ["IMR514"])


@pytest.mark.parametrize(("model", "pattern"), [(DECLARED, "clinical_summary")])
@pytest.mark.parametrize("field", ["employer.name", "policies[].insurer"])
def test_a_confidential_text_is_looked_for_in_narratives(
    renderer: imrgen.Renderer, pattern: str, field: str
) -> None:
    case = written(make_case(1) | {"policies": [{}]}, field, "Quillfeather Mutual")
    case = written(case, pattern, "The insurer Quillfeather Mutual paid for it.")
    found = renderer.check(case, formats=())
    assert [(d.code, d.path) for d in found if d.code == "IMR381"] == [("IMR381", (pattern,))]


def test_a_declared_field_validates_and_completes_as_the_cores_do() -> None:
    model = DECLARED
    text = "backgroud = 'x'\n[case]\npolicy_number = 5\n[[issues]]\nitem = 'a'\nbackground = ' '\n"
    with pytest.raises(imrgen.CaseError) as refused:
        load_case(imrgen.case.parse(text, "case.toml"), model)
    assert [(d.code, d.span and d.span.line, d.hints) for d in refused.value.diagnostics] == [
        ("IMR101", 1, ("did you mean `background`?",)),
        ("IMR102", 3, ()),
        ("IMR103", 6, ()),
    ]
    schema = case_schema(model)
    assert "background" in schema["properties"]
    assert "background" in schema["$defs"]["Issue"]["properties"]
    assert "background" not in case_schema()["$defs"]["Issue"]["properties"]
    with pytest.raises(imrgen.CaseError, match="IMR101"):
        imrgen.load_case({"background": "x"})


def test_the_core_is_not_changed_by_extending_it() -> None:
    before = {field.key for _, _, field in CORE.walk(imrgen.load_case(FIXTURES[0]))}
    declared()
    assert {field.key for _, _, field in CORE.walk(imrgen.load_case(FIXTURES[0]))} == before
    with pytest.raises(ValueError, match="no table"):
        extend(CORE, {"nowhere.x": Declaration(type="text", description="x")})


def leaves(walked: Iterator[tuple[Any, Any, Any]]) -> set[tuple[Any, ...]]:
    """Return the paths and kinds of what isn't a table or a list."""
    return {
        (path, field.kind)
        for path, value, field in walked
        if not isinstance(value, dict | list | tuple | msgspec.Struct)
    }


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_a_case_and_its_data_are_walked_alike(path: Path) -> None:
    case = imrgen.load_case(path)
    assert isinstance(case.source, Source)
    found = leaves(CORE.walk(case))
    assert found == leaves(CORE.walk(case.source.data))
    assert found
    for place, kind in found:
        pattern = "".join("[]" if isinstance(k, int) else f".{k}" for k in place)[1:]
        field = CORE.find(pattern)
        assert field is not None
        assert field.kind == kind


JUNK: list[Any] = [None, True, 5, 5.5, "", "x", [], [1], ["a"], {}, {"a": 1}]
JUNK += [[[]], [{}], datetime.date(2020, 1, 1), "CM16-0000001", {"unit": []}]


@pytest.mark.slow
def test_any_data_can_be_walked() -> None:
    source = random.Random(11)
    data = [read(path).data for path in FIXTURES]
    assert data
    for _ in range(2000):
        case = copy.deepcopy(source.choice(data))
        for _ in range(source.randint(1, 3)):
            table: Any = case
            while isinstance(table, dict | list) and table:
                key = source.choice(list(table) if isinstance(table, dict) else range(len(table)))
                if source.random() < 0.4 or not isinstance(table[key], dict | list):
                    table[key] = copy.deepcopy(source.choice(JUNK))
                    break
                table = table[key]
        assert all(value is not None for _, value, _ in CORE.walk(case))


def test_every_field_of_the_core_says_what_it_is() -> None:
    kinds: dict[str, list[str]] = {}

    def collect(field: Any, pattern: str) -> None:
        for key, inner in field.fields.items():
            name = f"{pattern}.{key}".lstrip(".")
            kinds.setdefault(inner.kind, []).append(name)
            collect(inner.item or inner, f"{name}[]" if inner.item else name)

    collect(CORE.root, "")
    assert kinds["narrative"] == ["clinical_summary", "issues[].rationale"]
    assert kinds["identifier"] == ["case.number", "case.claim_number", "case.eams_number"]
    assert kinds["name"] == ["employee.name"]
    assert kinds["code"] == ["issues[].codes[].code"]
    assert "decision" in "".join(kinds["choice"])
    assert CORE.find("case.number").confidential is False  # type: ignore[union-attr]
    assert CORE.find("employee.name").confidential is True  # type: ignore[union-attr]
    assert CORE.find("issues[].rationale").confidential is False  # type: ignore[union-attr]


def test_a_table_is_called_by_the_keys_under_which_it_stands() -> None:
    tables = {
        pattern: alternative
        for pattern, field in CORE.patterns()
        for alternative in map(plain, (field.item or field).alternatives)
        if is_struct(alternative) and field.kind == "table"
    }
    assert len(tables) > 10
    for pattern, table in tables.items():
        found = CORE.find(pattern)
        assert found is not None
        called = f"an item of `{found.key}`" if found.item else f"`{found.key}`"
        names = CORE.name_of(table).split(" or ")
        assert called in names
        assert len({name.removeprefix("an item of ") for name in names}) == len(names)


def test_a_letter_may_require_a_field_whose_key_is_a_python_keyword() -> None:
    case = imrgen.load_case({"documents": [{"kind": "x", "from": "2020-01-01"}, {"kind": "y"}]})
    assert list(CORE.missing(case, "documents[].from")) == [("documents", 1, "from")]


@pytest.mark.parametrize(
    ("pattern", "known"),
    [
        ("issues[].rationale", True),
        ("issues[]", True),
        ("issues", True),
        ("documents[].from", True),
        ("issues[].requested.unit", True),
        ("documents[].from_", False),
        ("issues.rationale", False),
        ("case[]", False),
        ("case.number.x", False),
        ("", False),
    ],
)
def test_patterns_name_fields(pattern: str, known: bool) -> None:
    assert (CORE.find(pattern) is not None) is known


def test_only_the_case_room_reads_a_structs_own_list_of_fields() -> None:
    modules = [
        path
        for path in (ROOT / "imrgen").rglob("*.py")
        if path.parent != ROOT / "imrgen" / "case" and "__struct_" in path.read_text("utf-8")
    ]
    assert modules == []
