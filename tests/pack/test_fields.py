"""Fields that a pack declares: what its manifest may say, and that cases are read by it."""

from __future__ import annotations

import copy
import functools
import json
import pickle
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

import imrgen
from imrgen.batch.naming import DEFAULT_PATTERN, name_fields, parse_pattern
from imrgen.case import CORE, Field, case_schema, load_case, parse, pattern_of
from imrgen.cli import cli
from imrgen.cli.starter import starter
from imrgen.compose.composer import prepare
from imrgen.compose.environment import PACKET, PARTS, RECIPIENT
from imrgen.pack import TemplatePack, load_pack
from imrgen.pack.fields import TEMPLATE_NAMES, field_faults
from imrgen.pack.files import PackFile
from imrgen.pack.manifest import read_manifest

HEAD = 'name = "appeal"\ntitle = "Appeals"\nversion = "1"\nextends = "letter"\n'
FIELDS = """\
core = ["case.number", "case.decision_date", "issues[].decision", "recipients"]

[organization]
name = "Example Appeals"

[letters.decision]
title = "Decision"
template = "decision.html"
requires = ["case.number", "claim_lines", "claim_lines[].billed"]

[fields."case.number"]
description = "The number of the appeal."
pattern = "FER-[0-9]{4}-[0-9]{6}"
example = "FER-2026-000001"
refusal = "must be FER, 4 digits of the year, 6 digits, with hyphens"

[fields."issues[].decision"]
description = "What became of the denial."

[outcomes]
upheld.words = "Upheld"
overturned.words = "Overturned"
modified.words = "Modified"

[fields.plan]
type = "table"
description = "The health plan."
confidential = true

[fields."plan.member_id"]
type = "identifier"
description = "The number of the member in the plan."
example = "ZX-448-1207"

[fields."plan.since"]
type = "date"
description = "Since when the claimant is a member."
example = 2024-01-01

[fields."claim_lines[]"]
type = "table"
description = "The services in dispute."

[fields."claim_lines[].service"]
type = "text"
description = "The service."

[fields."claim_lines[].from"]
type = "date"
description = "The day of the service, or the first."

[fields."claim_lines[].billed"]
type = "money"
description = "What was billed."

[fields."claim_lines[].visits"]
type = "integer"
description = "How many visits."

[fields."claim_lines[].supply"]
type = "amount"
description = "What was supplied."

[fields."claim_lines[].codes[]"]
type = "code"
description = "The codes."
pattern = "[A-Z0-9]+"
example = "97110"

[fields."claim_lines[].emergency"]
type = "boolean"
description = "Whether it was an emergency."

[fields."claim_lines[].finding"]
type = "markdown"
description = "What the reviewer found."

[fields.supply]
type = "amount"
description = "What was supplied on the whole."

[fields."employee.alias"]
type = "name"
description = "Another name of the claimant."
"""
LETTER = """\
[organization]
name = "Example Appeals"

[letters.decision]
title = "Decision"
template = "decision.html"
"""
DECISION = """\
{% extends "letter.html" %}
{% block main %}
<h1>Case {{ case.number }}</h1>
{% if plan.member_id is defined %}<p>Member {{ plan.member_id }}</p>{% endif %}
{% for line in claim_lines %}
<p>{{ line.service | default("A service") }}: {{ line.billed | money }}
{%- if line.from is defined %} on {{ line.from | date("long") }}{% endif %}</p>
{% if line.finding is defined %}{{ line.finding | markdown }}{% endif %}
{% endfor %}
{% endblock %}
"""
CASE: dict[str, Any] = {
    "case": {"number": "FER-2026-000001", "decision_date": "2026-03-02"},
    "plan": {"member_id": "ZX-448-1207"},
    "issues": [{"item": "MRI", "decision": "modified"}],
    "claim_lines": [
        {"service": "MRI", "billed": 1250, "from": "2026-01-31", "codes": ["70551"]},
        {"billed": 80.5, "supply": {"quantity": 2, "unit": "boxes"}, "finding": "It was *due*."},
    ],
}


@functools.cache
def pack(manifest: str = FIELDS, **files: str) -> TemplatePack:
    """Load a pack that has a manifest."""
    texts = {"pack.toml": HEAD + manifest, "decision.html": DECISION} | files
    return load_pack(None, [{name: text.encode() for name, text in texts.items()}])


def renderer() -> imrgen.Renderer:
    """Return a renderer of the pack's letter."""
    return imrgen.Renderer(loaded_pack=pack(), letter="decision")


