"""`imrgen coverage`: what cases take of a pack's templates, and what they never reach."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import imrgen
from imrgen.pipeline import Coverage, CoverageReport, Options, renderers
from tests.command_line import invoke
from tests.conftest import FIXTURES

pytestmark = pytest.mark.slow

EXTERNAL = Path(__file__).parent.parent.parent / "fixtures" / "external-review"

# Each line of which something is dead ends in a comment.
PLANTED = """\
{% from "blocks/macros.html" import used, unused %}
<p>{{ used(case.number) }}</p>
{% if case.priority == "overnight" %}<p>By courier.</p>{% endif %} {# 1: if #}
{% if case.number is defined and case.number %}<p>Numbered.</p>{% endif %} {# 2: if false #}
{% if case.priority == "standard" or case.priority == "expedited" %}
<p>As usual.</p>
{% elif case.number == "CM00-0000000" %}{# 3: elif #}
<p>Never.</p>
{% else %}{# 4: else #}
<p>Neither.</p>
{% endif %}
{% for issue in issues if issue.item == "nothing" %}{# 5: for #}
<p>{{ issue.item }}</p>
{% endfor %}
{% for issue in issues %}<p>{{ issue.item }}</p>{% else %}{# 6: else #}<p>None.</p>{% endfor %}
<p>{{ "Sea" if case.number == "S" else "Land" }}</p> {# 7: expression true #}
<p>{{ "one" if issues | length else "none" }}</p> {# 8: expression false #}
{% if case.number == "CM11-1111111" %}{% include "blocks/dead.html" %}{% endif %} {# 9: if #}
{{ clinical_summary | markdown }}
"""
MACROS = """\
{% macro used(text) %}{{ text }}{% endmacro %}
{% macro unused(text) %}{{ text }}{% endmacro %}
"""
DEAD = """\
<p>Nobody reads this.</p>
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack in whose summary branches are planted that no case of the fixtures takes."""
    blocks = tmp_path / "acme" / "blocks"
    blocks.mkdir(parents=True)
    (tmp_path / "acme" / "pack.toml").write_text(
        'name = "acme"\ntitle = "Acme"\nversion = "1"\nextends = "imr"\n'
        'organization.name = "Acme Review"\n',
        encoding="utf-8",
    )
    (blocks / "clinical_summary.html").write_text(PLANTED, encoding="utf-8")
    (blocks / "macros.html").write_text(MACROS, encoding="utf-8")
    (blocks / "dead.html").write_text(DEAD, encoding="utf-8")
    (tmp_path / "cases").mkdir()
    renderer = imrgen.Renderer(templates=[tmp_path / "acme"])
    for path in FIXTURES:
        if not renderer.check(path, formats=()):
            shutil.copy(path, tmp_path / "cases")
    return tmp_path


def coverage(folder: Path, *arguments: str) -> dict[str, Any]:
    """Return what the command prints."""
    made = invoke(
        *("coverage", "cases", "--templates", "acme", "--output-format", "json", *arguments),
        cwd=folder,
    )
    found: dict[str, Any] = json.loads(made.stdout)
    return found


def test_all_dead_branches_that_are_planted_are_found(pack: Path) -> None:
    found = {each["name"]: each for each in coverage(pack, "--own")["templates"]}
    assert set(found) == {
        f"acme/blocks/{name}.html" for name in ("clinical_summary", "dead", "macros")
    }
    planted = [
        (number, line.partition("{# ")[2].partition(": ")[2].partition(" #}")[0])
        for number, line in enumerate(PLANTED.split("\n"), start=1)
        if "{# " in line
    ]
    summary = found["acme/blocks/clinical_summary.html"]
    assert [(each["line"], each["kind"]) for each in summary["missed"]] == planted
    assert len(planted) == 9
    assert summary["missed_lines"] == [8, 10, 13]
    assert summary["partial_lines"] == [3, 4, 7, 12, 15, 16, 17, 18]
    macros = found["acme/blocks/macros.html"]["missed"]
    assert [(each["line"], each["kind"]) for each in macros] == [(2, "macro")]
    dead = found["acme/blocks/dead.html"]
    assert [(each["line"], each["kind"]) for each in dead["missed"]] == [(1, "template")]
    assert dead["missed_lines"] == [1]
    assert dead["percent"] == 0


def test_people_are_told_lines_and_branches(pack: Path) -> None:
    told = invoke("coverage", "cases", "--templates", "acme", cwd=pack).stdout.splitlines()
    row = next(number for number, line in enumerate(told) if "clinical_summary" in line)
    assert told[row].startswith("acme/blocks/clinical_summary.html ")
    assert told[row].endswith("47.0 %  8 of 17 branches; no case shows lines 8, 10, 13")
    assert told[row + 1] == "  3:1: `if` is never true"
    assert "enough for the same: " in told[-1]


def test_a_branch_that_a_case_takes_is_not_told_and_the_percentage_rises(pack: Path) -> None:
    before = coverage(pack)
    (pack / "acme" / "blocks" / "dead.html").unlink()
    text = "<p>{{ case.number }}</p>\n{{ clinical_summary | markdown }}\n"
    (pack / "acme" / "blocks" / "clinical_summary.html").write_text(text, encoding="utf-8")
    after = coverage(pack, "--own")
    assert after["missed"] == 0
    assert after["percent"] == 100
    assert before["percent"] < 100


def test_fail_under_and_refused_cases_decide_the_exit_code(pack: Path) -> None:
    arguments = ("coverage", "cases", "--templates", "acme")
    assert invoke(*arguments, cwd=pack).returncode == 0
    assert invoke(*arguments, "--fail-under", "50", cwd=pack).returncode == 0
    under = invoke(*arguments, "--fail-under", "99.9", cwd=pack)
    assert under.returncode == 1
    assert under.stderr.endswith("is less than 99.9 %\n")
    (pack / "cases" / "refused.toml").write_text("[case]\n", encoding="utf-8")
    refused = invoke(*arguments, cwd=pack)
    assert refused.returncode == 1
    assert "IMR106" in refused.stderr
    assert "1 case refused" in refused.stderr
    assert invoke(*arguments, "--letter", "none", cwd=pack).returncode == 2


def test_drafts_are_covered_of_cases_that_are_not_finished(pack: Path) -> None:
    shutil.rmtree(pack / "cases")
    (pack / "cases").mkdir()
    text = '[case]\npriority = "standard"\n[[issues]]\nitem = "MRI"\n'
    (pack / "cases" / "unfinished.toml").write_text(text, encoding="utf-8")
    assert coverage(pack)["failed"] == 1
    found = coverage(pack, "--draft")
    assert found["failed"] == 0
    assert 0 < found["percent"] < 100


def test_neither_text_nor_json_nor_page_holds_a_value_of_a_case(pack: Path) -> None:
    case = (pack / "cases" / "modified.toml").read_text(encoding="utf-8")
    number = imrgen.load_case(pack / "cases" / "modified.toml").case.number
    assert number and number in case
    made = invoke("coverage", "cases", "--templates", "acme", "--html", "page.html", cwd=pack)
    page = (pack / "page.html").read_text(encoding="utf-8")
    texts = (made.stdout, made.stderr, page, json.dumps(coverage(pack)))
    assert not any(number in text for text in texts)
    assert "planted" not in page
    assert '<span class="missed">' in page
    assert "`else` is never reached" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page


def test_standard_output_holds_one_report(pack: Path) -> None:
    command = ("coverage", "cases", "--templates", "acme")
    assert coverage(pack, "--html", "page.html") == coverage(pack)
    page = (pack / "page.html").read_text(encoding="utf-8")
    assert invoke(*command, "--html", "-", cwd=pack).stdout == page
    text = invoke(*command, cwd=pack).stdout
    unwritable = invoke(*command, "--html", "none/page.html", cwd=pack)
    assert unwritable.returncode == 1
    assert unwritable.stdout == text, "what took long is told all the same"
    mixed = invoke(*command, "--html", "-", "--output-format", "json", cwd=pack)
    assert mixed.returncode == 2


def report(pack: str, cases: list[Path]) -> CoverageReport:
    made = renderers(Options(pack=pack), ["all"])
    coverage = Coverage(made)
    for case in cases:
        coverage.add(case.name, coverage.examine(case).ways)
    return coverage.report()


def test_what_the_manifest_decides_and_what_is_overridden_is_not_counted() -> None:
    found = {each.name: each for each in report("imr-2015", FIXTURES).templates}
    table = found["imr/determination.html"]
    assert not table.missed, "the case table is overridden"
    assert "imr/blocks/case_table.html" not in found
    letterhead = found["letter/blocks/letterhead.html"]
    assert [each.kind for each in letterhead.fixed] == ["if"]
    assert "letter/blocks/letterhead_lines.html" not in found


def test_what_a_case_must_have_is_no_branch_of_its() -> None:
    """`is defined` of a field that each letter requires is true, whatever the case."""
    cases = [path for path in FIXTURES if path.stem != "smallest"]
    frame = next(
        each for each in report("imr", cases).templates if each.name.endswith("letter.html")
    )
    assert not frame.missed
    assert {(each.line, each.kind) for each in frame.fixed} >= {(8, "if false")}


ASKED = (
    "{% if case.number is defined %}a{% endif %}",
    "{% if case.number is defined %}a{% else %}dead{% endif %}",
    "{% if case.number is not defined %}dead{% endif %}",
    "{% if not case.number is defined %}dead{% endif %}",
    "{% if case.number is undefined %}dead{% else %}a{% endif %}",
    '{{ "a" if case.number is defined else "dead" }}',
    '{{ "dead" if case.number is not defined else "a" }}',
    "{% if case.number is defined %}a{% elif issues %}dead{% else %}dead{% endif %}",
)


@pytest.mark.parametrize("asked", ASKED)
def test_what_no_case_can_lack_is_not_counted_however_it_is_asked(asked: str, pack: Path) -> None:
    template = pack / "acme" / "blocks" / "clinical_summary.html"
    template.write_text(f"<p>{asked}</p>{{{{ clinical_summary | markdown }}}}\n", encoding="utf-8")
    (pack / "acme" / "pack.toml").write_text(
        (pack / "acme" / "pack.toml").read_text(encoding="utf-8")
        + '[letters.determination]\ntitle = "D"\ntemplate = "determination.html"\n'
        + 'requires = ["case.number"]\n',
        encoding="utf-8",
    )
    found = coverage(pack, "--own")
    assert (found["failed"], found["missed"], found["percent"]) == (0, 0, 100)
    assert found["fixed"] >= 1


def test_fields_that_no_template_reads_and_cases_that_are_enough() -> None:
    cases = sorted(EXTERNAL.iterdir())
    found = report("external-review", [*cases, *cases])
    assert "plan.address" in found.unread
    assert "issues[].rationale" not in found.unread
    assert len(found.minimal) < len(cases)
    assert all(len(alike) >= 2 for alike in found.alike)
    enough = [case for case in cases if case.name in found.minimal]
    assert report("external-review", enough).missed == found.missed


def test_letters_are_made_alike_whether_or_not_branches_are_noted() -> None:
    """Noting branches changes no word: what the recorder renders is the plain document."""
    from imrgen.compose.branches import BranchRecorder

    for pack, cases in (("imr", FIXTURES), ("external-review", sorted(EXTERNAL.iterdir()))):
        for renderer in renderers(Options(pack=pack), ["all"]):
            composer = renderer._composer
            recorder = BranchRecorder(renderer.pack, composer._environment)
            for path in cases:
                examination = None
                try:
                    case = imrgen.load_case(path, renderer.pack)
                    examination = renderer.examine(case)
                except imrgen.CaseError:
                    continue
                if examination.letter is not None:
                    markup = composer._render(recorder, case)
                    assert markup == examination.letter.document.markup
