"""Reading a case: what is refused, where the fault is reported, and that no value is quoted."""

from __future__ import annotations

import datetime
import io
import json
import pickle
import re
from pathlib import Path
from typing import Any

import pytest
import tomli
from jsonschema import Draft202012Validator

import imrgen
from imrgen.case import CORE, MOST_BYTES, case_schema, load_case, parse
from imrgen.diagnostics import field
from tests.conftest import FIXTURES, ROOT

SECRET = "Quillfeather"


def refusal(text: str, name: str = "case.toml") -> list[tuple[int, int, str, str]]:
    """Return line, column, code and field of every fault of a text."""
    with pytest.raises(imrgen.CaseError) as caught:
        load_case(parse(text, name))
    shown = str(caught.value)
    assert SECRET not in shown
    return [
        (d.span.line if d.span else 0, d.span.column if d.span else 0, d.code, field(d.path))
        for d in caught.value.diagnostics
    ]


TOML_FAULTS = {
    "empty": ("", [(1, 1, "IMR002", "")]),
    "nothing but comments": ("\n# note\n", [(1, 1, "IMR002", "")]),
    "unknown table": ("[x]\nx = 1\n", [(1, 2, "IMR101", "x")]),
    "misspelt tables and what is below them": (
        '[cases]\nnumbr = "x"\n[[isues]]\nitem = "a"\ndecision = "Quillfeather"\n'
        "[employee]\nreviewers = [{ vote = 1 }]\n",
        [
            (1, 2, "IMR101", "cases"),
            (2, 1, "IMR101", "cases.numbr"),
            (2, 9, "IMR103", "cases.numbr"),
            (3, 3, "IMR101", "isues"),
            (5, 12, "IMR103", "isues[0].decision"),
            (7, 1, "IMR101", "employee.reviewers"),
            (7, 23, "IMR103", "employee.reviewers[0].vote"),
        ],
    ),
    "unknown key": ('[employee]\nnmae = "Quillfeather"\n', [(2, 1, "IMR101", "employee.nmae")]),
    "dotted key": ('employee.nmae = "Quillfeather"\n', [(1, 10, "IMR101", "employee.nmae")]),
    "inline table": ('employee = { sex = "Quillfeather" }\n', [(1, 20, "IMR103", "employee.sex")]),
    "array of tables": (
        '[[issues]]\nitem = "a"\n[[issues]]\nitem = "b"\ndecision = "Quillfeather"\n',
        [(5, 12, "IMR103", "issues[1].decision")],
    ),
    "table in an array of tables": (
        '[[issues]]\nitem = "a"\n[issues.reviewer_basis]\nothers = []\n',
        [(4, 1, "IMR101", "issues[0].reviewer_basis.others")],
    ),
    "item of a list": (
        '[[reviewers]]\nlicensure = ["Ohio", 3]\n',
        [(2, 22, "IMR102", "reviewers[0].licensure[1]")],
    ),
    "after a multi-line string": (
        'clinical_summary = """\nQuillfeather é\n"""\n[case]\nnumber = "Quillfeather"\n',
        [(5, 10, "IMR103", "case.number")],
    ),
    "after a wide character": (
        'employee = { name = "Zoë", age = "x" }\n',
        [(1, 34, "IMR102", "employee.age")],
    ),
    "quoted date": (
        '[case]\ndecision_date = "2016-01-02"\n',
        [(2, 17, "IMR102", "case.decision_date")],
    ),
    "date with a time": (
        "[case]\ndecision_date = 2016-01-02T03:04:05\n",
        [(2, 17, "IMR102", "case.decision_date")],
    ),
    "blank text": ('[[issues]]\nitem = " "\n', [(2, 8, "IMR103", "issues[0].item")]),
    "control character": (
        '[[issues]]\nitem = "a\\u0000b"\n',
        [(2, 10, "IMR103", "issues[0].item")],
    ),
    "several control characters": (
        '[[issues]]\nitem = "a\\u0000b\\u0000"\nrationale = """a\nb\\u0007c\\u001b"""\n',
        [
            (2, 10, "IMR103", "issues[0].item"),
            (4, 2, "IMR103", "issues[0].rationale"),
            (4, 9, "IMR103", "issues[0].rationale"),
        ],
    ),
    "missing key": (
        "[[documents]]\nauthor = 'Quillfeather'\n",
        [(1, 3, "IMR105", "documents[0].kind")],
    ),
    "number out of range": ("[employee]\nage = 131\n", [(2, 7, "IMR103", "employee.age")]),
    "true as a number": ("[employee]\nage = true\n", [(2, 7, "IMR102", "employee.age")]),
    "number trailed by a newline": (
        '[case]\nnumber = "CM16-0000001\\n"\n',
        [(2, 10, "IMR103", "case.number")],
    ),
    "no number": (
        '[[issues]]\nitem = "a"\nrequested = { quantity = nan, unit = "Quillfeather" }\n',
        [(3, 26, "IMR103", "issues[0].requested.quantity")],
    ),
    "endless number": (
        '[[issues]]\nitem = "a"\nrequested = { quantity = -inf, unit = "Quillfeather" }\n',
        [(3, 26, "IMR103", "issues[0].requested.quantity")],
    ),
    "less than nothing": (
        '[[issues]]\nitem = "a"\nrequested = { quantity = -0.5, unit = "Quillfeather" }\n',
        [(3, 26, "IMR103", "issues[0].requested.quantity")],
    ),
    "part of a whole number": ("[employee]\nage = 45.5\n", [(2, 7, "IMR102", "employee.age")]),
    "more authorized than requested": (
        '[[issues]]\nitem = "a"\nrequested = { quantity = 6, unit = "visits" }\n'
        'authorized = { quantity = 12, unit = "Visits" }\n'
        'remaining = { quantity = 6, unit = "visits" }\n',
        [(4, 14, "IMR104", "issues[0].authorized")],
    ),
    "list for a table": ("employee = []\n", [(1, 12, "IMR102", "employee")]),
    "table for a list": ("[issues]\nitem = 'x'\n", [(1, 2, "IMR102", "issues")]),
    "part of a modification": (
        '[[issues]]\nitem = "a"\nrequested = "Quillfeather"\n',
        [(3, 1, "IMR104", "issues[0].requested")],
    ),
    "depends on nothing": (
        '[[issues]]\nitem = "a"\ndepends_on = "Quillfeather"\n',
        [(3, 14, "IMR104", "issues[0].depends_on")],
    ),
    "two faults": (
        '[case]\npriority = "Quillfeather"\n[employee]\nage = "Quillfeather"\n',
        [(2, 12, "IMR103", "case.priority"), (4, 7, "IMR102", "employee.age")],
    ),
    "no TOML": ("[case]\nnumber = Quillfeather\n", [(2, 10, "IMR002", "case.number")]),
    "open string": ('[case]\nnumber = "Quillfeather\n', [(2, 10, "IMR002", "case.number")]),
    "key given twice": (
        '[case]\nclaim_number = "a"\nclaim_number = "Quillfeather"\n',
        [(3, 1, "IMR002", "case.claim_number")],
    ),
    "many long keys": (
        "".join(f"[q{number}{'.a' * 97}]\n" for number in range(3000)),
        [(0, 0, "IMR004", "")],
    ),
    "endless key": ("a" + ".a" * 100_000 + " = 1\n", [(1, 1, "IMR004", "")]),
    "nested too deep": ("x = " + "[" * 5000, [(0, 0, "IMR004", "")]),
    "number too long": ("x = 1" + "0" * 5000, [(0, 0, "IMR004", "")]),
}


