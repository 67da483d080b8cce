"""The preview in a real browser: what an author sees after each save."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, Route, expect, sync_playwright

from tests.conftest import ROOT

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
LIMIT = 20_000
expect.set_options(timeout=LIMIT)


class Server:
    """`imrgen preview` with a pack and two cases, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.pack, self.cases = folder, folder / "acme", folder / "cases"
        self.cases.mkdir()
        shutil.copy(ROOT / "imrgen" / "starter.toml", self.case)
        shutil.copy(ROOT / "fixtures" / "panel.toml", self.cases / "panel.toml")
        (self.pack / "blocks").mkdir(parents=True)
        (self.pack / "pack.toml").write_text(
            'name = "acme"\ntitle = "Acme"\nversion = "1"\nextends = "imr"\nstyles = ["acme.css"]\n'
        )
        (self.pack / "acme.css").write_text("h1 { color: rgb(1, 2, 3); }\n")
        self.block(
            "clinical_summary", "<p>Summary one.</p>{% include 'blocks/more.html' %}{{ clinical_summary | markdown }}"
        )
        self.block("more", '<p>Partial one.</p><img src="logo.svg" alt="logo">')
        self.logo("red")
        self._start("0")

    @property
    def case(self) -> Path:
        return self.cases / "case.toml"

    def block(self, name: str, text: str) -> None:
        (self.pack / "blocks" / f"{name}.html").write_text(text)

    def logo(self, colour: str) -> None:
        path = f'<path d="M0 0h9v9z" fill="{colour}"/>'
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>logo</title>{path}</svg>'
        (self.pack / "logo.svg").write_text(svg)

    def _start(self, port: str, *arguments: str) -> None:
        command = [
            sys.executable, "-m", "imrgen", "preview", "cases", "--templates", "acme", "--no-open", "--port", port,
            "--print-url", "--time-limit", "4", *arguments,
        ]  # fmt: skip
        state = {"XDG_STATE_HOME": str(self.folder / "state"), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=state, cwd=self.folder)
        assert self._process.stdout
        self.url = self._process.stdout.readline().strip()
        assert self.url.startswith("http://127.0.0.1:")

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
            raise
        finally:
            assert self._process.stdout
            self._process.stdout.close()

    def restart(self, *arguments: str) -> None:
        self.stop()
        self._start(self.url.split(":")[2].split("/")[0], *arguments)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium")
    assert found, "install chromium: `python tools/native.py chromium`"
    with sync_playwright() as driver:
        browser = _launch(driver, found)
        yield browser
        browser.close()


def _launch(driver: Playwright, path: str) -> Browser:
    return driver.chromium.launch(executable_path=path, args=FLAGS)


