"""Where the words of a letter come from, in HTML and on the pages of a PDF."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

import imrgen
from imrgen.document import VisibleText, parse_html, visible_characters
from imrgen.export import to_words
from imrgen.preview.inspect import inspect, inspect_pages
from imrgen.preview.pdf_pages import PlacedCharacters
from tests.browsers import Server, chromium, opened, server
from tests.conftest import ROOT, TYPICAL

__all__ = ["chromium", "opened", "server"]
STARTER = ROOT / "imrgen" / "starter.toml"


def made_of(path: Path, pack: str, letter: str) -> imrgen.Letter:
    """Make a fixture's letter, or skip a letter that it lacks the data for."""
    try:
        return imrgen.Renderer(pack=pack, letter=letter, check=False).render(path)
    except imrgen.CaseError:
        pytest.skip("this case lacks what this letter requires")


@pytest.mark.slow
@pytest.mark.parametrize(("path", "pack", "letter"), TYPICAL)
def test_each_character_of_each_letter_has_its_place(path: Path, pack: str, letter: str) -> None:
    made = made_of(path, pack, letter)
    characters = visible_characters(to_words(made.document.tree))
    placed = PlacedCharacters(made.pdf, characters)
    assert placed.is_whole
    pages = list(placed.pages())
    assert [number for page in pages for number, _ in page] == list(range(len(characters)))
    boxes = [box for page in pages for _, box in page]
    assert all(
        0 <= left < 612 and 0 <= top < 792 and width > 0 and height > 0
        for left, top, width, height in boxes
    )


def inspected(
    folder: Path, css: str, block: str = "<p>Once here.</p><p>Twice.</p><p>Twice.</p>"
) -> dict[str, Any]:
    """Inspect the PDF of a letter with a style sheet and a block of its own."""
    (folder / "blocks").mkdir()
    (folder / "pack.toml").write_text(
        'name = "acme"\ntitle = "a"\nversion = "1"\nextends = "imr"\n'
        'organization.inherit = true\nstyles = ["a.css"]\n'
    )
    (folder / "a.css").write_text(css)
    (folder / "blocks" / "clinical_summary.html").write_text(block)
    renderer = imrgen.Renderer(pack="acme", templates=[folder], check=False)
    case = imrgen.load_case(STARTER)
    return inspect_pages(renderer.trace(case), renderer.render(case).pdf)


def lines(found: dict[str, Any], name: str) -> list[int]:
    """List the template lines and columns of the spots that a file wrote."""
    origins = [found["origins"][spot[4]] for page in found["pages"] for spot in page["spots"]]
    return [each["span"]["column"] for each in origins if each["span"]["file"].endswith(name)]


@pytest.mark.slow
def test_a_pdf_has_the_origins_that_the_html_has(tmp_path: Path) -> None:
    renderer = imrgen.Renderer(check=False)
    case = imrgen.load_case(STARTER)
    made, origins = renderer.render(case), renderer.trace(case)
    html, pdf = inspect(origins), inspect_pages(origins, made.pdf)
    assert pdf["whole"]
    assert len(pdf["origins"]) > 50
    keys = [
        {(str(each["span"]), *each["fields"]) for each in found["origins"]} for found in (html, pdf)
    ]
    assert keys[1] <= keys[0]
    fields = {field for each in html["origins"] for field in each["fields"]}
    assert {field for each in pdf["origins"] for field in each["fields"]} == fields