@pytest.mark.parametrize("name", TOML_FAULTS)
def test_toml_faults(name: str) -> None:
    text, expected = TOML_FAULTS[name]
    assert refusal(text) == expected


JSON_FAULTS = {
    "unknown key": (
        '{"employee":\n {"nmae": "Quillfeather"}}',
        [(2, 3, "IMR101", "employee.nmae")],
    ),
    "wrong type": (
        '{"employee": {"name": "é",\n  "age": "Quillfeather"}}',
        [(2, 10, "IMR102", "employee.age")],
    ),
    "same line": ('{"employee": {"name": "é", "age": "x"}}', [(1, 35, "IMR102", "employee.age")]),
    "item of a list": (
        '{"issues": [{"item": "a"}, {"item": 4}]}',
        [(1, 37, "IMR102", "issues[1].item")],
    ),
    "no date": (
        '{"case": {"decision_date": "2015-02-30"}}',
        [(1, 28, "IMR102", "case.decision_date")],
    ),
    "null for a known key beside an unknown null": (
        '{"employee": null, "x": null}',
        [(1, 20, "IMR101", "x")],
    ),
    "doubled key": ('{"employee": {"age": 1,\n "age": 2}}', [(2, 2, "IMR003", "employee.age")]),
    "not a number": ('{"employee": {"age": NaN}}', [(1, 22, "IMR003", "employee.age")]),
    "half a surrogate pair": (
        '{"clinical_summary":\n "Quillfeather \\ud83d"}',
        [(2, 16, "IMR003", "clinical_summary")],
    ),
    "too large a number": (
        '{"issues": [{"item": "a", "requested": {"quantity": 1e400, "unit": "x"}}]}',
        [(1, 53, "IMR103", "issues[0].requested.quantity")],
    ),
    "a list": ("[]", [(0, 0, "IMR006", "")]),
    "no JSON": ('{"case": Quillfeather}', [(1, 10, "IMR003", "case")]),
    "trailing comma": ('{"case": {},}', [(1, 12, "IMR003", "")]),
    "nested too deep": ("[" * 100_000, [(0, 0, "IMR004", "")]),
}


