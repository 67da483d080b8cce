"""The report of `imrgen plan`: a page with examples of changes, confidential and of one file."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

import imrgen
from tests.browsers import chromium
from tests.cli.test_plan import SUMMARY, edit, folder, plan

__all__ = ["chromium", "folder"]

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def report(folder: Path) -> Path:
    """The report of two cases, an edited sentence and a colour."""
    for path in sorted((folder / "cases").iterdir())[2:]:
        path.unlink()
    edit(folder / SUMMARY, "within 30 days", "within &lt;script&gt;alert(1)&lt;/script&gt; days")
    edit(folder / SUMMARY, "Of {{ issues[0].item }}", "On {{ issues[0].item | upper }}")
    edit(folder / "acme" / "acme.css", "0pt", "9pt")
    path = folder / "report.html"
    path.write_text("", encoding="utf-8")
    path.chmod(0o644)
    made = plan(folder, "--report", "report.html", "--output-format", "json")
    assert made.returncode == 1, made.stderr
    item = imrgen.load_case(sorted((folder / "cases").iterdir())[0]).issues[0].item
    assert item not in made.stdout
    return path


def opened(browser: Browser, report: Path, **options: object) -> Page:
    """Open a report; whatever it would fetch or log is a fault."""
    page = browser.new_context(**options).new_page()  # type: ignore[arg-type]
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: faults.append(request.url))
    page.goto(report.as_uri())
    assert [each for each in faults if not each.startswith(("file:", "data:image/png"))] == []
    assert len([each for each in faults if each.startswith("file:")]) == 1
    return page


@pytest.mark.slow
def test_the_report_is_read_by_its_writer_alone_and_refers_to_nothing(report: Path) -> None:
    assert report.stat().st_mode & 0o777 == 0o600
    text = report.read_text(encoding="utf-8")
    assert "as confidential as they are" in text
    assert "<script>alert" not in text
    assert not re.search(r"(?:https?:)?//(?!\s)", re.sub(r"base64,[^\"]*", "", text))
    policy = re.search(r"Content-Security-Policy\" content=\"([^\"]*)", text)
    assert policy
    assert "default-src &#x27;none&#x27;" in policy[1]
    assert "unsafe" not in policy[1]


@pytest.mark.slow
def test_the_report_is_used_by_keys_and_by_its_filter(report: Path, chromium: Browser) -> None:
    page = opened(chromium, report, viewport=DESK)
    changes = page.locator(".change")
    expect(changes).to_have_count(3)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(changes.nth(1).locator("summary")).to_be_focused()
    expect(changes.nth(1)).not_to_have_attribute("open", "")
    page.keyboard.press("Enter")
    expect(changes.nth(1)).to_have_attribute("open", "")
    page.keyboard.press("k")
    expect(changes.nth(0).locator("summary")).to_be_focused()
    expect(changes.nth(0).locator("img.overlay").first).to_be_visible()
    page.keyboard.press("b")
    expect(changes.nth(0).locator("img.before").first).to_be_visible()
    expect(changes.nth(0).locator("img.overlay").first).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("#words")).to_be_focused()
    page.keyboard.type("alert zzzq")
    expect(page.locator("#count")).to_have_text("0 of 3 shown")
    expect(page.locator("#none")).to_be_visible()
    page.locator("#words").fill("within alert")
    expect(page.locator("#count")).to_have_text("2 of 3 shown")
    page.keyboard.press("Escape")
    page.locator("#kind").select_option("pages")
    expect(page.locator("#count")).to_have_text("1 of 3 shown")
    page.keyboard.press("Escape")
    page.locator("#template").select_option("blocks/clinical_summary.html")
    expect(page.locator("#count")).to_have_text("2 of 3 shown")


@pytest.mark.slow
def test_axe_finds_nothing_in_the_report(report: Path, chromium: Browser) -> None:
    for size, scheme in itertools.product((DESK, PHONE), ("light", "dark")):
        page = opened(chromium, report, viewport=size, color_scheme=scheme, bypass_csp=True)
        for change in page.locator(".change").all()[1:]:
            change.locator("summary").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        options = {"resultTypes": ["violations"]}
        found = Axe().run(page, options=options).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []


@pytest.mark.slow
def test_without_scripts_all_is_shown(report: Path, chromium: Browser) -> None:
    page = opened(chromium, report, java_script_enabled=False)
    expect(page.locator("#filter")).to_be_hidden()
    expect(page.locator(".change")).to_have_count(3)
    page.locator(".change").nth(1).locator("summary").click()
    expect(page.locator(".change").nth(1).locator("ins").first).to_be_visible()
