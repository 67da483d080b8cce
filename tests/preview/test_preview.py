"""The preview in a real browser: what an author sees after each save."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import APIResponse, Browser, Page, Route, expect

from imrgen.preview.watch import PAUSE
from tests.browsers import Server, chromium, miss, opened, see, server, wait

__all__ = ["chromium", "opened", "server"]


def test_a_page_shows_the_letter_and_follows_every_kind_of_save(
    server: Server, opened: Callable[..., Page]
) -> None:
    page = opened()
    see(page, "Summary one.")
    see(page, "Partial one.")
    page.frame_locator("#letter").locator("p").last.scroll_into_view_if_needed()
    place = page.evaluate(
        "() => document.getElementById('letter').contentDocument.scrollingElement.scrollTop"
    )
    assert place > 0
    server.block(
        "clinical_summary",
        "<p>Summary two.</p>{% include 'blocks/more.html' %}{{ clinical_summary | markdown }}",
    )
    see(page, "Summary two.")
    server.block("more", '<p>Partial two.</p><img src="logo.svg" alt="logo">')
    see(page, "Partial two.")
    assert (
        page.evaluate(
            "() => document.getElementById('letter').contentDocument.scrollingElement.scrollTop"
        )
        == place
    )
    (server.pack / "acme.css").write_text("h1 { color: rgb(4, 5, 6); }\n")
    expect(page.frame_locator("#letter").locator("h1").first).to_have_css("color", "rgb(4, 5, 6)")
    before = page.frame_locator("#letter").locator("img").get_attribute("src")
    assert before
    server.logo("blue")
    expect(page.frame_locator("#letter").locator("img")).not_to_have_attribute("src", before)
    server.case.write_text(server.case.read_text().replace("CM16-0000001", "CM16-0000002"))
    see(page, "CM16-0000002")


def test_an_error_keeps_the_last_good_letter_and_goes_when_mended(
    server: Server, opened: Callable[..., Page]
) -> None:
    page = opened()
    see(page, "Summary one.")
    for text, says in (
        ("<p>{{ case.number </p>", "IMR205"),
        ("<p>{{ employe.name }}</p>", "did you mean `employer`"),
    ):
        server.block("more", text)
        expect(page.locator("#error")).to_contain_text(says)
        expect(page.locator("#error")).to_contain_text("^")
        expect(page.locator("#error")).to_contain_text("more.html:1:")
        see(page, "Partial one.")
        expect(page.locator("#stage")).to_have_class("old")
        server.block("more", "<p>Partial one.</p>")
        expect(page.locator("#error")).to_be_hidden()
    (server.pack / "blocks" / "more.html").unlink()
    expect(page.locator("#error")).to_contain_text("IMR204")
    server.block("more", "<p>Made again.</p>")
    see(page, "Made again.")
    expect(page.locator("#error")).to_be_hidden()


def test_what_keeps_a_document_from_being_a_letter_is_listed_beside_it(
    server: Server, opened: Callable[..., Page]
) -> None:
    page = opened()
    see(page, "Partial one.")
    expect(page.locator("#cases .mark").first).to_have_attribute("data-mark", "clean")
    accessibility = page.locator("#problems-accessibility + ol")
    server.block("more", '<p>Partial two.</p><h5>Deep</h5><img src="logo.svg">')
    see(page, "Partial two.")
    expect(accessibility).to_contain_text("IMR406 <h5> skips a level")
    expect(accessibility).to_contain_text("<img> has no alternate text")
    expect(accessibility.locator("small").last).to_contain_text("acme/blocks/more.html:1:")
    expect(page.locator("#cases .mark").first).to_have_attribute("data-mark", "error")
    expect(page.locator("#error")).to_be_hidden()
    page.keyboard.press("2")
    expect(page.locator("#error")).to_contain_text("<img> has no alternate text")
    expect(accessibility).to_have_count(0)
    page.keyboard.press("3")
    expect(page.locator("#error")).to_be_hidden()
    expect(accessibility.locator("li")).to_have_count(2)
    page.keyboard.press("1")
    server.block("more", "<p>Partial three.</p>")
    see(page, "Partial three.")
    expect(accessibility).to_have_count(0)


def test_a_file_that_was_looked_for_and_now_exists_is_used(
    server: Server, opened: Callable[..., Page]
) -> None:
    page = opened()
    see(page, "HOW THE IMR FINAL DETERMINATION")
    server.block("how_made", "<p>How it was made here.</p>")
    see(page, "How it was made here.")


def test_an_endless_template_is_stopped_and_the_server_lives(
    server: Server, opened: Callable[..., Page]
) -> None:
    server.restart("--timeout", "4")
    page = opened()
    see(page, "Partial one.")
    loop = (
        "{% for a in 'x' * 99999 %}{% for b in 'x' * 99999 %}"
        "{% if false %}x{% endif %}{% endfor %}{% endfor %}"
    )
    server.block("more", loop)
    expect(page.locator("#error")).to_contain_text("a loop without an end")
    expect(page.locator("#error")).to_contain_text("more.html:1:")
    server.block("more", "<p>\n<p>{{ 'x' * 4000000000 }}")
    expect(page.locator("#error")).to_contain_text("more memory")
    expect(page.locator("#error")).to_contain_text("more.html:2:4")
    server.block("more", "<p>Ended.</p>")
    see(page, "Ended.")


def test_two_hundred_saves_end_at_the_last_one_with_few_renders(
    server: Server, opened: Callable[..., Page]
) -> None:
    page = opened()
    see(page, "Partial one.")
    asked: list[str] = []
    page.on(
        "request",
        lambda request: asked.append(request.url) if request.url.endswith("/render") else None,
    )
    start = time.monotonic()
    for number in range(200):
        server.block("more", f"<p>Save {number}.</p>")
    see(page, "Save 199.")
    # As many as the server's pauses allow, however long a loaded machine takes.
    assert 1 <= len(asked) <= 2 + (time.monotonic() - start) / PAUSE


def test_a_button_that_is_being_pressed_stays_while_the_marks_change(
    server: Server, opened: Callable[..., Page]
) -> None:
    page = opened()
    see(page, "Partial one.")
    box = page.get_by_role("button", name="panel.toml").bounding_box()
    assert box
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    server.block("more", "<p>{{ employe.name }}</p>")
    expect(page.locator("#cases [aria-current] .mark")).to_have_attribute("data-mark", "error")
    page.mouse.up()
    expect(page.locator("#cases [aria-current]")).to_contain_text("panel.toml")


def test_an_answer_about_marks_that_comes_late_does_not_hide_a_newer_one(
    server: Server, opened: Callable[..., Page], chromium: Browser
) -> None:
    page = opened()
    current = page.locator("#cases [aria-current] .mark")
    for number in (0, 1):
        expect(page.locator("#cases .mark").nth(number)).to_have_attribute("data-mark", "clean")
    answers: list[tuple[Route, APIResponse]] = []
    page.route("**/marks", lambda route: answers.append((route, route.fetch())), times=1)
    page.evaluate("async () => { window.late = (await import('./page/tree.js')).showMarks(); }")
    for _ in range(300):
        if answers:
            break
        page.wait_for_timeout(100)
    [(route, answer)] = answers
    assert set(answer.json().values()) == {"clean"}
    server.block("more", "<p>{{ employe.name }}</p>")
    expect(current).to_have_attribute("data-mark", "error")
    route.fulfill(response=answer)
    page.evaluate("() => window.late")
    expect(current).to_have_attribute("data-mark", "error")


def test_a_frame_that_loads_once_more_shows_its_letter(
    server: Server, opened: Callable[..., Page]
) -> None:
    page = opened()
    see(page, "Partial one.")
    page.evaluate(
        "() => { const { body, location } ="
        " document.getElementById('letter').contentWindow.document;"
        " body.append('Before.'); location.reload(); }"
    )
    miss(page, "Before.")
    see(page, "Partial one.")


def test_a_new_case_and_another_tab_and_a_server_started_again(
    server: Server, opened: Callable[..., Page]
) -> None:
    first, second = opened(), opened("?pack=imr-2015")
    see(second, "The injured worker")
    (server.cases / "new.toml").write_text(
        server.case.read_text().replace("CM16-0000001", "CM16-0000009")
    )
    for page in (first, second):
        expect(page.locator("#cases")).to_contain_text("new.toml")
    first.get_by_role("button", name="new.toml").click()
    see(first, "CM16-0000009")
    server.restart()
    server.block("more", "<p>After the restart.</p>")
    see(first, "After the restart.")
    miss(second, "After the restart.")
    expect(second.locator("#live")).to_have_text("live")


def test_every_choice_stands_in_the_address(server: Server, opened: Callable[..., Page]) -> None:
    page = opened()
    page.get_by_role("button", name="panel.toml").click()
    see(page, "Expert Reviewer 1 of")
    page.get_by_role("button", name="imr-2015 / determination").click()
    miss(page, "Summary one.")
    page.get_by_role("button", name="PDF", exact=True).click()
    expect(page.locator("#pages figure").first).to_be_visible()
    page.keyboard.press("+")
    again = opened(page.url.removeprefix(server.url))
    expect(again.locator("#pages figure").first).to_be_visible()
    expect(again.locator("#zoom")).to_have_value("125")
    page.keyboard.press("0")
    expect(page.locator("#zoom")).to_have_value("fit")
    page.go_back()
    see(page, "Expert Reviewer 1 of")
    page.keyboard.press("3")
    expect(page.locator("#text")).to_contain_text("CLINICAL CASE SUMMARY")
    page.keyboard.press("5")
    expect(page.locator("#source-lines")).to_contain_text("<!doctype html>")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_contain_text("Next case")


def test_a_sheet_fits_into_the_place_it_has(server: Server, opened: Callable[..., Page]) -> None:
    page = opened()
    see(page, "Partial one.")
    for format_, sheet in (("HTML", "#letter"), ("PDF", "#pages figure")):
        page.get_by_role("button", name=format_, exact=True).click()
        for width in (1280, 1000, 1700):
            page.set_viewport_size({"width": width, "height": 800})
            wanted = min(816, page.locator("#stage").evaluate("stage => stage.clientWidth - 32"))
            wait(
                page,
                "([sheet, wanted]) => Math.abs("
                "document.querySelector(sheet)?.getBoundingClientRect().width - wanted) < 10",
                [sheet, wanted],
            )
            assert page.locator("#stage").evaluate(
                "stage => stage.scrollWidth <= stage.clientWidth"
            )


def test_the_letters_of_a_pack_are_switched(server: Server, opened: Callable[..., Page]) -> None:
    with (server.pack / "pack.toml").open("a") as manifest:
        manifest.write(
            '[letters.notice]\ntitle = "Notice"\ntemplate = "notice.html"\n'
            'requires = ["case.number"]\n'
        )
    notice = (
        '{% extends "letter.html" %}'
        "{% block main %}<p>Notice of {{ case.number }}.</p>{% endblock %}"
    )
    (server.pack / "notice.html").write_text(notice)
    page = opened()
    see(page, "Partial one.")
    for format_, where in (("HTML", "#letter"), ("PDF", "#pages"), ("Text", "#text")):
        page.get_by_role("button", name=format_, exact=True).click()
        inside = (
            page.frame_locator("#letter").locator("body")
            if format_ == "HTML"
            else page.locator(where)
        )
        for letter, has, lacks in (
            ("acme / notice", "Notice of CM16-0000001.", "Partial one."),
            ("acme / determination", "Partial one.", "Notice of"),
        ):
            page.get_by_role("button", name=letter).click()
            expect(inside).to_contain_text(has)
            expect(inside).not_to_contain_text(lacks)
    page.get_by_role("button", name="HTML", exact=True).click()
    page.get_by_role("button", name="acme / notice").click()
    see(page, "Notice of")
    assert "letter=notice" in page.url
    (server.pack / "notice.html").write_text(notice.replace("Notice of", "Word on"))
    see(page, "Word on CM16-0000001.")


def test_the_pdf_keeps_its_place(server: Server, opened: Callable[..., Page]) -> None:
    page = opened("?format=pdf")
    expect(page.locator("#pages")).to_contain_text("Summary one.")
    page.locator("#stage").evaluate("stage => { stage.scrollTop = 700; }")
    server.block("clinical_summary", "<p>Summary two.</p>{{ clinical_summary | markdown }}")
    expect(page.locator("#pages")).to_contain_text("Summary two.")
    assert page.locator("#stage").evaluate("stage => stage.scrollTop") == 700
    with page.expect_download() as download:
        page.get_by_role("link", name="Download PDF").click()
    assert Path(download.value.path()).read_bytes()[:5] == b"%PDF-"


def test_data_are_edited_in_text_and_form_and_saved_but_never_forced(
    server: Server, opened: Callable[..., Page]
) -> None:
    page = opened("?format=data")
    before = server.case.read_text()
    expect(page.locator("#draft")).to_have_value(before)
    page.locator("#draft").fill(before.replace("CM16-0000001", "CM16-0000077"))
    see(page, "CM16-0000077")
    assert server.case.read_text() == before
    page.get_by_label("Priority", exact=True).select_option("expedited")
    see(page, "Expedited")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#data-state")).to_have_text("Saved")
    saved = server.case.read_text()
    assert saved == before.replace("CM16-0000001", "CM16-0000077").replace(
        '"standard"', '"expedited"'
    )
    page.locator("#draft").fill(saved.replace("CM16-0000077", "CM16-0000078"))
    see(page, "CM16-0000078")
    elsewhere = saved.replace("CM16-0000077", "CM16-0000099")
    server.case.write_text(elsewhere)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#data-state")).to_contain_text("nothing was written")
    assert server.case.read_text() == elsewhere
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Load again").click()
    see(page, "CM16-0000099")


def test_what_is_typed_is_shown_though_the_letter_is_shown_again_meanwhile(
    server: Server, opened: Callable[..., Page]
) -> None:
    page = opened("?format=data")
    before = server.case.read_text()
    expect(page.locator("#draft")).to_have_value(before)
    page.evaluate(
        "async text => { const draft = document.getElementById('draft'); draft.value = text;"
        " draft.dispatchEvent(new Event('input'));"
        " await (await import('./page/data.js')).showData(true); }",
        before.replace("CM16-0000001", "CM16-0000077"),
    )
    see(page, "CM16-0000077")
    assert page.locator("#draft").input_value() != before


def commit(folder: Path, *names: str) -> None:
    """Make a folder a repository with these in it."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(folder)]
    for arguments in (["init", "-q"], ["add", *names], ["commit", "-qm", "a"]):
        subprocess.run([*git, *arguments], check=True)