def faults(manifest: str) -> list[tuple[str, int, int, str]]:
    """Return the faults of a manifest: code, line and column behind its head, message and hint."""
    with pytest.raises(imrgen.PackError) as refused:
        read, source = read_manifest(PackFile("pack.toml", (HEAD + manifest).encode()))
        raise source.error(field_faults([read]), imrgen.PackError)
    found = []
    for each in refused.value.diagnostics:
        assert each.span is not None
        line = each.span.line - HEAD.count("\n")
        found.append((each.code, line, each.span.column, "; ".join([each.message, *each.hints])))
    return found


def test_a_case_of_declared_fields_becomes_a_letter() -> None:
    text = renderer().render(CASE).text
    assert "Member ZX-448-1207" in text
    assert "MRI: $1,250.00 on January 31, 2026" in text
    assert "A service: $80.50" in text
    assert "It was due." in text


def test_a_manifest_that_declares_nothing_has_the_cores_model() -> None:
    assert load_pack("imr").model is CORE
    assert load_pack("imr-2015").model is CORE


def test_two_packs_that_declare_the_same_have_one_model() -> None:
    assert pack().model is pack().model


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda case: pickle.loads(pickle.dumps(case))])
def test_a_case_of_declared_fields_can_be_copied_and_sent(copied: Any) -> None:
    model = pack().model
    case = load_case(parse(json.dumps(CASE)), model)
    other = copied(case)
    assert other == case
    assert type(other) is model.type
    assert other.source.text == case.source.text


def test_a_case_that_was_read_for_another_pack_is_validated_again() -> None:
    case = load_case(CASE, pack().model)
    with pytest.raises(imrgen.CaseError, match="claim_lines: unknown key"):
        imrgen.render(case)
    core = load_case({"case": {"number": "CM16-0000001"}})
    with pytest.raises(imrgen.CaseError, match="must be FER"):
        renderer().render(core)


SLIPS = [
    ("plam = 1", "IMR101", "plam", "unknown key; did you mean `plan`?"),
    ("[plan]\nmember = 'x'", "IMR101", "plan.member", "unknown key; did you mean `member_id`?"),
    ("[plan]\nclaim_lines = 'x'", "IMR101", "plan.claim_lines", "it belongs above the first"),
    ("[case]\nnumber = 'CM16-0000001'", "IMR103", "case.number", "must be FER, 4 digits"),
    ("[[issues]]\nitem = 'x'\ndecision = 'modifed'", "IMR103", "issues[0].decision", "`modified`?"),
    ("[[issues]]\ndecision = 'upheld'", "IMR105", "issues[0].item", "`item` is missing"),
    ("[employer]\nname = 'x'", "IMR101", "employer", "unknown key"),
    ("[[claim_lines]]\nbilled = '12'", "IMR102", "claim_lines[0].billed", "without quotes"),
    ("[[claim_lines]]\nvisits = 2.5", "IMR102", "claim_lines[0].visits", "must be a whole number"),
    ("[[claim_lines]]\nfrom = '2026-02-30'", "IMR102", "claim_lines[0].from", "a day that exists"),
    ("[claim_lines]\nbilled = 1", "IMR102", "claim_lines", "write [[claim_lines]]"),
    ("[[claim_lines]]\ncodes = ['a-b']", "IMR103", "claim_lines[0].codes[0]", "example `97110`"),
    ("[[claim_lines]]\nservice = ' '", "IMR103", "claim_lines[0].service", "must not be blank"),
    (
        "[[claim_lines]]\nsupply = {unit = 'x'}",
        "IMR105",
        "claim_lines[0].supply.quantity",
        "missing",
    ),
    ("[[claim_lines]]\nemergency = 'no'", "IMR102", "claim_lines[0].emergency", "true or false"),
]


@pytest.mark.parametrize(("text", "code", "field", "message"), SLIPS, ids=[s[0] for s in SLIPS])
def test_a_slip_in_a_case_file_is_told_as_the_cores_are(
    text: str, code: str, field: str, message: str
) -> None:
    with pytest.raises(imrgen.CaseError) as refused:
        load_case(parse(text, "case.toml"), pack().model)
    # What stands below an unknown key is read as what the key seems to mean.
    found, *below = refused.value.diagnostics
    assert all(imrgen.diagnostics.field(each.path).startswith(field) for each in below)
    assert (found.code, imrgen.diagnostics.field(found.path)) == (code, field)
    assert message in "; ".join([found.message, *found.hints])
    assert found.span is not None