@pytest.fixture
def opened(server: Server, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open a view of the preview; a page that throws, or asks for anything off this server, fails the test."""
    faults: list[str] = []
    context = chromium.new_context(viewport={"width": 1280, "height": 800})

    def open_(query: str = "") -> Page:
        page = context.new_page()
        page.set_default_timeout(LIMIT)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda r: r.url.startswith((server.url, "data:", "blob:")) or faults.append(r.url))
        page.goto(server.url + query)
        page.wait_for_selector("html[data-revision]")
        expect(page.locator("#live")).to_have_text("live")
        return page

    yield open_
    context.close()
    assert not faults


def see(page: Page, text: str) -> None:
    expect(page.frame_locator("#letter").locator("body")).to_contain_text(text)


def miss(page: Page, text: str) -> None:
    expect(page.frame_locator("#letter").locator("body")).not_to_contain_text(text)


def test_a_page_shows_the_letter_and_follows_every_kind_of_save(server: Server, opened: Callable[..., Page]) -> None:
    page = opened()
    see(page, "Summary one.")
    see(page, "Partial one.")
    page.frame_locator("#letter").locator("h1").last.scroll_into_view_if_needed()
    place = page.evaluate("() => document.getElementById('letter').contentDocument.scrollingElement.scrollTop")
    assert place > 0
    server.block(
        "clinical_summary", "<p>Summary two.</p>{% include 'blocks/more.html' %}{{ clinical_summary | markdown }}"
    )
    see(page, "Summary two.")
    server.block("more", '<p>Partial two.</p><img src="logo.svg" alt="logo">')
    see(page, "Partial two.")
    assert page.evaluate("() => document.getElementById('letter').contentDocument.scrollingElement.scrollTop") == place
    (server.pack / "acme.css").write_text("h1 { color: rgb(4, 5, 6); }\n")
    expect(page.frame_locator("#letter").locator("h1").first).to_have_css("color", "rgb(4, 5, 6)")
    before = page.frame_locator("#letter").locator("img").get_attribute("src")
    assert before
    server.logo("blue")
    expect(page.frame_locator("#letter").locator("img")).not_to_have_attribute("src", before)
    server.case.write_text(server.case.read_text().replace("CM16-0000001", "CM16-0000002"))
    see(page, "CM16-0000002")


def test_an_error_keeps_the_last_good_letter_and_goes_when_mended(server: Server, opened: Callable[..., Page]) -> None:
    page = opened()
    see(page, "Summary one.")
    for text, says in (("<p>{{ case.number </p>", "IMR205"), ("<p>{{ employe.name }}</p>", "did you mean `employer`")):
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


def test_what_a_pdf_would_refuse_is_told_behind_the_html_and_the_newest_word_wins(
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
    expect(accessibility.locator("li")).to_have_count(2)
    page.keyboard.press("3")
    expect(page.locator("#error")).to_be_hidden()
    expect(accessibility.locator("li")).to_have_count(2)
    page.keyboard.press("1")
    held: list[Route] = []
    page.route("**/accessibility", lambda route: held.append(route))
    server.block("more", '<p>Partial three.</p><img src="logo.svg">')
    _until(page, lambda: len(held) == 1)
    server.block("more", "<p>Partial four.</p>")
    _until(page, lambda: len(held) == 2)
    see(page, "Partial four.")
    held[1].continue_()
    expect(accessibility).to_have_count(0)
    late = {"code": "IMR406", "message": "late", "hints": [], "severity": "error", "group": "accessibility"}
    with page.expect_response("**/accessibility"):
        held[0].fulfill(json={"diagnostics": [late]})
    page.wait_for_timeout(200)
    expect(accessibility).to_have_count(0)


def _until(page: Page, there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT / 1000
    while not there():
        assert time.monotonic() < deadline
        page.wait_for_timeout(20)


def test_a_file_that_was_looked_for_and_now_exists_is_used(server: Server, opened: Callable[..., Page]) -> None:
    page = opened()
    see(page, "HOW THE IMR FINAL DETERMINATION")
    server.block("how_made", "<p>How it was made here.</p>")
    see(page, "How it was made here.")


def test_an_endless_template_is_stopped_and_the_server_lives(server: Server, opened: Callable[..., Page]) -> None:
    page = opened()
    see(page, "Partial one.")
    loop = "{% for a in 'x' * 99999 %}{% for b in 'x' * 99999 %}{% if false %}x{% endif %}{% endfor %}{% endfor %}"
    server.block("more", loop)
    expect(page.locator("#error")).to_contain_text("a loop without an end")
    expect(page.locator("#error")).to_contain_text("more.html:1:")
    server.block("more", "<p>\n<p>{{ 'x' * 4000000000 }}")
    expect(page.locator("#error")).to_contain_text("more memory")
    expect(page.locator("#error")).to_contain_text("more.html:2:4")
    server.block("more", "<p>Ended.</p>")
    see(page, "Ended.")


def test_two_hundred_saves_end_at_the_last_one_with_few_renders(server: Server, opened: Callable[..., Page]) -> None:
    page = opened()
    see(page, "Partial one.")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/render") else None)
    for number in range(200):
        server.block("more", f"<p>Save {number}.</p>")
        time.sleep(0.01)
    see(page, "Save 199.")
    assert 1 <= len(asked) <= 40


def test_a_new_case_and_another_tab_and_a_server_started_again(server: Server, opened: Callable[..., Page]) -> None:
    first, second = opened(), opened("?pack=imr-2015")
    see(second, "The injured worker")
    (server.cases / "new.toml").write_text(server.case.read_text().replace("CM16-0000001", "CM16-0000009"))
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
    page.go_back()
    see(page, "Expert Reviewer 1 of")
    page.keyboard.press("3")
    expect(page.locator("#text")).to_contain_text("CLINICAL CASE SUMMARY")
    page.keyboard.press("5")
    expect(page.locator("#source-lines")).to_contain_text("<!doctype html>")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_contain_text("Next case")


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


def test_data_are_edited_switched_and_saved_but_never_forced(server: Server, opened: Callable[..., Page]) -> None:
    page = opened("?format=data")
    before = server.case.read_text()
    expect(page.locator("#draft")).to_have_value(before)
    page.locator("#draft").fill(before.replace("CM16-0000001", "CM16-0000077"))
    see(page, "CM16-0000077")
    assert server.case.read_text() == before
    page.get_by_label("case.priority").select_option("expedited")
    see(page, "Expedited")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#data-state")).to_have_text("Saved")
    saved = server.case.read_text()
    assert saved == before.replace("CM16-0000001", "CM16-0000077").replace('"standard"', '"expedited"')
    page.locator("#draft").fill(saved.replace("CM16-0000077", "CM16-0000078"))
    see(page, "CM16-0000078")
    elsewhere = saved.replace("CM16-0000077", "CM16-0000099")
    server.case.write_text(elsewhere)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#data-state")).to_contain_text("nothing was written")
    assert server.case.read_text() == elsewhere
    page.get_by_role("button", name="Load again").click()
    see(page, "CM16-0000099")


def test_two_states_are_compared(server: Server, opened: Callable[..., Page]) -> None:
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(server.folder)]
    for arguments in (["init", "-q"], ["add", "acme", "cases"], ["commit", "-qm", "a"]):
        subprocess.run([*git, *arguments], check=True)
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
    expect(page.frame_locator("#compare iframe[title=Before]").locator("body")).to_contain_text("Partial one.")
    expect(page.frame_locator("#compare iframe[title=After]").locator("body")).to_contain_text("Partial two.")


def test_a_file_that_was_added_or_deleted_is_compared(server: Server, opened: Callable[..., Page]) -> None:
    page = opened("?against=save")
    expect(page.locator("#compare")).to_contain_text("nothing was saved")
    added, deleted = page.locator("#compare ins"), page.locator("#compare del")
    server.block("how_made", "<p>Unheard-of.</p>")
    expect(added.filter(has_text="Unheard-of.")).to_have_count(1)
    expect(deleted.filter(has_text="strength of evidence")).to_have_count(1)
    (server.pack / "blocks" / "how_made.html").unlink()
    expect(deleted.filter(has_text="Unheard-of.")).to_have_count(1)
    expect(added.filter(has_text="strength of evidence")).to_have_count(1)


def test_words_know_their_template_and_their_field(server: Server, opened: Callable[..., Page]) -> None:
    page = opened("?inspect=1")
    letter = page.frame_locator("#letter")
    letter.get_by_text("Partial one.").hover()
    expect(page.locator("#origin")).to_contain_text("acme/blocks/more.html:1")
    expect(page.locator("#origin")).to_contain_text("included from acme/blocks/clinical_summary.html:1")
    letter.get_by_text("CM16-0000001").hover()
    expect(page.locator("#origin")).to_contain_text("Field case.number")
    line = server.case.read_text().split("CM16-0000001")[0].count("\n") + 1
    expect(page.locator("#origin")).to_contain_text(f"case.toml:{line}")
    expect(page.locator("#unused")).to_contain_text("employee.name")
    expect(page.locator("#branches")).to_contain_text("else")
    page.get_by_role("button", name="Next words").click()
    page.locator("#origin .place").last.click()
    expect(page).to_have_url(re.compile("format=(data|source)"))


def test_words_of_a_pdf_know_their_template_and_their_field(server: Server, opened: Callable[..., Page]) -> None:
    page = opened("?format=pdf")
    page.get_by_role("button", name="Inspect").click()
    spots = page.locator("#pages .spot")
    expect(spots.first).to_be_attached()
    for words, told in (
        ("Partial one.", "acme/blocks/more.html:1"),
        ("CM16-0000001", "Field case.number"),
        ("Summary one.", "acme/blocks/clinical_summary.html:1"),
    ):
        line = page.locator("#pages .line", has_text=words).first
        line.scroll_into_view_if_needed()
        box = line.bounding_box()
        assert box
        page.mouse.move(box["x"] + box["width"] - 12, box["y"] + box["height"] / 2)
        expect(page.locator("#origin")).to_contain_text(told)
        expect(page.locator("#pages .imrgen-here").first).to_be_visible()
    page.get_by_role("button", name="Next words").click()
    page.get_by_role("button", name="Words before").click()
    expect(page.locator("#origin")).to_contain_text("acme/blocks/clinical_summary.html:1")
    server.block("more", "<p>Partial two.</p>")
    expect(page.locator("#pages")).to_contain_text("Partial two.")
    expect(spots.first).to_be_attached()
    (server.pack / "acme.css").write_text("h1::before { content: 'Part '; }\n")
    expect(page.locator("#error")).to_be_hidden()
    expect(page.locator("#origin")).to_contain_text("CSS adds words to this PDF or moves some.")
    page.get_by_role("button", name="Inspect").click()
    expect(spots).to_have_count(0)


def test_a_branch_that_any_of_the_cases_takes_is_not_listed(server: Server, opened: Callable[..., Page]) -> None:
    asked = ("case.priority == 'expedited'", "case.number == 'never'", "reviewers | length > 1")
    server.block("more", "\n".join(f"{{% if {each} %}}words{{% endif %}}" for each in asked))
    page = opened("?inspect=1&case=cases/case.toml")
    page.locator("#branches-title").click()
    branches = page.locator("#branches li").filter(has_text="more.html")
    expect(page.locator("#branches-of")).to_have_text("2 of 2 cases looked at")
    expect(branches).to_have_text(["if acme/blocks/more.html:1", "if acme/blocks/more.html:2"])
    (server.cases / "new.toml").write_text(server.case.read_text().replace('"standard"', '"expedited"'))
    expect(page.locator("#branches-of")).to_have_text("3 of 3 cases looked at")
    expect(branches).to_have_text(["if acme/blocks/more.html:2"])
    (server.cases / "none.toml").write_text("[case]\n")
    expect(page.locator("#branches-of")).to_have_text("4 of 4 cases looked at, 1 without a letter")
    expect(branches).to_have_count(1)


def test_places_open_in_the_editor(server: Server, opened: Callable[..., Page], tmp_path: Path) -> None:
    page = opened("?inspect=1")
    page.frame_locator("#letter").get_by_text("Partial one.").hover()
    edit = page.locator("#origin").get_by_text("Open in the editor")
    expect(edit).to_have_attribute("href", f"vscode://file{server.pack}/blocks/more.html:1:1")
    recorder = tmp_path / "recorder"
    recorder.write_text(f"#!{sys.executable}\nimport sys\nopen({str(tmp_path / 'told')!r}, 'w').write(sys.argv[1])\n")
    recorder.chmod(0o755)
    server.restart("--editor", f"{recorder} {{file}}:{{line}}:{{column}}")
    for view, place in (("source&file=blocks/more.html", "acme/blocks/more.html:1:1"), ("data", "cases/case.toml:7:1")):
        page = opened(f"?case=cases/case.toml&format={view}&line={place.split(':')[1]}")
        page.get_by_role("button", name="Open in the editor").click()
        _until(page, lambda: (tmp_path / "told").exists() and (tmp_path / "told").read_text() != "")
        assert (tmp_path / "told").read_text() == f"{server.folder}/{place}"
        (tmp_path / "told").unlink()
    recorder.unlink()
    page.get_by_role("button", name="Open in the editor").click()
    expect(page.get_by_role("button", name="the editor cannot be started")).to_be_visible()


HOSTILE = '<script>window.top.hacked = 1</script><img src=x onerror="window.top.hacked = 1">{{ 7 * 7 }}\'">'


def test_no_field_of_a_case_runs_a_script(server: Server, opened: Callable[..., Page]) -> None:
    text = server.case.read_text()
    strings = re.findall(r'^(\w+) = "([^"\n]*)"$', text, re.MULTILINE)
    assert len(strings) > 5
    for name, value in strings:
        if name not in ("number", "priority", "sex", "injury_kind", "decision", "ur_action", "vote"):
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
    server.block("more", "<script>window.top.hacked = 1</script><p onclick='window.top.hacked=1'>press</p>")
    see(page, "press")
    page.frame_locator("#letter").get_by_text("press").first.click()
    assert page.evaluate("() => window.hacked") is None


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_the_keyboard_reaches_everything(
    server: Server, opened: Callable[..., Page], theme: str
) -> None:
    page = opened(f"?theme={theme}")
    for query in (
        "",
        "&format=pdf",
        "&format=text",
        "&format=data",
        "&format=source",
        "&inspect=1",
        "&against=pack:imr",
    ):
        page.goto(f"{server.url}?theme={theme}{query}")
        page.wait_for_selector("html[data-revision]")
        found = Axe().run(page, context={"exclude": [["#letter"]]})
        assert found.violations_count == 0, (query, found.generate_report())
    server.block("more", "{{ nope }}")
    page.goto(f"{server.url}?theme={theme}")
    expect(page.locator("#error")).to_be_visible()
    found = Axe().run(page, context={"exclude": [["#letter"]]})
    assert found.violations_count == 0, found.generate_report()
    controls = page.locator("#side button, #side input, #bar button, #bar select, #panel button").count()
    reached = set()
    for _ in range(controls + 30):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("() => document.activeElement.id || document.activeElement.textContent"))
    for name in (
        "search",
        "toggle-side",
        "width",
        "zoom",
        "compare-toggle",
        "inspect-toggle",
        "theme",
        "help-open",
        "toggle-panel",
    ):
        assert name in reached, name