def test_two_states_are_compared(server: Server, opened: Callable[..., Page]) -> None:
    commit(server.folder, "acme", "cases")
    page = opened()
    see(page, "Partial one.")
    server.block("more", "<p>Partial two.</p>")
    see(page, "Partial two.")
    for against in ("save", "git:HEAD"):
        page.goto(f"{server.url}?against={against}")
        expect(page.locator("#compare del").first).to_contain_text("one.")
        expect(page.locator("#compare ins").first).to_contain_text("two.")
    page.goto(f"{server.url}?against=git:nothing")
    expect(page.locator("#compare")).to_contain_text("IMR606")
    page.goto(f"{server.url}?against=pack:imr-2015&mode=pages")
    expect(page.locator("#compare img").first).to_be_visible()
    page.goto(f"{server.url}?against=git:HEAD&mode=side")
    expect(page.frame_locator("#compare iframe[title=Before]").locator("body")).to_contain_text(
        "Partial one."
    )
    expect(page.frame_locator("#compare iframe[title=After]").locator("body")).to_contain_text(
        "Partial two."
    )


def test_a_pack_and_the_one_it_extends_are_compared_each_in_a_folder_of_its_own(
    server: Server, opened: Callable[..., Page]
) -> None:
    base = server.folder / "shared" / "base"
    (base / "blocks").mkdir(parents=True)
    (base / "pack.toml").write_text(
        'name = "base"\ntitle = "Base"\nversion = "1"\nextends = "imr"\n'
        "organization.inherit = true\n"
    )
    (base / "blocks" / "how_made.html").write_text("<p>Basis one.</p>")
    manifest = server.pack / "pack.toml"
    manifest.write_text(manifest.read_text().replace('extends = "imr"', 'extends = "base"'))
    commit(server.folder, "acme", "cases")
    commit(base.parent, "base")
    server.restart("--templates", "shared")
    (base / "blocks" / "how_made.html").write_text("<p>Basis two.</p>")
    server.block("more", '<p>Partial two.</p><img src="logo.svg" alt="logo">')
    page = opened("?against=git:HEAD")
    words = page.locator("#compare .words")
    expect(words.locator("del")).to_have_text(["one.", "one."])
    expect(words.locator("ins")).to_have_text(["two.", "two."])
    count = page.locator("#compare [role=status]")
    expect(count).to_have_text("2 changes")
    page.get_by_role("button", name="Previous change").click()
    expect(count).to_have_text("Change 2 of 2")
    page.get_by_role("button", name="Next change").click()
    expect(count).to_have_text("Change 1 of 2")
    expect(words.locator(".here")).to_have_text(["one.", "two."])
    page.goto(f"{server.url}?against=git:HEAD&pack=base")
    expect(words.locator("del")).to_have_text(["one."])


