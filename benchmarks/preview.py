"""From a save to the letter on the screen, in Chromium, beside sphinx-autobuild on the same words.

usage: python benchmarks/preview.py [SAVES]      (default 20)

The bars are 150 ms for HTML and 600 ms for PDF, in the median; the programs take turns. `pip
install sphinx-autobuild` for the comparison; where it is missing, that is said, and the rest is
measured all the same.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, sync_playwright

import imrgen

ROOT = Path(__file__).parent.parent
CASE = ROOT / "fixtures" / "panel.toml"
WARM, REST = 2, 0.5
"""Saves that are not counted, and the seconds between two."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
# The page itself looks for the word at every frame that is drawn: no polling from outside stands in
# the time.
WATCH = """word => new Promise(done => {
  const look = () => {
    const inside = document.getElementById("letter")?.contentDocument ?? document;
    const place = FORMAT === "pdf" ? document.getElementById("pages") : inside.body;
    place?.textContent.includes(word)
      ? requestAnimationFrame(() => done(Date.now()))
      : requestAnimationFrame(look);
  };
  look();
})"""


class Subject:
    """A program that shows a file, and the page on which it does.

    Args:
        name: What it is called.
        page: The page.
        file: The file that is saved.
        text: The file's text, with `{}` for a word that tells one save from another.
        watch: A script that resolves when its word is on the screen, with the time; `None`: the
            page loads itself anew, so that the word is looked for from outside.
    """

    def __init__(self, name: str, page: Page, file: Path, text: str, watch: str | None) -> None:
        self.name, self._page, self._file, self._text, self._watch = name, page, file, text, watch
        self.took: list[float] = []

    def save(self, number: int) -> None:
        """Save the file once, and note the milliseconds until that is seen."""
        word = f"Save{number}x"
        if self._watch:
            self._page.evaluate(f"() => {{ window.seen = ({self._watch})({word!r}); }}")
        began = time.time() * 1000
        self._file.write_text(self._text.format(word))
        if self._watch:
            self.took.append(self._page.evaluate("() => window.seen") - began)
        else:
            self._page.get_by_text(word, exact=True).wait_for()
            self.took.append(time.time() * 1000 - began)


def preview(
    stack: contextlib.ExitStack, browser: Browser, folder: Path, format_: str, bar: int
) -> Subject:
    """Show a block of a pack, in a preview of its own."""
    pack = folder / format_
    (pack / "blocks").mkdir(parents=True)
    (pack / "pack.toml").write_text('name = "acme"\ntitle = "a"\nversion = "1"\nextends = "imr"\n')
    block = pack / "blocks" / "clinical_summary.html"
    text = "<p>{}</p>{{{{ clinical_summary | markdown }}}}"
    block.write_text(text.format("first"))
    command = [
        "-m",
        "imrgen",
        "preview",
        str(CASE),
        "--templates",
        str(pack),
        "--no-open",
        "--port",
        "0",
        "--print-url",
    ]
    server = stack.enter_context(started(command, folder))
    assert server.stdout
    page = browser.new_page()
    page.goto(f"{server.stdout.readline().strip()}?format={format_}")
    page.wait_for_selector("html[data-revision]")
    return Subject(
        f"imrgen preview, {format_} (at most {bar})",
        page,
        block,
        text,
        WATCH.replace("FORMAT", repr(format_)),
    )


def sphinx(stack: contextlib.ExitStack, browser: Browser, folder: Path) -> Subject:
    """Show a page of the letter's words with sphinx-autobuild."""
    docs = folder / "docs"
    docs.mkdir()
    (docs / "conf.py").write_text("")
    letter = imrgen.Renderer(check=False).render(CASE).text
    text = "Letter\n======\n\n{}\n\n" + letter.replace("{", "(").replace("}", ")").replace(
        "*", ""
    ).replace("|", "")
    index = docs / "index.rst"
    index.write_text(text.format("first"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    stack.enter_context(
        started(
            ["-m", "sphinx_autobuild", "--port", port, str(docs), str(folder / "built")], folder
        )
    )
    page = browser.new_page()
    for _ in range(100):
        try:
            page.goto(f"http://127.0.0.1:{port}/")
            break
        except Error:
            time.sleep(0.2)
    return Subject("sphinx-autobuild, a page of the same words", page, index, text, None)


@contextlib.contextmanager
def started(command: list[str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a server, and end it."""
    environment = {**os.environ, "XDG_STATE_HOME": str(folder)}
    server = subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield server
    finally:
        server.terminate()
        server.wait(10)


def main() -> None:
    """Print the medians."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    chromium = shutil.which("chromium")
    assert chromium, "install chromium"
    with (
        tempfile.TemporaryDirectory() as name,
        sync_playwright() as driver,
        contextlib.ExitStack() as stack,
    ):
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        stack.callback(browser.close)
        folder = Path(name)
        subjects = [
            preview(stack, browser, folder, "html", 150),
            preview(stack, browser, folder, "pdf", 600),
        ]
        if importlib.util.find_spec("sphinx_autobuild"):
            subjects.append(sphinx(stack, browser, folder))
        else:
            print("sphinx-autobuild is not installed: not compared")
        for number in range(count + WARM):
            for subject in subjects:
                subject.save(number)
                time.sleep(REST)
        for subject in subjects:
            print(f"{statistics.median(subject.took[WARM:]):7.0f} ms  {subject.name}")


if __name__ == "__main__":
    main()
