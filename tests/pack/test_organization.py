"""Whose letters a pack makes, its words, and what a caller may override of them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pypdfium2
import pytest

import imrgen
from imrgen.pack import Organization, built_in, load_pack, pack_names
from imrgen.pack.organization import ORGANIZATION_TEXTS
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
ACME = '[organization]\nname = "Acme Review"\n'
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>x</title></svg>'
FULL = """\
overridable = ["organization.phone", "organization.name", "words.hours", "organization.logo"]

[organization]
name = "Acme Review & Sons"
short_name = "Acme"
address = '''
1 <Any> Street
Columbus, OH 43004
'''
phone = "555-0100"
fax = "555-0101"
email = "letters@acme.example"
website = "acme.example"
logo = "logo.svg"
medical_director = "Dr. Ann Example"
letterhead = ["logo", "name", "address", "phone", "fax", "email", "website", "medical_director"]

[words]
hours = "9 to 5"
greeting = "Dear all"
"""


def pack(folder: Path, more: str, extends: str = "imr") -> Path:
    """Write a pack with a logo, and a summary that shows a word."""
    folder.mkdir(parents=True)
    manifest = f'name = "{folder.name}"\ntitle = "t"\nversion = "1"\nextends = "{extends}"\n{more}'
    (folder / "pack.toml").write_text(manifest)
    (folder / "logo.svg").write_text(SVG)
    return folder


def block(folder: Path, name: str, text: str) -> Path:
    """Write a block of a pack."""
    (folder / "blocks").mkdir(exist_ok=True)
    (folder / "blocks" / name).write_text(text)
    return folder


def refusal(*folders: Path, name: str | None = None, **overrides: str) -> tuple[str, str]:
    """Return the code of the one reason why a pack is refused, and the message."""
    with pytest.raises(imrgen.PackError) as error:
        load_pack(name, folders).override(overrides)
    (diagnostic,) = error.value.diagnostics
    return diagnostic.code, str(error.value)


# Whose letters they are.


def test_no_template_of_a_built_in_pack_names_an_organization() -> None:
    templates = sorted(built_in().rglob("*.html"))
    assert len(templates) > 8
    names = {
        text
        for folder in pack_names()
        if (organization := load_pack(folder).organization)
        for text in (organization.name, organization.short_name)
        if text
    }
    assert {"MAXIMUS Federal Services", "MAXIMUS", "Independent Review Organization"} == names
    assert [each for each in templates for name in names if name in each.read_text()] == []


@pytest.mark.parametrize("parent", ["imr", "imr-2015"])
def test_no_word_of_another_organization_is_in_a_letter_of_a_pack_that_states_its_own(
    parent: str, tmp_path: Path
) -> None:
    cases = sorted((ROOT / "fixtures").glob("*.toml"))
    renderer = imrgen.Renderer(templates=[pack(tmp_path / "acme", ACME, parent)], check=False)
    made = 0
    for case in cases:
        try:
            letter = renderer.render(case)
        except imrgen.CaseError:
            continue
        made += 1
        assert "maximus" not in letter.html.lower()
        assert "Acme Review sent the complete case file" in " ".join(letter.text.split())
        assert "Acme Review guideline:" in " ".join(letter.text.split())
    assert made >= 5


UNCLEAR = {
    "an empty table": ("[organization]\n", "5:2", "organization.name"),
    "no name": ('[organization]\nphone = "1"\n', "5:2", "organization.name"),
    "inherit = false": ("[organization]\ninherit = false\n", "5:2", "organization.name"),
    "both": ('[organization]\ninherit = true\nname = "A"\n', "6:11", "organization.inherit"),
}


@pytest.mark.parametrize(("more", "place", "field"), UNCLEAR.values(), ids=UNCLEAR)
def test_a_pack_states_whose_letters_it_makes(
    more: str, place: str, field: str, tmp_path: Path
) -> None:
    folder = pack(tmp_path / "acme", more)
    code, message = refusal(folder)
    assert code == "IMR215"
    assert message.startswith(f"{folder}/pack.toml:{place}: error[IMR215]: {field}: ")
    assert 'add `name = "…"` to [organization]' in message or "leave out one" in message


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ('""', "fill it in"),
        ('" "', "fill it in"),
        ('"\\n"', "fill it in"),
        ('"a\\u0001b"', "without control characters"),
    ],
)
def test_a_name_that_is_none_is_refused_where_it_stands(
    name: str, says: str, tmp_path: Path
) -> None:
    folder = pack(tmp_path / "acme", f"[organization]\nname = {name}\n")
    code, message = refusal(folder)
    assert code == "IMR215"
    assert message.startswith(f"{folder}/pack.toml:6:8: error[IMR215]: organization.name: ")
    assert says in message


def test_a_pack_that_is_not_filled_in_is_in_nobodys_way(tmp_path: Path) -> None:
    pack(tmp_path / "acme", '[organization]\nname = ""\n')
    pack(tmp_path / "other", ACME)
    assert load_pack("other", [tmp_path]).name == "other"
    assert "acme" in pack_names([tmp_path])


def test_a_letterhead_of_an_earlier_manifest_says_where_it_belongs(tmp_path: Path) -> None:
    folder = pack(tmp_path / "acme", f'{ACME}[letterhead]\nname = "Acme"\n')
    code, message = refusal(folder)
    assert code == "IMR101"
    assert message.startswith(f"{folder}/pack.toml:7:2: ")
    assert 'letterhead = ["name", "address"]' in message


def test_there_must_be_something_to_inherit(tmp_path: Path) -> None:
    folder = pack(tmp_path / "acme", "[organization]\ninherit = true\n", "letter")
    code, message = refusal(folder)
    assert code == "IMR215"
    assert "no organization to inherit" in message


def test_a_pack_without_the_table_makes_letters_of_the_organization_it_extends(
    tmp_path: Path,
) -> None:
    pack(tmp_path / "plain", "")
    pack(tmp_path / "branch", "[organization]\ninherit = true\n", "plain")
    pack(tmp_path / "own", ACME, "plain")
    pack(tmp_path / "below", "", "own")
    usual = load_pack("imr").organization
    assert usual is not None
    assert load_pack("plain", [tmp_path]).organization == usual
    assert load_pack("branch", [tmp_path]).organization == usual
    for name in ("own", "below"):
        organization = load_pack(name, [tmp_path]).organization
        assert organization is not None
        assert organization.name == "Acme Review"


def test_a_pack_of_no_organization_extends_one_of_none(tmp_path: Path) -> None:
    assert load_pack("letter").organization is None
    assert load_pack(templates=[pack(tmp_path / "acme", "", "letter")]).organization is None


def test_an_organization_is_inherited_key_by_key_or_not_at_all(tmp_path: Path) -> None:
    pack(tmp_path / "acme", FULL)
    own = '[organization]\ninherit = true\nphone = "555-0199"\nletterhead = []\n'
    pack(tmp_path / "branch", own, "acme")
    pack(tmp_path / "other", '[organization]\nname = "Other"\n', "branch")
    acme, branch, other = (
        load_pack(name, [tmp_path]).organization for name in ("acme", "branch", "other")
    )
    assert acme is not None
    assert branch == msgspec.structs.replace(acme, phone="555-0199", letterhead=())
    assert other == Organization(name="Other")


def test_words_and_what_may_be_overridden_are_inherited(tmp_path: Path) -> None:
    pack(tmp_path / "acme", FULL)
    more = '[organization]\ninherit = true\n[words]\ngreeting = "Dear you"\nbye = "Yours"\n'
    pack(tmp_path / "branch", more, "acme")
    pack(tmp_path / "strict", f"overridable = []\n{ACME}", "acme")
    branch = load_pack("branch", [tmp_path])
    own = {"hours": "9 to 5", "greeting": "Dear you", "bye": "Yours"}
    assert branch.words == load_pack("imr").words | own
    assert branch.overridable == load_pack("acme", [tmp_path]).overridable != ()
    assert load_pack("strict", [tmp_path]).overridable == ()


UNSTATED = {
    "letterhead": (f'{ACME}letterhead = ["name", "phone"]\n', "7:23", "`phone`"),
    "word": (f'overridable = ["words.hours"]\n{ACME}[words]\nhour = "9"\n', "5:16", "words.hour"),
    "key": (f'overridable = ["organization.phon"]\n{ACME}', "5:16", "organization.phone"),
    "table": (f'overridable = ["words"]\n{ACME}', "5:16", "words.NAME"),
    "list": (f'overridable = ["organization.letterhead"]\n{ACME}', "5:16", "no text of this name"),
}


@pytest.mark.parametrize(("more", "place", "says"), UNSTATED.values(), ids=UNSTATED)
def test_a_manifest_refers_only_to_texts_that_there_are(
    more: str, place: str, says: str, tmp_path: Path
) -> None:
    got, message = refusal(pack(tmp_path / "acme", more))
    assert got == "IMR216"
    assert f"pack.toml:{place}: " in message
    assert says in message


def test_a_letterhead_shows_no_key_that_there_is_not(tmp_path: Path) -> None:
    got, message = refusal(pack(tmp_path / "acme", f'{ACME}letterhead = ["phnoe"]\n'))
    assert got == "IMR103"
    assert "`phone`" in message


def test_a_logo_is_a_file_of_the_pack(tmp_path: Path) -> None:
    got, message = refusal(pack(tmp_path / "acme", f'{ACME}logo = "logo.sgv"\n'))
    assert got == "IMR204"
    assert "did you mean `logo.svg`" in message


# What templates see of it.


@pytest.mark.slow
def test_the_letterhead_shows_what_is_listed_in_its_order_and_the_name_once(tmp_path: Path) -> None:
    letter = imrgen.render(STARTER, templates=[pack(tmp_path / "acme", FULL)])
    assert letter.text.startswith(
        "Acme Review & Sons\n1 <Any> Street\nColumbus, OH 43004\nPhone: 555-0100\nFax: 555-0101\n"
        "letters@acme.example\nacme.example\nMedical Director: Dr. Ann Example\n\n"
    )
    assert '<img src="data:image/svg+xml;base64,' in letter.html
    header = re.findall(r"<header.*?</header>", letter.html, re.DOTALL)[0]
    assert 'alt=""' in header
    assert header.count("Acme Review") == 1
    with pypdfium2.PdfDocument(letter.pdf) as document:
        lines = document[0].get_textpage().get_text_bounded().splitlines()
    assert {"1 <Any> Street", "Columbus, OH 43004"} <= {line.strip() for line in lines}


def test_a_logo_alone_says_the_name(tmp_path: Path) -> None:
    more = f'{ACME}logo = "logo.svg"\nletterhead = ["logo"]\n'
    letter = imrgen.render(STARTER, templates=[pack(tmp_path / "acme", more)])
    assert 'alt="Acme Review"' in letter.html
    assert "<address>" not in letter.html
    assert letter.text.startswith("Acme Review\n\n")


@pytest.mark.slow
def test_every_part_of_a_letterhead_can_be_shown_alone(tmp_path: Path) -> None:
    parts = [each for each in ORGANIZATION_TEXTS if each not in ("short_name", "logo")]
    assert len(parts) >= 7
    for part in parts:
        text = f'{part} = "Shown"\nletterhead = ["{part}"]\n'
        more = "[organization]\n" + ("" if part == "name" else 'name = "Acme"\n') + text
        letter = imrgen.render(STARTER, templates=[pack(tmp_path / part, more)], check=False)
        assert letter.text.partition("\n\n")[0].endswith("Shown"), part


def test_labels_show_the_short_name_else_the_name(tmp_path: Path) -> None:
    long = pack(tmp_path / "long", ACME)
    short = pack(tmp_path / "short", f'{ACME}short_name = "Acme"\n')
    assert "Acme Review guideline:" in imrgen.render(STARTER, templates=[long]).text
    assert "Acme guideline:" in imrgen.render(STARTER, templates=[short]).text


@pytest.mark.parametrize(
    ("written", "says", "column"),
    [
        ("{{ words.huors }}", "has no `huors`; did you mean `hours`?", 10),
        ('{{ words["huors"] }}', "has no `huors`; did you mean `hours`?", 11),
        ("{% if words.huors is defined %}x{% endif %}", "[words] of the pack's manifest", 13),
        ('{{ words.huors | default("x") }}', "has no `huors`", 10),
        ("{{ words.items }}", "has no `items`", 10),
        ("{{ organization.phon }}", "did you mean `phone`?", 17),
        ("{% if organization.phon is defined %}x{% endif %}", "did you mean `phone`?", 20),
        ("{{ organization.inherit }}", "has no `inherit`", 17),
        ("{{ organization.fax }}", "states `fax` in [organization]", 17),
    ],
)
def test_what_no_manifest_states_is_an_error_at_its_line(
    written: str, says: str, column: int, tmp_path: Path
) -> None:
    more = f'{ACME}phone = "1"\n[words]\nhours = "9 to 5"\n'
    folder = block(pack(tmp_path / "acme", more), "clinical_summary.html", f"<p>\n{written}</p>\n")
    with pytest.raises(imrgen.PackError) as error:
        imrgen.render(STARTER, templates=[folder])
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code == "IMR206"
    assert says in str(error.value)
    assert f"/clinical_summary.html:2:{column}: " in str(error.value)


def test_templates_show_words_and_ask_for_what_an_organization_may_state(tmp_path: Path) -> None:
    text = (
        '<p>{{ words.hours }} {{ words["day-off"] }}'
        "{% if organization.fax is defined %} fax{% endif %}"
        "{% if organization.phone is defined %} phone{% endif %}</p>"
    )
    more = f'{ACME}phone = "1"\n[words]\nhours = "9 & 5"\nday-off = "Sunday"\n'
    folder = block(pack(tmp_path / "acme", more), "clinical_summary.html", text)
    letter = imrgen.render(STARTER, templates=[folder], check=False)
    assert "\n9 & 5 Sunday phone\n" in letter.text


# What a caller overrides.


def test_an_override_is_in_the_letter_its_digest_and_its_provenance(tmp_path: Path) -> None:
    folder = pack(tmp_path / "acme", FULL)
    block(folder, "clinical_summary.html", "<p>{{ words.hours }}</p>")
    plain = imrgen.Renderer(templates=[folder])
    overrides = {"words.hours": "10 \\ “to” <6>", "organization.phone": "555-0177"}
    other = imrgen.Renderer(templates=[folder], overrides=overrides)
    letter = other.render(STARTER)
    assert "\n10 \\ “to” <6>\n" in letter.text
    assert "Phone: 555-0177\n" in letter.text
    assert "555-0100" not in letter.html
    assert other.provenance["pack_sha256"] != plain.provenance["pack_sha256"]
    assert json.loads(other.provenance["overrides"]) == overrides
    assert "overrides" not in plain.provenance
    again = imrgen.Renderer(loaded_pack=other.pack)
    assert again.provenance == other.provenance
    assert again.render(STARTER).text == letter.text


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["txt", "html", "pdf"])
def test_a_letter_with_overrides_can_be_verified(suffix: str, tmp_path: Path) -> None:
    folder = pack(tmp_path / "acme", FULL)
    overrides = {"organization.phone": '<!-- " -->\n“555”'}
    path = tmp_path / f"letter.{suffix}"
    imrgen.render(STARTER, templates=[folder], overrides=overrides).save(path)
    named = overrides if suffix == "txt" else None
    verdict = imrgen.verify(path, case=STARTER, templates=[folder], overrides=named, pack="acme")
    assert verdict.outcome == "identical"


def test_overrides_may_come_in_any_order(tmp_path: Path) -> None:
    folder = pack(tmp_path / "acme", FULL)
    both = {"words.hours": "1", "organization.phone": "2"}
    one, two = (
        imrgen.Renderer(templates=[folder], overrides=dict(pairs))
        for pairs in (both.items(), reversed(both.items()))
    )
    assert one.options == two.options
    assert one.provenance == two.provenance


def test_another_name_is_not_shortened_to_that_of_another_organization(tmp_path: Path) -> None:
    folder = pack(tmp_path / "acme", FULL)
    letter = imrgen.render(STARTER, templates=[folder], overrides={"organization.name": "Zenith"})
    assert "Zenith guideline:" in letter.text
    assert "Acme" not in letter.text


@pytest.mark.parametrize(
    ("key", "text", "code", "says"),
    [
        ("words.huors", "x", "IMR217", "did you mean `words.hours`?"),
        ("words.greeting", "x", "IMR217", "it allows organization.phone, "),
        ("organization.address", "x", "IMR217", "does not allow"),
        ("notices.opioid-taper", "x", "IMR217", "does not allow"),
        ("hours", "x", "IMR217", "does not allow"),
        ("words.hours", " \n", "IMR103", "must not be blank"),
        ("words.hours", "a\x00b", "IMR103", "control characters"),
        ("words.hours", "a\udcffb", "IMR103", "control characters"),
        ("organization.logo", "nope.svg", "IMR204", "no file `nope.svg`"),
    ],
)
def test_only_what_the_manifest_allows_is_overridden(
    key: str, text: str, code: str, says: str, tmp_path: Path
) -> None:
    got, message = refusal(pack(tmp_path / "acme", FULL), **{key: text})
    assert got == code
    assert says in message


def test_all_faults_of_overrides_are_told_at_once(tmp_path: Path) -> None:
    folder = pack(tmp_path / "acme", FULL)
    with pytest.raises(imrgen.PackError) as error:
        imrgen.Renderer(templates=[folder], overrides={"words.a": "1", "words.hours": " "})
    assert [each.code for each in error.value.diagnostics] == ["IMR217", "IMR103"]


@pytest.mark.parametrize("name", ["imr", "imr-2015", "letter"])
def test_no_text_of_a_built_in_pack_is_overridden(name: str) -> None:
    loaded = load_pack(name)
    for key in ORGANIZATION_TEXTS:
        with pytest.raises(imrgen.PackError, match="it allows none"):
            loaded.override({f"organization.{key}": "x"})
