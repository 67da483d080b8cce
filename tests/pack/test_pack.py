"""Packs: what overrides what, and what is said of a pack that is at fault."""

from __future__ import annotations

import shutil
import tomllib
import unicodedata
from pathlib import Path

import pytest

import imrgen
from imrgen.pack import built_in, load_pack, pack_names
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"


def pack(
    folder: Path, extends: str | None = "imr", more: str = "", name: str | None = None
) -> Path:
    """Write a pack."""
    folder.mkdir(parents=True, exist_ok=True)
    parent = f'extends = "{extends}"\n' if extends else ""
    if extends in ("imr", "imr-2015") and "[organization]" not in more:
        more += "[organization]\ninherit = true\n"
    manifest = f'name = "{name or folder.name}"\ntitle = "t"\nversion = "1"\n{parent}{more}'
    (folder / "pack.toml").write_text(manifest)
    return folder


def block(folder: Path, name: str, text: str) -> Path:
    """Write a file of a pack or an overlay."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder


def said(error: pytest.ExceptionInfo[imrgen.PackError]) -> str:
    return str(error.value)


def test_the_built_in_packs_stand_in_the_checkout() -> None:
    assert built_in() == ROOT / "templates"
    assert pack_names() == ["external-review", "imr", "imr-2015", "letter"]


@pytest.mark.parametrize("name", pack_names())
def test_a_built_in_pack_is_in_the_folder_of_its_name_where_it_is_looked_for_first(
    name: str,
) -> None:
    assert tomllib.loads((built_in() / name / "pack.toml").read_text())["name"] == name


def test_imr_2015_overrides_only_what_differs() -> None:
    own = {
        path.relative_to(ROOT / "templates/imr-2015").as_posix()
        for path in (ROOT / "templates/imr-2015").rglob("*.*")
    }
    blocks = {"blocks/basis.html", "blocks/reviewer_credentials.html"}
    assert own == {"pack.toml", "determination.html", *blocks}
    inherited = load_pack("imr-2015").require("blocks/issue.html")
    assert inherited.place == str(ROOT / "templates/imr/blocks/issue.html")


def test_a_users_pack_is_the_default_and_inherits_the_rest(tmp_path: Path) -> None:
    folder = block(
        pack(tmp_path / "acme"), "blocks/clinical_summary.html", "<p>Mine: {{ employee.name }}</p>"
    )
    text = imrgen.render(STARTER, templates=[folder]).text
    assert "Mine: Maria Example" in text
    assert "HOW THE IMR FINAL DETERMINATION WAS MADE" in text


def test_a_folder_of_packs_offers_them_by_name(tmp_path: Path) -> None:
    block(pack(tmp_path / "a"), "blocks/clinical_summary.html", "<p>A</p>")
    pack(tmp_path / "b", extends="a", more="[organization]\ninherit = true\n")
    assert "\nA\n" in imrgen.render(STARTER, pack="b", templates=[tmp_path]).text


def test_an_overlay_replaces_a_single_block_of_the_chosen_pack(tmp_path: Path) -> None:
    block(tmp_path, "blocks/clinical_summary.html", "<p>Overlaid.</p>")
    assert "Overlaid." in imrgen.render(STARTER, pack="imr-2015", templates=[tmp_path]).text


def test_a_template_may_extend_the_one_it_replaces(tmp_path: Path) -> None:
    text = (
        '{% extends "imr:blocks/basis.html" %}'
        "{% block citation %}{{ citation.title }}!{% endblock %}"
    )
    folder = block(pack(tmp_path / "acme"), "blocks/basis.html", text)
    assert (
        "Decision based on MTUS Low Back Complaints!."
        in imrgen.render(STARTER, templates=[folder]).text
    )


@pytest.mark.slow
def test_a_block_that_its_parent_no_longer_has_is_refused_though_its_own_file_is_as_it_was(
    tmp_path: Path,
) -> None:
    folder = block(pack(tmp_path / "acme"), "base.html", "<p>{% block middle %}{% endblock %}</p>")
    text = '{% extends "base.html" %}{% block middle %}Kept.{% endblock %}'
    block(folder, "blocks/clinical_summary.html", text)
    assert "Kept." in imrgen.render(STARTER, templates=[folder]).text
    block(folder, "base.html", "<p>{% block centre %}{% endblock %}</p>")
    with pytest.raises(imrgen.PackError) as error:
        imrgen.render(STARTER, templates=[folder])
    assert "there is no block 'middle' to override" in said(error)
    assert f"{folder}/blocks/clinical_summary.html:1:" in said(error)
    block(folder, "base.html", "<p>{% block middle %}{% endblock %}</p>")
    assert "Kept." in imrgen.render(STARTER, templates=[folder]).text


def test_no_pack_is_found_by_a_path_for_a_name(tmp_path: Path) -> None:
    with pytest.raises(imrgen.PackError):
        imrgen.render(STARTER, pack="../templates/imr")


def test_manifests_are_merged_key_by_key(tmp_path: Path) -> None:
    folder = pack(
        tmp_path / "acme",
        more='[outcomes]\nupheld.words = "Denial upheld"\n[notices]\nmine = "Text."\n',
    )
    loaded = load_pack(templates=[folder])
    words = {name: outcome.words for name, outcome in loaded.outcomes.items()}
    assert words == {"upheld": "Denial upheld", "overturned": "Overturned"}
    assert loaded.outcomes["upheld"].means == "not necessary"
    assert {"mine", "opioid-taper"} <= set(loaded.merged("notices"))
    assert "lumbar spine: Denial upheld" in imrgen.render(STARTER, templates=[folder]).text


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("imrr", "did you mean `imr`?"),
        ("nothing-like-it", "the packs are: external-review, imr, imr-2015, letter"),
        ("../imr", "no pack"),
    ],
)
def test_an_unknown_pack(name: str, says: str) -> None:
    with pytest.raises(imrgen.PackError, match="IMR201") as error:
        load_pack(name)
    assert says in said(error)


def test_an_unknown_letter_and_a_pack_without_letters() -> None:
    with pytest.raises(imrgen.PackError, match="did you mean `determination`"):
        imrgen.Renderer(pack="imr", letter="determinaton")
    with pytest.raises(imrgen.PackError, match="its letters are: none"):
        imrgen.Renderer(pack="letter")


def test_a_circle_names_its_packs(tmp_path: Path) -> None:
    pack(tmp_path / "a", extends="b")
    pack(tmp_path / "b", extends="c")
    pack(tmp_path / "c", extends="a")
    with pytest.raises(imrgen.PackError, match="a extends b extends c extends a"):
        load_pack("a", [tmp_path])


def test_an_unknown_parent_points_at_the_manifest(tmp_path: Path) -> None:
    pack(tmp_path / "a", extends="imrr")
    with pytest.raises(imrgen.PackError) as error:
        load_pack("a", [tmp_path])
    assert (
        f"{tmp_path}/a/pack.toml:4:11: error[IMR201]: "
        "extends: there is no pack `imrr`; did you mean" in said(error)
    )


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("stiles = []\n", "5:1: error[IMR101]: stiles: unknown key; did you mean `styles`?"),
        ("[letters.x]\ntitle = 't'\n", "letters.x.template: `template` is missing"),
        (
            "[letters.x]\ntitle = 't'\ntemplate = 't.html'\nrequires = ['case.nubmer']\n",
            "8:13: error[IMR203]: letters.x.requires[0]: the case file has no such field; did you "
            "mean `case.number`?",
        ),
        ("x = \n", "5:5: error[IMR002]: the value is missing"),
    ],
)
def test_a_manifest_at_fault(more: str, says: str, tmp_path: Path) -> None:
    pack(tmp_path / "a", more=more)
    with pytest.raises(imrgen.PackError) as error:
        load_pack("a", [tmp_path])
    assert says in said(error)


def test_a_letter_that_requires_what_no_case_has_is_the_packs_fault(tmp_path: Path) -> None:
    more = (
        "[letters.determination]\ntitle = 't'\ntemplate = 'determination.html'\n"
        "requires = ['case.nubmer']\n"
    )
    with pytest.raises(imrgen.PackError, match="the case file has no such field"):
        imrgen.render(STARTER, templates=[pack(tmp_path / "a", more=more)])


def test_an_overlay_that_replaces_nothing_is_refused(tmp_path: Path) -> None:
    block(tmp_path, "block/issue.html", "x")
    with pytest.raises(imrgen.PackError, match=r"did you mean `blocks/issue\.html`"):
        load_pack("imr", [tmp_path])


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(imrgen.PackError, match="is not a folder"):
        load_pack("imr", [tmp_path / "missing"])


TEMPLATE_FAULTS = {
    "syntax": ("<p>{{ case.number </p>", "IMR205", 1),
    "unclosed block": ("<p>\n{% if true %}\n</p>", "IMR205", 2),
    "undefined name": ("<p>\n{{ employe.name }}</p>", "IMR206", 2),
    "absent field": ("<p>\n\n{{ case.eams_number }}</p>", "no `eams_number`", 3),
    "unknown field": ("{{ employee.nmae }}", "did you mean `name`", 1),
    "a method": ("{{ case.__class__ }}", "IMR206", 1),
    "none": ("{{ {}.get('x') }}", "IMR212", 1),
    "unknown filter": ("{{ case.number | nope }}", "IMR205", 1),
    "missing include": ('<p>\n{% include "blocks/nope.html" %}', "IMR204", 2),
    "missing image": ('<img src="nope.png" alt="x">', "IMR204", None),
    "python": ("{{ 1 // 0 }}", "divided by zero", 1),
}


@pytest.mark.parametrize("name", TEMPLATE_FAULTS)
def test_a_template_at_fault_names_its_line(name: str, tmp_path: Path) -> None:
    text, says, line = TEMPLATE_FAULTS[name]
    folder = block(pack(tmp_path / "acme"), "blocks/clinical_summary.html", text)
    with pytest.raises(imrgen.PackError) as error:
        imrgen.render(STARTER, templates=[folder])
    if says.startswith("IMR"):
        assert error.value.diagnostics[0].code == says
    else:
        assert says in said(error)
    if line:
        assert f"{folder}/blocks/clinical_summary.html:{line}:" in said(error)
    assert "Maria" not in said(error)


def test_a_template_asks_first_for_what_may_be_absent(tmp_path: Path) -> None:
    text = (
        "<p>{% if case.eams_number is defined %}EAMS{% else %}none{% endif %} "
        "{{ case.eams_number | default('-') }}</p>"
    )
    folder = block(pack(tmp_path / "acme"), "blocks/clinical_summary.html", text)
    assert "\nnone -\n" in imrgen.render(STARTER, templates=[folder]).text


def test_case_data_is_never_template_source(case: dict[str, object]) -> None:
    case["clinical_summary"] = "{{ 7 * 7 }} {% raw %} {# note #} <script>alert(1)</script>"
    letter = imrgen.render(case, check=False)
    assert "{{ 7 * 7 }} {% raw %} {# note #} <script>alert(1)</script>" in letter.text
    assert "<script" not in letter.html


def test_a_pack_reads_no_file_beyond_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.html").write_text("secret")
    folder = block(pack(tmp_path / "acme"), "blocks/own.html", "own")
    loaded = load_pack(templates=[folder])
    for name in (
        "../secret.html",
        "blocks/../../secret.html",
        str(tmp_path / "secret.html"),
        "imr:../../../secret.html",
        "",
        ".",
        "blocks",
    ):
        assert loaded.file(name) is None
    for name in ("blocks/own.html", "./blocks/own.html", "blocks/../blocks//own.html"):
        assert loaded.read(name) == b"own"


def test_a_packs_digest_changes_with_any_file_it_uses(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    before = load_pack("imr-2015", [tmp_path / "templates"]).digest()
    assert before == load_pack("imr-2015").digest()
    for name in ("letter/letter.css", "imr/blocks/issue.html", "imr-2015/pack.toml"):
        path = tmp_path / "templates" / name
        text = path.read_text()
        path.write_text(text + "\n")
        assert load_pack("imr-2015", [tmp_path / "templates"]).digest() != before
        path.write_text(text)
    assert load_pack("imr-2015", [tmp_path / "templates"]).digest() == before


def test_every_field_that_a_letter_requires_is_told_at_once(case: dict[str, object]) -> None:
    case["reviewers"] = []
    case["case"] = {"number": "CM16-0000001"}
    case["issues"] = [{"item": "a"}, {"item": "b", "decision": "upheld"}]
    with pytest.raises(imrgen.CaseError) as error:
        imrgen.render(case)
    fields = [imrgen.diagnostics.field(d.path) for d in error.value.diagnostics]
    assert "reviewers" in fields
    assert {
        "case.date_assigned",
        "case.priority",
        "issues[0].decision",
        "issues[1].rationale",
    } <= set(fields)
    assert "issues[1].decision" not in fields


def test_no_issues_is_an_error(case: dict[str, object]) -> None:
    for issues in ([], None):
        case["issues"] = issues
        with pytest.raises(
            imrgen.CaseError, match=r"issues: the letter `determination` of pack `imr` requires"
        ):
            imrgen.render(case)


def test_an_unknown_notice_names_its_place(case: dict[str, object]) -> None:
    case["issues"][0]["notices"] = ["opioid-taper", "opoid"]  # type: ignore[index]
    with pytest.raises(
        imrgen.CaseError, match=r"issues\[0\]\.notices\[1\]: pack `imr` has no notice of this name"
    ):
        imrgen.render(case)


@pytest.mark.parametrize("is_folder", [True, False])
def test_a_file_is_found_however_its_letters_and_accents_are_kept(
    is_folder: bool, tmp_path: Path
) -> None:
    """MacOS may keep letters and accents apart in the names of files; templates have them whole."""
    typed = unicodedata.normalize("NFC", "blöcke/é.html")
    kept = unicodedata.normalize("NFD", typed)
    digests = set()
    for name in (typed, kept):
        files = {"pack.toml": MANIFEST_ALONE, name: "<p>of the pack</p>"}
        for file, text in files.items() if is_folder else ():
            (tmp_path / name[:3] / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name[:3] / file).write_text(text, encoding="utf-8")
        pack = load_pack(None, [tmp_path / name[:3] if is_folder else files])
        for asked in (typed, kept):
            assert pack.require(asked).text == "<p>of the pack</p>"
        assert pack.files() == [typed]
        digests.add(pack.digest())
    assert len(digests) == 1


def test_two_files_whose_names_look_alike_are_two() -> None:
    names = [unicodedata.normalize(form, "é.html") for form in ("NFC", "NFD")]
    pack = load_pack(None, [{"pack.toml": MANIFEST_ALONE} | {name: name for name in names}])
    assert [pack.require(name).text for name in names] == names


MANIFEST_ALONE = 'name = "alone"\ntitle = "Alone"\nversion = "1"\n'
