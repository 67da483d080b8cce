"""The preview's page at the desk and on a phone: nothing is lost, covered, or untrue."""

from __future__ import annotations

import urllib.parse
import urllib.request
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from tests.browsers import Server, chromium, opened, see, server

__all__ = ["chromium", "opened", "server"]

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def test_what_is_typed_is_kept_for_each_case_until_it_is_saved(
    server: Server, opened: Callable[..., Page]
) -> None:
    page = opened("?format=data")
    page.set_viewport_size(DESK)
    before = server.case.read_text()
    draft, unsaved = page.locator("#draft"), page.locator("#unsaved")
    expect(draft).to_have_value(before)
    # Another case is opened sooner than what is typed reaches the letter.
    draft.fill(before.replace("CM16-0000001", "CM16-0000077"))
    page.locator("#cases button", has_text="panel.toml").click()
    see(page, "Expert Reviewer 1 of")
    expect(unsaved).to_be_hidden()
    mine = page.locator("#cases button", has_text="case.toml")
    expect(mine.locator(".unsaved")).to_be_visible()
    mine.click()
    see(page, "CM16-0000077")
    expect(draft).to_have_value(before.replace("CM16-0000001", "CM16-0000077"))
    for format_ in ("html", "data"):
        page.locator(f"[data-format={format_}]").click()
        see(page, "CM16-0000077")
        expect(unsaved).to_be_visible()
    with page.expect_event("dialog") as asked:
        page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    page.keyboard.press("Control+s")
    expect(page.locator("#data-state")).to_have_text("Saved")
    expect(unsaved).to_be_hidden()
    expect(mine.locator(".unsaved")).to_have_count(0)
    assert "CM16-0000077" in server.case.read_text()


def test_the_list_gives_way_on_a_narrow_screen(server: Server, opened: Callable[..., Page]) -> None:
    page = opened()
    page.set_viewport_size(PHONE)
    side, toggle = page.locator("#side"), page.locator("#toggle-side")
    expect(side).to_be_hidden()
    for close in (
        lambda: toggle.click(),
        lambda: page.keyboard.press("Escape"),
        lambda: page.mouse.click(380, 500),
        lambda: page.locator("#cases button", has_text="panel.toml").click(),
    ):
        toggle.click()
        expect(page.locator("#search")).to_be_focused()
        # Nothing covers the toolbar.
        page.locator("[data-format=html]").click(trial=True)
        close()
        expect(side).to_be_hidden()
    expect(toggle).to_be_focused()
    see(page, "Expert Reviewer 1 of")
    # An address whose case is gone shows no other case in its place.
    page.goto(f"{server.url}?case=cases/gone.toml")
    expect(page.locator("#error")).to_contain_text("the preview has no case cases/gone.toml")
    expect(page.locator("#letter")).to_be_hidden()
    assert "gone.toml" in page.url
    page.set_viewport_size(DESK)
    expect(side).to_be_visible()


def test_marks_and_problems_tell_what_the_last_save_has_done(
    server: Server, opened: Callable[..., Page]
) -> None:
    page = opened()
    page.set_viewport_size(DESK)
    marks = page.locator("#cases .mark")
    for number in (0, 1):
        expect(marks.nth(number)).to_have_attribute("data-mark", "clean")
    # What breaks another case than the open one, in a template and in its file.
    server.block("more", "<p>Two.</p>{% if reviewers | length > 1 %}<h5>Deep</h5>{% endif %}")
    see(page, "Two.")
    expect(marks.nth(1)).to_have_attribute("data-mark", "error")
    expect(marks.nth(0)).to_have_attribute("data-mark", "clean")
    server.block("more", "<p>Three.</p>")
    expect(marks.nth(1)).to_have_attribute("data-mark", "clean")
    panel = server.cases / "panel.toml"
    panel.write_text(f"{panel.read_text()}\nwrong")
    expect(marks.nth(1)).to_have_attribute("data-mark", "error")
    (server.pack / "acme.css").write_text("h1 { colour: red }\n")
    expect(page.locator("#problems")).to_contain_text("colour")
    expect(page.locator("#error")).to_be_hidden()
    # An error that keeps the letter from being made is told once, with its place.
    server.block("more", "{{ nope }}")
    error = page.locator("#error button")
    expect(error).to_contain_text("more.html:1:")
    expect(page.locator("#problems")).not_to_contain_text("nope")
    error.click()
    expect(page.locator("#source-lines .here")).to_have_text("{{ nope }}")


def test_a_check_that_another_one_has_cut_short_is_made_again(
    server: Server, opened: Callable[..., Page]
) -> None:
    page = opened()
    cut: list[Route] = []

    def cut_first(route: Route) -> None:
        if cut:
            route.continue_()
        else:
            cut.append(route)
            route.fulfill(status=409, json={"superseded": True})

    page.route("**/marks", cut_first)
    page.reload()
    expect(page.locator('#cases .mark[data-mark="clean"]')).to_have_count(2)
    assert cut


def test_the_page_says_what_it_is_doing_and_goes_where_an_editor_asks(
    server: Server, opened: Callable[..., Page]
) -> None:
    page = opened()
    page.set_viewport_size(DESK)
    see(page, "Partial one.")
    held: list[Route] = []
    page.route("**/render", lambda route: held.append(route))
    page.locator("[data-format=pdf]").click()
    expect(page.locator("#busy")).to_have_text("Making the letter: PDF …")
    expect(page.locator("#stage")).to_have_attribute("aria-busy", "true")
    for route in held:
        route.continue_()
    page.unroute("**/render")
    expect(page.locator("#pages img").first).to_be_visible()
    expect(page.locator("#busy")).to_be_hidden()
    lines = server.case.read_text().splitlines()
    places = {
        server.pack / "blocks/more.html": (1, "Partial one."),
        server.case: (
            1 + lines.index('decision = "upheld"                 # or "overturned"'),
            "Upheld",
        ),
    }
    for file, (line, words) in places.items():
        query = urllib.parse.urlencode({"file": file, "line": line})
        with urllib.request.urlopen(f"{server.url}at?{query}") as answer:
            assert answer.status == 204
        here = page.frame_locator("#letter").locator(".imrgen-here")
        expect(here).to_have_text(words)
    # Single keys can be switched off, and the arrow keys go through the toolbar.
    page.locator("#help-open").click()
    page.get_by_label("Keys without Ctrl work").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("3")
    expect(page.locator("#text")).to_be_hidden()
    page.locator("#toggle-side").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-format=pdf]")).to_be_focused()
