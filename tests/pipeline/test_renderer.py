"""What stops a letter: the same, and all at once, for every way in."""

from __future__ import annotations

import copy
import gc
import pickle
from pathlib import Path

import pytest
from click.testing import CliRunner

import imrgen
from imrgen.cli import check, render
from imrgen.compose import Composer
from imrgen.pack import TemplatePack
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
SUMMARY = "blocks/clinical_summary.html"

# What a block of the letter holds, and the code that stops the letter for it.
STOPS = {
    "skipped heading": ("<h5>Deep</h5>", "IMR406"),
    "no alternate text": ('<img src="logo.svg">', "IMR406"),
    "ragged table": ("<table><tr><td>a<td>b</tr><tr><td>c</tr></table>", "IMR406"),
    "undefined value": ("<p>{{ employee.nmae }}</p>", "IMR206"),
    "template syntax": ("<p>{% if %}</p>", "IMR205"),
    "words that CSS hides": ('<p style="display: none">hidden</p>', "IMR405"),
    "too wide": (f'<p style="width: 20px; overflow-wrap: normal">{"w" * 60}</p>', "IMR407"),
}
ON_PAGES = {"IMR405", "IMR407"}


def overlay(folder: Path, block: str) -> Path:
    (folder / "blocks").mkdir(parents=True)
    (folder / "logo.svg").write_bytes((ROOT / "fixtures/features/seal.svg").read_bytes())
    (folder / SUMMARY).write_text(f"{block}\n{{{{ clinical_summary | markdown }}}}\n")
    return folder


def found(folder: Path, *formats: str) -> set[str]:
    try:
        diagnostics = imrgen.check(STARTER, templates=[folder], formats=formats)
    except imrgen.PackError as error:
        diagnostics = error.diagnostics
    return {each.code for each in diagnostics}


@pytest.mark.slow
@pytest.mark.parametrize("name", STOPS)
def test_check_reports_what_render_refuses(name: str, tmp_path: Path) -> None:
    block, code = STOPS[name]
    folder = overlay(tmp_path / "overlay", block)
    arguments = [str(STARTER), "--templates", str(folder)]
    checked = CliRunner().invoke(check.command, [*arguments, "--output-format", "short"])
    assert (checked.exit_code, code in checked.output) == (1, True), checked.output
    made = CliRunner().invoke(render.command, [*arguments, "-o", str(tmp_path / "out.pdf")])
    said = f"{made.output}{made.exception}"
    assert (made.exit_code, code in said) == (1, True), said
    assert not (tmp_path / "out.pdf").exists()


@pytest.mark.slow
@pytest.mark.parametrize("format", ["text", "html"])
@pytest.mark.parametrize("name", [n for n in STOPS if STOPS[n][1] not in ON_PAGES])
def test_what_no_page_must_be_set_for_stops_every_format(
    name: str, format: str, tmp_path: Path
) -> None:
    block, code = STOPS[name]
    folder = overlay(tmp_path / "overlay", block)
    with pytest.raises(imrgen.ImrgenError, match=code):
        imrgen.render(STARTER, templates=[folder]).encoded(format)
    assert code in found(folder)


@pytest.mark.parametrize("name", [n for n in STOPS if STOPS[n][1] in ON_PAGES])
def test_without_pages_check_says_that_none_were_set(name: str, tmp_path: Path) -> None:
    block, code = STOPS[name]
    folder = overlay(tmp_path / "overlay", block)
    arguments = [str(STARTER), "--templates", str(folder), "--no-pages"]
    checked = CliRunner().invoke(check.command, arguments)
    assert (checked.exit_code, code in checked.output) == (0, False)
    assert "pages were not laid out" in checked.output


@pytest.mark.slow
def test_everything_is_found_at_once(tmp_path: Path, case: dict[str, object]) -> None:
    """A check's error, a fault of the document and one of its pages stand in one list."""
    blocks = f"{STOPS['skipped heading'][0]}{STOPS['too wide'][0]}"
    folder = overlay(tmp_path / "overlay", blocks)
    case["clinical_summary"] = "A private use character: \ue000."
    codes = {each.code for each in imrgen.check(case, templates=[folder])}
    assert {"IMR391", "IMR406"} <= codes
    with pytest.raises(imrgen.CaseError) as error:
        imrgen.render(case, templates=[folder])
    assert {"IMR391", "IMR406"} <= {each.code for each in error.value.diagnostics}


def test_what_is_wrong_in_the_file_itself_is_returned_too(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text("[case]\nnumbr = 1\n[employee]\nage = 'x'\n")
    assert {each.code for each in imrgen.check(tmp_path / "case.toml")} == {"IMR101", "IMR102"}


@pytest.mark.slow
def test_a_renderer_pickles_with_its_pack(tmp_path: Path) -> None:
    overlay(tmp_path, "<p>See {{ context.portal }}.</p>")
    context = {"portal": "the portal"}
    renderer = imrgen.Renderer(templates=[tmp_path], context=context, embed_fonts=True)
    pickled = pickle.dumps(renderer)
    wanted = renderer.render(STARTER).html
    assert "See the portal." in wanted
    for path in tmp_path.rglob("*.html"):
        path.write_text("later")
    for copied in (pickle.loads(pickled), copy.deepcopy(renderer), copy.copy(renderer)):
        assert copied.options == renderer.options
        assert copied.render(STARTER).html == wanted


@pytest.mark.slow
def test_a_letter_is_a_value_that_pickles() -> None:
    letter = imrgen.render(STARTER, embed_case=True)
    copy = pickle.loads(pickle.dumps(letter))
    assert (copy.text, copy.html, copy.pdf) == (letter.text, letter.html, letter.pdf)
    assert copy.case == letter.case
    assert copy.provenance == letter.provenance


@pytest.mark.slow
def test_nothing_stays_of_a_renderer_and_its_letters(tmp_path: Path) -> None:
    """A program and the preview make a renderer for each change of a pack."""
    folder = overlay(tmp_path / "overlay", '<img src="logo.svg" alt="Logo">')
    letter = imrgen.render(STARTER, templates=[folder])
    assert letter.origin(0) is not None
    assert "data:image/svg" in letter.html
    seen = {id(each) for each in made_objects()}
    for _ in range(3):
        other = imrgen.render(STARTER, templates=[folder])
        assert other.origin(0) is not None
    assert [each for each in made_objects() if id(each) not in seen]
    del other
    gc.collect()
    assert not [each for each in made_objects() if id(each) not in seen]


def made_objects() -> list[object]:
    kinds = (Composer, TemplatePack, imrgen.Letter)
    return [each for each in gc.get_objects() if isinstance(each, kinds)]


def test_a_letter_shows_itself_without_its_case() -> None:
    letter = imrgen.render(STARTER)
    assert repr(letter) == "<Letter 'determination' of pack 'imr' 1.0.0>"
    assert letter._repr_html_() == letter.html