def test_a_file_that_was_added_or_deleted_is_compared(
    server: Server, opened: Callable[..., Page]
) -> None:
    page = opened("?against=save")
    expect(page.locator("#compare")).to_contain_text("nothing was saved")
    added, deleted = page.locator("#compare ins"), page.locator("#compare del")
    server.block("how_made", "<p>Unheard-of.</p>")
    expect(added.filter(has_text="Unheard-of.")).to_have_count(1)
    expect(deleted.filter(has_text="strength of evidence")).to_have_count(1)
    (server.pack / "blocks" / "how_made.html").unlink()
    expect(deleted.filter(has_text="Unheard-of.")).to_have_count(1)
    expect(added.filter(has_text="strength of evidence")).to_have_count(1)


HOSTILE = (
    "<script>window.top.hacked = 1</script>"
    '<img src=x onerror="window.top.hacked = 1">{{ 7 * 7 }}\'">'
)


def test_no_field_of_a_case_runs_a_script(server: Server, opened: Callable[..., Page]) -> None:
    text = server.case.read_text()
    strings = re.findall(r'^(\w+) = "([^"\n]*)"$', text, re.MULTILINE)
    assert len(strings) > 5
    for name, value in strings:
        if name not in (
            "number",
            "priority",
            "sex",
            "injury_kind",
            "decision",
            "ur_action",
            "vote",
        ):
            text = text.replace(f'{name} = "{value}"', f"{name} = '''{HOSTILE}'''")
    name = "<img src=x onerror=hacked=1>.toml"
    (server.cases / name).write_text(text.replace('"""', f'"""\n{HOSTILE}\n\n', 1))
    page = opened()
    page.locator("#cases button", has_text="hacked").click()
    for key in "12345ic":
        page.keyboard.press(key)
        expect(page.locator("#live")).to_have_text("live")
    page.keyboard.press("1")
    see(page, "<script>")
    assert page.evaluate("() => window.hacked") is None
    assert page.evaluate("() => document.scripts.length") == 1
    server.block(
        "more", "<script>window.top.hacked = 1</script><p onclick='window.top.hacked=1'>press</p>"
    )
    expect(page.locator("#error")).to_contain_text("<script> is run or loaded by browsers")
    assert page.evaluate("() => window.hacked") is None