@pytest.mark.parametrize("name", JSON_FAULTS)
def test_json_faults(name: str) -> None:
    text, expected = JSON_FAULTS[name]
    assert refusal(text, "case.json") == expected


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (None, "IMR001", "does not exist"),
        (b"\xff\xfe", "IMR005", "UTF-8"),
        (b"x" * (MOST_BYTES + 1), "IMR004", "larger"),
    ],
)
def test_a_file_that_cannot_be_read(
    content: bytes | None, code: str, says: str, tmp_path: Path
) -> None:
    path = tmp_path / "case.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(imrgen.CaseError) as caught:
        load_case(path)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == code
    assert says in diagnostic.message


_TABLES: Any = {"case": {}}
_TABLES["case"]["case"] = _TABLES


@pytest.mark.slow
@pytest.mark.parametrize(
    "case",
    [
        {"clinical_summary": "a" * (MOST_BYTES + 1)},
        {
            "issues": [
                {"rationale": "a" * (MOST_BYTES // 2)},
                {"rationale": "a" * (MOST_BYTES // 2)},
            ]
        },
        {"a" * (MOST_BYTES + 1): 1},
        {"issues": [1] * (MOST_BYTES + 1)},
        _TABLES,
    ],
    ids=["a text", "texts", "a key", "a list", "a circle"],
)
def test_a_mapping_may_hold_no_more_than_a_file(case: dict[str, Any]) -> None:
    with pytest.raises(
        imrgen.CaseError, match=r"IMR004.*the data is (larger than 4 MiB|nested too deep)"
    ):
        load_case(case)


def test_a_text_may_be_no_longer_than_a_file() -> None:
    with pytest.raises(imrgen.CaseError, match=r"IMR004"):
        parse("#" * (MOST_BYTES + 1))


def test_a_folder_is_no_case(tmp_path: Path) -> None:
    with pytest.raises(imrgen.CaseError, match="is a folder"):
        load_case(tmp_path)


def test_a_missing_file_names_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "case.json").write_text("{}")
    with pytest.raises(imrgen.CaseError, match=r"did you mean .*case\.json"):
        load_case(tmp_path / "case.toml")


def test_the_caret_stands_under_the_key_and_the_value_is_hidden() -> None:
    with pytest.raises(imrgen.CaseError) as caught:
        load_case(parse('[employee]\nnmae = "Quillfeather"\n', "case.toml"))
    assert str(caught.value).splitlines() == [
        "case.toml:2:1: error[IMR101]: employee.nmae: unknown key; did you mean `name`?",
        "  2 | nmae = …",
        "    | ^^^^",
    ]


def test_toml_json_a_stream_and_a_mapping_give_the_same_case(
    case: dict[str, object], tmp_path: Path
) -> None:
    text = json.dumps(case, default=str)
    (tmp_path / "case.json").write_text(text)
    cases = [
        load_case(ROOT / "imrgen" / "starter.toml"),
        load_case(tmp_path / "case.json"),
        load_case(io.StringIO(text)),
        load_case(io.BytesIO((ROOT / "imrgen" / "starter.toml").read_bytes())),
        load_case(case),
        load_case(json.loads(text)),
    ]
    assert all(other == cases[0] for other in cases)
    assert cases[0].case.decision_date == datetime.date(2016, 11, 2)


def test_null_is_the_same_as_absent() -> None:
    assert load_case({"employee": {"name": None}, "issues": None, "case": None}) == load_case({})


def test_a_whole_number_may_be_written_with_a_point() -> None:
    """JSON Schema counts 45.0 as an integer, and so do programs that export tables."""
    basis = {"mtus": [{"title": "a", "year": 2004.0}]}
    data = {"employee": {"age": 45.0}, "issues": [{"item": "a", "reviewer_basis": basis}]}
    Draft202012Validator(case_schema()).validate(data)
    case = load_case(data)
    assert case.employee.age == 45
    assert case.issues[0].reviewer_basis
    assert [repr(each.year) for each in case.issues[0].reviewer_basis.mtus] == ["2004"]
    assert load_case(parse("[employee]\nage = 45.0\n")).employee.age == 45


def test_items_and_names_are_trimmed() -> None:
    text = "  Dr.  Ada\u00a0 B.\n "
    case = load_case(
        {
            "employee": {"name": text},
            "employer": {"name": text},
            "requesting_physician": {"name": text, "specialty": text},
            "recipients": [{"name": text}],
            "reviewers": [{"licensure": [text], "certifications": [text]}],
            "issues": [{"item": text}, {"item": "b", "depends_on": text}],
        }
    )
    trimmed = "Dr. Ada\u00a0 B."
    found = [value for _, value, _ in CORE.walk(case) if isinstance(value, str)]
    assert len(found) == 10
    assert set(found) == {trimmed, "b"}


def test_a_case_is_frozen_all_through() -> None:
    case = load_case(ROOT / "fixtures" / "seed.toml")
    hash(case)
    with pytest.raises(AttributeError):
        case.employee.name = "other"  # type: ignore[misc]


def test_errors_and_cases_cross_process_boundaries() -> None:
    case = load_case(ROOT / "fixtures" / "seed.toml")
    assert pickle.loads(pickle.dumps(case)) == case
    with pytest.raises(imrgen.CaseError) as caught:
        load_case({"x": 1})
    assert pickle.loads(pickle.dumps(caught.value)).diagnostics == caught.value.diagnostics


def plain(path: Path) -> object:
    """Return a fixture's data as JSON would hold it."""
    text = path.read_text(encoding="utf-8")
    data = tomli.loads(text) if path.suffix == ".toml" else json.loads(text)
    return json.loads(json.dumps(data, default=str))


@pytest.mark.parametrize("make", [case_schema, imrgen.diagnostic_schema])
def test_the_references_of_a_schema_lead_where_they_are_asked_to(make: Any) -> None:
    template = "#/components/schemas/{name}"
    schema = make(ref_template=template)
    written = json.dumps(schema)
    leads = set(re.findall(r'"\$ref": "(.*?)"', written))
    assert leads == {template.format(name=name) for name in schema["$defs"]}
    assert written.replace("#/components/schemas/", "#/$defs/") == json.dumps(make())
    with pytest.raises(ValueError, match="ref_template"):
        make(ref_template="#/components/schemas/")


def test_the_schema_is_valid_and_described_throughout() -> None:
    schema = case_schema()
    Draft202012Validator.check_schema(schema)
    objects = [schema, *schema["$defs"].values()]
    described = [p for part in objects for p in part["properties"].values()]
    assert len(described) > 50
    assert all(property_.get("description") for property_ in described)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.name)
def test_the_schema_accepts_every_fixture(path: Path) -> None:
    Draft202012Validator(case_schema()).validate(plain(path))


@pytest.mark.parametrize(
    "data",
    [
        {"x": 1},
        {"case": {"number": "16"}},
        {"issues": [{}]},
        {"employee": {"age": "58"}},
        {"issues": [{"item": " "}]},
    ],
)
def test_the_schema_refuses_what_the_model_refuses(data: dict[str, object]) -> None:
    assert list(Draft202012Validator(case_schema()).iter_errors(data))
    with pytest.raises(imrgen.CaseError):
        load_case(data)


def test_the_schema_in_the_docs_is_this_one() -> None:
    written = json.loads((ROOT / "docs" / "case.schema.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(case_schema()))


def test_no_field_holds_a_reviewers_name_or_the_outcome() -> None:
    tables = {name: part["properties"] for name, part in case_schema()["$defs"].items()}
    assert {"licensure", "certifications", "vote"} == set(tables["Reviewer"])
    assert not any(
        "outcome" in properties for properties in [*tables.values(), case_schema()["properties"]]
    )


# `⟦` stands before the character where the caret must be; each is tried on ten lines and columns.
PLACES = {
    "inline table": ("case.toml", 'employee = {{ {pad}name = "é{pad}", ⟦nmae = "x" }}\n', "IMR101"),
    "value of an inline table": (
        "case.toml",
        'employee = {{ name = "漢{pad}", age = {pad}⟦"x" }}\n',
        "IMR102",
    ),
    "array of tables": (
        "case.toml",
        '[[issues]]\nitem = "a"\n\n[[issues]]{pad}\nitem = {pad}⟦4\n',
        "IMR102",
    ),
    "table of an array": (
        "case.toml",
        '[[issues]]\nitem = "a"\n[issues.reviewer_basis]\n{pad}⟦othr = []\n',
        "IMR101",
    ),
    "dotted key": ("case.toml", "employee.{pad}⟦nmae = 'x'\n", "IMR101"),
    "dotted key of an item": (
        "case.toml",
        "[[issues]]\nitem = 'a'\nreviewer_basis.{pad}⟦mtsu = []\n",
        "IMR101",
    ),
    "behind a multi-line string": (
        "case.toml",
        'clinical_summary = """\né{pad}\n# no = comment\n"""\nemployee = {{ age = {pad}⟦"x" }}\n',
        "IMR102",
    ),
    "multi-line string": ("case.toml", 'employee.age = {pad}⟦"""\nx\n"""\n', "IMR102"),
    "syntax": ("case.toml", "[case]\nnumber = {pad}⟦Quillfeather\n", "IMR002"),
    "key given twice in JSON": (
        "case.json",
        '{{"employee": {{"age": 1, {pad}⟦"age": 2}}}}',
        "IMR003",
    ),
    "not a number in JSON": (
        "case.json",
        '{{"employee": {{"name": "é", "age": {pad}⟦NaN}}}}',
        "IMR003",
    ),
    "half a surrogate pair in JSON": (
        "case.json",
        '{{"clinical_summary": "é {pad}⟦\\udc00 x"}}',
        "IMR003",
    ),
    "nested in JSON": (
        "case.json",
        '{{"issues": [{{"item": "a"}}, {{"item": "b",\n {pad}⟦"dcision": 1}}]}}',
        "IMR101",
    ),
}


@pytest.mark.parametrize("number", range(10))
@pytest.mark.parametrize("kind", PLACES)
def test_a_fault_is_placed_to_the_character(kind: str, number: int) -> None:
    name, text, code = PLACES[kind]
    text = "\n" * (number % 3) + text.format(pad=" " * number)
    before, _, after = text.partition("⟦")
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    assert refusal(before + after, name)[0][:3] == (line, column, code)


def test_each_field_has_an_example_that_the_schema_accepts() -> None:
    schema = case_schema()
    shown = 0
    for table in (schema, *schema["$defs"].values()):
        for name, property_ in table["properties"].items():
            is_table = "$ref" in str(property_)
            assert is_table or name == "$schema" or property_["examples"], name
            for example in property_.get("examples", ()):
                Draft202012Validator({**property_, "$defs": schema["$defs"]}).validate(example)
                shown += 1
    assert shown > 40
    given = [pattern for pattern, field in CORE.patterns() if field.examples]
    assert len(given) > shown  # some tables stand in several places


def test_the_schema_describes_tables_in_the_first_sentence_of_their_docstrings() -> None:
    tables = [case_schema(), *case_schema()["$defs"].values()]
    assert len(tables) > 10
    assert [each for each in tables if not each["description"] or "\n" in each["description"]] == []