@pytest.mark.parametrize(
    "block",
    [
        "<p>a<b>b {{ case.number }}</b>c<!-- <p> -->d</p>e",
        "<i title='<p>'>x</i> <img src='dot.svg' alt='a > b'> y<!-- <p>no -->",
        "<p>One <b>two</b><p>three four<table><tr><td>five<td>six</table>",
    ],
)
@pytest.mark.slow
def test_marking_words_changes_none(block: str, tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "clinical_summary.html").write_text(block)
    (tmp_path / "dot.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    renderer = imrgen.Renderer(templates=[tmp_path], check=False)
    case = imrgen.load_case(STARTER)
    found = inspect(renderer.trace(case))
    tree = parse_html(found["html"])
    letter = renderer.render(case)
    assert VisibleText(tree).characters() == VisibleText(letter.document.tree).characters()
    marked = [element for element in tree.iter("span") if "data-origin" in element.attrib]
    assert len(marked) > 40
    for element in marked:
        origin = found["origins"][int(element.attrib["data-origin"])]
        if origin["fields"] == ["case.number"]:
            assert "CM16-0000001" in (element.text or "")
    assert "dot.svg" not in found["html"]


@pytest.mark.slow
def test_where_css_adds_words_only_what_stands_once_is_known(tmp_path: Path) -> None:
    found = inspected(tmp_path, "p::before { content: '+ '; }")
    assert not found["whole"]
    assert lines(found, "clinical_summary.html") == [1]


@pytest.mark.slow
def test_without_such_css_all_of_it_is_known(tmp_path: Path) -> None:
    found = inspected(tmp_path, "p { color: #111; }")
    assert found["whole"]
    assert len(lines(found, "clinical_summary.html")) == 3


@pytest.mark.slow
def test_an_image_counts_by_its_alternate_text(tmp_path: Path) -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>'
    (tmp_path / "logo.svg").write_text(svg)
    found = inspected(
        tmp_path, "", '<p>Before.</p><p><img src="logo.svg" alt="A logo"></p><p>Behind.</p>'
    )
    assert found["whole"]
    assert len(lines(found, "clinical_summary.html")) == 2


def test_words_know_their_template_and_their_field(
    server: Server, opened: Callable[..., Page]
) -> None:
    page = opened("?inspect=1")
    letter = page.frame_locator("#letter")
    letter.get_by_text("Partial one.").hover()
    expect(page.locator("#origin")).to_contain_text("acme/blocks/more.html:1")
    expect(page.locator("#origin")).to_contain_text(
        "included from acme/blocks/clinical_summary.html:1"
    )
    letter.get_by_text("CM16-0000001").hover()
    expect(page.locator("#origin")).to_contain_text("Field case.number")
    line = server.case.read_text().split("CM16-0000001")[0].count("\n") + 1
    expect(page.locator("#origin")).to_contain_text(f"case.toml:{line}")
    expect(page.locator("#unused")).to_contain_text("employee.name")
    expect(page.locator("#branches")).to_contain_text("else")
    page.get_by_role("button", name="Next words").click()
    page.locator("#origin .place").last.click()
    expect(page).to_have_url(re.compile("format=(data|source)"))


def test_words_of_a_pdf_know_their_template_and_their_field(
    server: Server, opened: Callable[..., Page]
) -> None:
    page = opened("?format=pdf")
    page.get_by_role("button", name="Inspect").click()
    spots = page.locator("#pages .spot")
    expect(spots.first).to_be_attached()
    for words, origin in (
        ("Partial one.", "acme/blocks/more.html:1"),
        ("CM16-0000001", "Field case.number"),
        ("Summary one.", "acme/blocks/clinical_summary.html:1"),
    ):
        line = page.locator("#pages .line", has_text=words).first
        line.scroll_into_view_if_needed()
        box = line.bounding_box()
        assert box
        page.mouse.move(box["x"] + box["width"] - 12, box["y"] + box["height"] / 2)
        expect(page.locator("#origin")).to_contain_text(origin)
        expect(page.locator("#pages .imrgen-here").first).to_be_visible()
    page.get_by_role("button", name="Next words").click()
    page.get_by_role("button", name="Words before").click()
    expect(page.locator("#origin")).to_contain_text("acme/blocks/clinical_summary.html:1")
    server.block("more", "<p>Partial two.</p>")
    expect(page.locator("#pages")).to_contain_text("Partial two.")
    expect(spots.first).to_be_attached()
    (server.pack / "acme.css").write_text("h1::before { content: '§ '; }\n")
    expect(page.locator("#error")).to_be_hidden()
    expect(page.locator("#origin")).to_contain_text("CSS adds or moves words in this PDF.")
    page.get_by_role("button", name="Inspect").click()
    expect(spots).to_have_count(0)


def test_a_branch_that_any_of_the_cases_takes_is_not_listed(
    server: Server, opened: Callable[..., Page]
) -> None:
    asked = ("case.priority == 'expedited'", "case.number == 'never'", "reviewers | length > 1")
    server.block("more", "\n".join(f"{{% if {each} %}}words{{% endif %}}" for each in asked))
    page = opened("?inspect=1&case=cases/case.toml")
    page.locator("#branches-title").click()
    branches = page.locator("#branches li").filter(has_text="more.html")
    expect(page.locator("#branches-of")).to_have_text("2 of 2 cases checked")
    expect(branches).to_have_text(["if acme/blocks/more.html:1", "if acme/blocks/more.html:2"])
    (server.cases / "new.toml").write_text(
        server.case.read_text().replace('"standard"', '"expedited"')
    )
    expect(page.locator("#branches-of")).to_have_text("3 of 3 cases checked")
    expect(branches).to_have_text(["if acme/blocks/more.html:2"])
    (server.cases / "none.toml").write_text("[case]\n")
    expect(page.locator("#branches-of")).to_have_text("4 of 4 cases checked, 1 without a letter")
    expect(branches).to_have_count(1)