def test_what_a_letter_requires_of_declared_fields_is_told_with_its_line() -> None:
    text = "[case]\nnumber = 'FER-2026-000001'\n[[claim_lines]]\nservice = 'MRI'\n"
    with pytest.raises(imrgen.CaseError) as refused:
        renderer().render(parse(text, "case.toml"))
    (found,) = refused.value.diagnostics
    assert (found.code, found.path) == ("IMR106", ("claim_lines", 0, "billed"))
    assert (found.span and found.span.line, found.hints) == (3, ("add `billed`",))


def test_a_letter_that_requires_an_unknown_field_is_told_what_was_meant() -> None:
    with pytest.raises(imrgen.PackError, match=r"no such field; did you mean `plan.member_id`\?"):
        pack(FIELDS.replace('"case.number", "claim', '"plan.member", "claim'))


def values(field: Field) -> st.SearchStrategy[Any]:
    """Return values of a field as JSON writes them, most of which it may have."""
    right: st.SearchStrategy[Any] = st.sampled_from(RIGHT.get(field.kind, ["a", "A1"]))
    if field.item is not None:
        right = st.lists(values(field.item), max_size=2)
    elif field.kind == "table":
        inner = {key: values(each) for key, each in field.fields.items()}
        right = st.fixed_dictionaries({}, optional=inner | {"x": st.just(1)})
    elif field.choices:
        right = st.sampled_from(field.choices)
    elif field.examples:
        right = st.sampled_from(field.examples)
    return st.one_of(right, right, right, st.sampled_from(JUNK))


JUNK = [
    None,
    True,
    5,
    2.0,
    2.5,
    10.0**16,
    "",
    " ",
    "x\n",
    "\x07",
    "2026-02-30",
    "2026-01-31",
    [],
    {},
]
JUNK += [[1], {"unit": "x"}, {"quantity": -1, "unit": "x"}, "FER-2026-000001\n", [None], [{}]]
RIGHT: dict[str, list[Any]] = {
    "date": ["2026-01-31"],
    "number": [1, 7, 0],
    "money": [1, 2.5, -3],
    "amount": ["x", {"quantity": 1.5, "unit": "x"}],
}


@pytest.mark.slow
def test_editors_accept_and_refuse_the_same_files() -> None:
    model = pack().model
    schema = Draft202012Validator(case_schema(model), format_checker=FormatChecker())
    accepted = []

    @settings(max_examples=300, deadline=None, derandomize=True)
    @given(values(model.root).filter(lambda data: isinstance(data, dict)))
    def compare(data: dict[str, Any]) -> None:
        try:
            load_case(data, model)
        except imrgen.CaseError:
            accepted.append(False)
        else:
            accepted.append(True)
        assert schema.is_valid(data) == accepted[-1]

    compare()
    assert 30 < accepted.count(True) < len(accepted) - 30


