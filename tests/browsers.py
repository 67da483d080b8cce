"""What the tests of the preview share: a server, a browser, and a page in it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.conftest import ROOT

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LIMIT = 60_000
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
            'name = "acme"\ntitle = "Acme"\nversion = "1"\nextends = "imr"\n'
            'organization.inherit = true\nstyles = ["acme.css"]\n'
        )
        (self.pack / "acme.css").write_text("h1 { color: rgb(1, 2, 3); }\n")
        self.block(
            "clinical_summary",
            "<p>Summary one.</p>{% include 'blocks/more.html' %}{{ clinical_summary | markdown }}",
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
        svg = (
            '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
            f"<title>logo</title>{path}</svg>"
        )
        (self.pack / "logo.svg").write_text(svg)

    def _start(self, port: str, *arguments: str) -> None:
        command = [
            sys.executable,
            "-m",
            "imrgen",
            "preview",
            "cases",
            "--templates",
            "acme",
            "--no-open",
            "--port",
            port,
            "--print-url",
            # A machine that is busy with other tests is no fault of a letter.
            "--timeout",
            "120",
            *arguments,
        ]
        state = {
            "XDG_STATE_HOME": str(self.folder / "state"),
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
        }
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=state, cwd=self.folder
        )
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
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def opened(server: Server, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open a view of the preview.

    A page that throws, or asks for anything off this server, fails the test.
    """
    faults: list[str] = []
    context = chromium.new_context(viewport={"width": 1600, "height": 800})

    def open_(query: str = "") -> Page:
        page = context.new_page()
        page.set_default_timeout(LIMIT)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "request",
            lambda r: r.url.startswith((server.url, "data:", "blob:")) or faults.append(r.url),
        )
        page.goto(server.url + query)
        page.wait_for_selector("html[data-revision]")
        expect(page.locator("#live")).to_have_text("live")
        return page

    yield open_
    context.close()
    assert not faults


LETTER = "document.getElementById('letter').contentDocument?.body"


def see(page: Page, text: str) -> None:
    """Wait until the letter in its frame has a text."""
    wait(page, f"text => {LETTER}?.textContent.includes(text)", text)


def miss(page: Page, text: str) -> None:
    """Wait until the letter in its frame lacks a text."""
    wait(page, f"text => !{LETTER}?.textContent.includes(text)", text)


def wait(page: Page, condition: str, argument: object = None) -> None:
    """Wait until a JavaScript function returns what is true; on failure say what the page shows."""
    try:
        page.wait_for_function(condition, arg=argument)
    except PlaywrightTimeoutError as error:
        error.add_note(f"{page.url}: {page.locator('#error, #panel').all_inner_texts()}")
        raise
