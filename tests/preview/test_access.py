"""The preview without a mouse, and for those who do not see it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

import imrgen
from tests.browsers import LIMIT, Server, chromium, opened, see, server
from tests.conftest import TYPICAL

__all__ = ["chromium", "opened", "server"]

VIEWS = {
    "html": ("", "#letter"),
    "pdf": ("&format=pdf", "#pages img"),
    "text": ("&format=text", "#text"),
    "data": ("&format=data", "#fields select"),
    "source": ("&format=source&file=blocks/more.html", "#source-lines li"),
    "source-case": ("&format=source&file=case+file", "#source-lines .token"),
    "inspect": ("&inspect=1", "#branches-of"),
    "inspect-pdf": ("&inspect=1&format=pdf", "#pages .spot"),
    "compare": ("&against=pack:imr", "#compare .words"),
    "compare-side": ("&against=pack:imr&mode=side", "#compare iframe"),
    "compare-pages": ("&against=pack:imr&mode=pages", "#compare img"),
    "list": ("", "#side"),
    "phone": ("&width=phone", "#letter"),
    "error": ("", "#error pre"),
    "help": ("", "#help"),
}
CONTROLS = "button, select, input, textarea, a[href], summary, iframe, [tabindex='0']"


def show(server: Server, page: Page, view: str, theme: str = "light") -> None:
    """Open a view with problems of several kinds, and everything in it unfolded."""
    server.block(
        "more",
        "{{ nope }}" if view == "error" else '<h5>Deep</h5><a href="https://example.org">Link</a>',
    )
    query, wanted = VIEWS[view]
    if "pdf" in view or view == "compare-pages":
        server.block("more", '<a href="https://example.org">Link</a>')
    # Without loading the page again, whose processes would have to start again.
    page.evaluate(
        "query => { history.pushState(null, '', query); dispatchEvent(new Event('popstate')); }",
        f"?case=cases/panel.toml&theme={theme}{query}",
    )
    expect(page.locator('#cases .mark[data-mark=""]')).to_have_count(0)
    # Until each case is checked, the list is written anew, and its buttons with it.
    expect(page.locator("#cases")).not_to_contain_text("being checked again")
    page.evaluate(
        "() => document.querySelectorAll('details').forEach(each => { each.open = true; })"
    )
    expect(page.locator("#provenance dt, #error pre").first).to_be_attached()
    if "inspect" in view:
        expect(page.locator("#branches-of")).to_have_text("2 of 2 cases checked")
        page.get_by_role("button", name="Next words").click()
        expect(page.locator("#origin .place").first).to_be_visible()
    if view == "help":
        page.keyboard.press("?")
    if view == "list" and page.locator("#side").is_hidden():
        page.locator("#toggle-side").click()
    expect(page.locator(wanted).first).to_be_visible()


@pytest.mark.parametrize(("theme", "width", "height"), [("light", 1440, 900), ("dark", 390, 844)])
def test_axe_finds_nothing_in_any_view(
    server: Server, opened: Callable[..., Page], theme: str, width: int, height: int
) -> None:
    page = opened()
    page.set_viewport_size({"width": width, "height": height})
    assert VIEWS
    for view in VIEWS:
        show(server, page, view, theme)
        found = Axe().run(page, {"exclude": [["iframe"]]}, {"resultTypes": ["violations"]})
        assert found.violations_count == 0, (view, found.generate_report())
        assert page.evaluate(SMALL, CONTROLS) == [], view
        # Nothing is wider than the screen (WCAG 1.4.10).
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width, view


SMALL = """controls => [...document.querySelectorAll(controls)]
  .filter(each => each.checkVisibility({ visibilityProperty: true }))
  .filter(each => !each.closest("p, label, .skip") && !each.matches(".skip"))
  .filter(each => Math.min(each.offsetWidth, each.offsetHeight) < 24)
  .map(each => each.outerHTML.slice(0, 80))"""
"""Finds controls that are hard to hit (WCAG 2.5.8); those in a sentence, or within a label, are not
meant."""


@pytest.mark.parametrize("view", [view for view in VIEWS if view not in ("list", "phone")])
def test_the_keyboard_reaches_and_works_every_control(
    server: Server, opened: Callable[..., Page], view: str
) -> None:
    page = opened()
    show(server, page, view)
    names = page.evaluate(GATHER, CONTROLS)
    assert len(names) >= (1 if view == "help" else 15)
    left = dict(enumerate(names))
    for _ in range(3 * len(names) + 40):
        page.keyboard.press("Tab")
        at = page.evaluate("() => window.controls.indexOf(document.activeElement)")
        if left.pop(at, None) is None:
            continue
        kind = page.evaluate("at => window.controls[at].type || window.controls[at].localName", at)
        for key in KEYS.get(kind, ()):
            page.keyboard.press(key)
        if kind in KEYS:
            assert page.evaluate("at => window.worked.has(window.controls[at])", at), names[at]
        if not left:
            break
    assert left == {}


KEYS = {
    "submit": ["Enter"],
    "button": ["Enter"],
    "a": ["Enter"],
    "summary": ["Enter"],
    "search": ["x"],
    "text": ["x"],
    "textarea": ["x"],
    "range": ["ArrowRight"],
    "select-one": ["ArrowDown", "ArrowUp", "ArrowUp"],
}
GATHER = """controls => {
  const top = document.querySelector("dialog[open]") ?? document;
  const seen = each => each.checkVisibility({ visibilityProperty: true });
  window.controls = [...top.querySelectorAll(controls)].filter(seen);
  window.worked = new Set();
  for (const kind of ["click", "input", "change", "submit"]) {
    window.addEventListener(kind, event => {
      window.worked.add(event.target.closest("button, a, summary") ?? event.target);
      event.preventDefault();
      event.stopImmediatePropagation();
    }, { capture: true });
  }
  return window.controls.map(
    each => `${each.localName}#${each.id} ${each.textContent.slice(0, 40)}`
  );
}"""


@pytest.mark.parametrize("view", ["html", "inspect"])
def test_axe_finds_nothing_in_what_the_frame_holds(
    opened: Callable[..., Page], chromium: Browser, view: str
) -> None:
    """No script runs in the frame, axe neither; so what it holds is put into a page of its own."""
    page = opened(VIEWS[view][0].replace("&", "?"))
    see(page, "Partial one.")
    html = page.evaluate(
        "() => document.getElementById('letter').contentDocument.documentElement.outerHTML"
    )
    assert ("data-origin" in html) == (view == "inspect")
    look_at(chromium, html)


@pytest.mark.parametrize(("path", "pack", "letter"), TYPICAL)
def test_axe_finds_nothing_in_any_letter(
    chromium: Browser, path: Path, pack: str, letter: str
) -> None:
    try:
        made = imrgen.Renderer(pack=pack, letter=letter, check=False).render(path)
    except imrgen.CaseError:
        pytest.skip("this case lacks what this letter requires")
    look_at(chromium, made.html)


def look_at(chromium: Browser, html: str) -> None:
    """Let axe look at a letter."""
    page = chromium.new_page()
    page.set_default_timeout(LIMIT)
    page.set_content(html)
    assert page.locator("h1, h2, p").count() > 5
    found = Axe().run(page)
    page.close()
    assert found.violations_count == 0, found.generate_report()