DECLARED = '[fields."x"]\ntype = "text"\ndescription = "x"\n'
SLIPS_OF_MANIFESTS = {
    '[fields.x]\ntype = "txt"\ndescription = "x"': (2, 8, "did you mean `text`"),
    '[fields.x]\ntype = "text"': (1, 9, "`description` is missing"),
    '[fields.x]\ndescription = "x"': (1, 9, "`type` is missing"),
    '[fields.x]\ntype = "text"\ndescripton = "x"': (3, 1, "did you mean `description`"),
    '[fields.X]\ntype = "text"\ndescription = "x"': (1, 9, "small letters"),
    '[fields."y.x"]\ntype = "text"\ndescription = "x"': (1, 9, 'declare it: [fields."y"]'),
    '[fields."issues.x"]\ntype = "text"\ndescription = "x"': (1, 9, "did you mean `issues[]`"),
    '[fields.words]\ntype = "table"\ndescription = "x"': (1, 9, "templates know something else"),
    f'{DECLARED}[fields."x[]"]\ntype = "text"\ndescription = "x"': (1, 9, "`x[]` is declared, too"),
    '[fields."employee[]"]\ntype = "table"': (1, 9, "not a list"),
    '[fields."employee.age"]\ntype = "text"': (2, 8, "whose type is integer"),
    '[fields."employee.age"]\nchoices = ["1"]\ndescription = "x"': (2, 11, "not a few"),
    '[fields."case.priority"]\nchoices = ["1"]': (1, 9, "`description` is missing"),
    f'{DECLARED}choices = ["a"]': (4, 11, "only a choice has choices"),
    '[fields.x]\ntype = "choice"\ndescription = "x"': (1, 9, "`choices` is missing"),
    f'{DECLARED}pattern = "[a"\nexample = "a"': (4, 11, "not a regular expression"),
    f"{DECLARED}pattern = '\\d+'\nexample = '1'": (4, 11, "write [0-9]"),
    f'{DECLARED}pattern = "(?=a)a"\nexample = "a"': (4, 11, "may take forever"),
    f'{DECLARED}pattern = "(a{{1,99}}){{1,99}}"\nexample = "a"': (4, 11, "may take forever"),
    f"{DECLARED}pattern = '(a)\\1'\nexample = 'aa'": (4, 11, "read this regular expression diff"),
    f'{DECLARED}pattern = "[[:alpha:]]"\nexample = "a"': (4, 11, "write [0-9]"),
    f'{DECLARED}pattern = "[a]"': (1, 9, "`example` is missing"),
    f'{DECLARED}pattern = "[a]"\nexample = "b"': (5, 11, "not a value that this field may have"),
    f'{DECLARED}refusal = "no"': (4, 11, "there is no `pattern`"),
    '[fields.x]\ntype = "date"\ndescription = "x"\npattern = "a"': (4, 11, "only a text"),
    '[fields.x]\ntype = "date"\ndescription = "x"\nexample = 5': (4, 11, "may have"),
    '[fields.plan.name]\ntype = "text"\ndescription = "x"': (1, 14, '[fields."plan.name"]'),
    'core = ["case.nummber"]': (1, 9, "did you mean `case.number`"),
}


@pytest.mark.parametrize("manifest", SLIPS_OF_MANIFESTS, ids=range(len(SLIPS_OF_MANIFESTS)))
def test_a_slip_in_a_manifest_is_told_with_its_line_and_column(manifest: str) -> None:
    line, column, message = SLIPS_OF_MANIFESTS[manifest]
    found = faults(manifest)
    assert [(at, on) for _, at, on, _ in found][:1] == [(line, column)], found
    assert message in found[0][3]


def test_all_faults_of_a_manifest_are_told_at_once() -> None:
    found = faults('core = ["casse"]\n[fields.x]\n[fields."issues.y"]\n')
    assert [code for code, *_ in found] == ["IMR224", "IMR105", "IMR105", "IMR224"]


def test_a_pack_inherits_fields_and_adds_to_them() -> None:
    more = """\
name = "more"
title = "More"
version = "1"
extends = "appeal"
organization.inherit = true

[fields."plan.member_id"]
description = "The member's number."

[fields."plan.group"]
type = "text"
description = "The group."
"""
    base = {"pack.toml": (HEAD + FIELDS).encode(), "decision.html": DECISION.encode()}
    model = load_pack("more", [{"pack.toml": more.encode()}, base]).model
    known = dict(model.patterns())
    assert known["plan.group"].confidential
    assert known["plan.member_id"].kind == "identifier"
    assert known["plan.member_id"].description == "The member's number."
    assert known["plan.member_id"].examples == ("ZX-448-1207",)
    assert {*known} - {"plan.group"} == {pattern for pattern, _ in pack().model.patterns()}


def test_a_pack_has_of_the_core_what_it_lists_and_what_it_declares() -> None:
    known = [pattern for pattern, _ in pack().model.patterns()]
    assert [each for each in known if each.startswith(("case", "employee", "issues"))] == [
        "case",
        "case.number",
        "case.decision_date",
        "employee",
        "employee.alias",
        "issues",
        "issues[].item",
        "issues[].decision",
    ]
    assert "recipients[].address" in known
    assert "documents" not in known
    assert [pattern for pattern, _ in pack("core = []").model.patterns()] == []


def test_templates_see_no_field_that_the_pack_does_not_have() -> None:
    block = "{% extends 'letter.html' %}{% block main %}{{ case.priority }}{% endblock %}"
    with pytest.raises(imrgen.PackError, match="`case` has no field `priority`"):
        imrgen.Renderer(loaded_pack=pack(**{"decision.html": block}), letter="decision")


ASKS = """\
{% extends 'letter.html' %}
{% block main %}
{% if case.priority is defined %}Priority{% endif %}
{% if employee.name is defined %}Name{% endif %}
{% for each in documents %}Document{% endfor %}
<p>Nothing of these.</p>
{% endblock %}
"""


def test_inherited_templates_may_ask_for_what_other_packs_have() -> None:
    base = {"pack.toml": (HEAD + LETTER).encode(), "decision.html": ASKS.encode()}
    more = 'core = []\nname = "more"\ntitle = "More"\nversion = "1"\nextends = "appeal"\n'
    more += "organization.inherit = true\n"
    inherits = load_pack("more", [{"pack.toml": more.encode()}, base])
    renderer = imrgen.Renderer(loaded_pack=inherits, letter="decision")
    assert renderer.render({}).text == "Nothing of these.\n"
    own = load_pack("more", [{"pack.toml": more.encode(), "decision.html": ASKS.encode()}, base])
    with pytest.raises(imrgen.PackError) as refused:
        imrgen.Renderer(loaded_pack=own, letter="decision")
    messages = [each.message for each in refused.value.diagnostics]
    assert messages == [f"there is no `{name}` here" for name in ("case", "employee", "documents")]


def test_no_field_takes_a_name_that_templates_know() -> None:
    environment = prepare(load_pack("imr"), load_pack("imr").letter("determination"))
    assert {*environment.globals, RECIPIENT, PACKET, PARTS} <= TEMPLATE_NAMES


def test_the_schema_has_the_packs_fields() -> None:
    schema = case_schema(pack().model)
    assert {"plan", "claim_lines", "employee"} < schema["properties"].keys()
    assert "employer" not in schema["properties"]
    assert schema["$defs"]["Header"]["properties"].keys() == {"number", "decision_date"}


def test_the_starter_of_a_pack_shows_its_fields_and_is_right_as_it_stands() -> None:
    model = pack().model
    text = starter(model, "pack `appeal`", pack().requires("decision"))
    assert renderer().check(parse(text, "case.toml"), formats=()) == ()
    whole = re.sub(r"^#(?=[^\s#])", "", text, flags=re.MULTILINE)
    given = {pattern_of(path) for path, _, _ in model.walk(parse(whole, "case.toml").data)}
    assert {each.removesuffix("[]") for each in given} - {""} == set(dict(model.patterns()))
    assert "# What was billed.\nbilled = 100\n" in text
    assert "\n#[[recipients]]\n" in text


EXAMPLES: dict[str, str] = {
    "text": '"x y"',
    "markdown": '"*x*\\n\\n- a\\n- b"',
    "name": '"Jo Sample"',
    "identifier": '"X-1"',
    "code": '"97110"',
    "date": "2026-01-31",
    "integer": "0",
    "number": "0.0",
    "money": "0",
    "amount": "{ quantity = 0, unit = 'x' }",
    "boolean": "false",
    "choice": '"b"',
}
"""A value of each type, as TOML writes it; some count as nothing in Python."""


def test_an_example_is_the_value_of_the_starter_whatever_it_is() -> None:
    manifest = 'core = []\n[fields.a]\ntype = "table"\ndescription = "x\\n y"\n'
    manifest += '[fields."a.b"]\ntype = "table"\ndescription = "x"\n'
    required = []
    for type_, example in EXAMPLES.items():
        for pattern in (f"{type_}_", f"{type_}s_[]", f"a.{type_}", f"a.{type_}s[]", f"a.b.{type_}"):
            manifest += f'[fields."{pattern}"]\ntype = "{type_}"\ndescription = "x"\n'
            manifest += f"example = {example}\n"
            manifest += 'choices = ["a", "b"]\n' if type_ == "choice" else ""
            required.append(pattern.removesuffix("[]"))
    model = pack(manifest).model
    case = parse(starter(model, "x", required), "case.toml").data
    load_case(case, model)
    for type_, example in EXAMPLES.items():
        value = parse(f"x = {example}", "x.toml").data["x"]
        found = [case[f"{type_}_"], case["a"][type_], case["a"]["b"][type_]]
        assert [case[f"{type_}s_"], case["a"][f"{type_}s"]] == [[value], [value]]
        assert found == [value] * 3
        assert {type(each) for each in found} == {type(value)}


def test_another_programme_starts_with_nothing_of_the_cores_case() -> None:
    manifest = """\
core = ["case.number", "reviewers", "documents[].kind", "clinical_summary", "issues"]
[fields.remark]
type = "text"
description = "What else there is."
"""
    text = starter(
        pack(manifest).model, "pack `appeal`", ["clinical_summary", "issues", "reviewers"]
    )
    given = {path: value for path, value, _ in CORE.walk(parse(text, "case.toml").data)}
    core = parse(starter(CORE, "", ()), "case.toml").data
    known = {path: value for path, value, _ in CORE.walk(core)}
    texts = [path for path, value in given.items() if isinstance(value, str)]
    examples = [
        path
        for path in texts
        if given[path] in getattr(CORE.find(pattern_of(path)), "examples", ())
    ]
    assert len(texts) >= 2
    assert examples == texts
    assert not [path for path in texts if "\n" in known[path] and given[path] == known[path]]
    # What only adds to the core's case begins with that.
    more = pack('[fields.remark]\ntype = "text"\ndescription = "x"\nexample = "y"\n').model
    data = parse(starter(more, "", ["remark"]), "case.toml").data
    assert data == core | {"remark": "y"}


@pytest.mark.slow
def test_the_starter_has_recipients_where_a_letter_is_made_for_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    manifest = FIELDS.replace(
        'template = "decision.html"\n', 'template = "decision.html"\nper = "recipients"\n'
    )
    for name, text in {"pack.toml": HEAD + manifest, "decision.html": DECISION}.items():
        (tmp_path / name).write_text(text)
    for command in ("new", "check"):
        result = CliRunner().invoke(cli, [command, "case.toml", "--templates", "."])
        assert result.exit_code == 0, result.output


def test_outcomes_of_another_programme_are_described_in_no_words_of_the_cores() -> None:
    description = 'description = "What became of the denial."\n'
    for stated in (FIELDS, FIELDS.replace(f'[fields."issues[].decision"]\n{description}', "")):
        field = pack(stated).model.find("issues[].decision")
        assert field is not None
        assert field.choices == ("upheld", "overturned", "modified")
        assert "Medical" not in field.description
        assert ("denial" in field.description) == (stated is FIELDS)


@pytest.mark.parametrize(
    ("required", "given"),
    [
        ([], set()),
        (["claim_lines[].billed"], {"claim_lines[].billed"}),
        (["plan.since", "issues"], {"plan.since", "issues[].item"}),
    ],
)
def test_what_no_letter_requires_is_commented_out(required: list[str], given: set[str]) -> None:
    model = pack().model
    data = parse(starter(model, "x", required), "case.toml").data
    found = [pattern_of(path) for path, value, _ in model.walk(data) if value and path]
    tables = {pattern.rpartition(".")[0].removesuffix("[]") for pattern in given}
    assert {each.removesuffix("[]") for each in found} == given | tables


def test_the_commands_about_case_files_take_a_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in {"pack.toml": HEAD + FIELDS, "decision.html": DECISION}.items():
        (tmp_path / name).write_text(text)

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(cli, [*arguments, "--templates", "."])
        assert result.exit_code == 0, result.output
        return result.output

    assert json.loads(run("schema")) == case_schema(pack().model)
    page = run("schema", "--markdown", "--pack", "appeal")
    assert page.startswith("# Case files of pack `appeal`\n")
    assert "| `billed` | What was billed. | amount of money |  | required |\n" in page
    assert "Independent Medical Review" not in page
    shown = run("packs", "show", "appeal", "--fields")
    assert re.search(
        r"^  claim_lines\[\]\.billed +amount of money +What was billed\.$", shown, re.M
    )
    for suffix in ("toml", "json"):
        run("new", f"case.{suffix}")
        case = imrgen.load_case(f"case.{suffix}", "appeal", [tmp_path])
        assert case.case.number == "FER-2026-000001"


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    {
        "case.number": True,
        "plan.member_id": True,
        "plan.since": False,
        "employee.alias": False,
        "claim_lines[].service": False,
        "case.claim_number": False,
    }.items(),
)
def test_declared_identifiers_may_name_files(pattern: str, allowed: bool) -> None:
    model = pack().model
    assert (pattern in name_fields(model)) == allowed
    if allowed:
        names = parse_pattern(f"{{{pattern}}}.pdf", ("pdf",), model, several=False)
        found = names.file_names(
            parse(json.dumps(CASE)), imrgen.Options(letter="determination"), "case"
        )
        assert found == {"pdf": f"{CASE[pattern.split('.')[0]][pattern.split('.')[1]]}.pdf"}


def test_a_pack_without_case_numbers_names_letters_after_their_sources() -> None:
    names = parse_pattern(DEFAULT_PATTERN, ("pdf",), pack("core = []").model, several=False)
    found = names.file_names(parse("{}"), imrgen.Options(letter="determination"), "case")
    assert found == {"pdf": "case-determination.pdf"}
