"""From a save to the letter on the screen, in Chromium, beside sphinx-autobuild on a page of the same words.

usage: python benchmarks/preview.py [SAVES]      (default 20)

The bars are 150 ms for HTML and 600 ms for PDF, in the median. `pip install sphinx-autobuild` for the comparison; where
it is missing, that is said, and the rest is measured all the same.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

import imrgen

ROOT = Path(__file__).parent.parent
CASE = ROOT / "fixtures" / "panel.toml"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
# The page itself looks for the word at every frame that is drawn: no polling from outside stands in the time.
WATCH = """word => new Promise(done => {
  const look = () => {
    const inside = document.getElementById("letter")?.contentDocument ?? document;
    const place = FORMAT === "pdf" ? document.getElementById("pages") : inside.body;
    place?.textContent.includes(word) ? requestAnimationFrame(() => done(Date.now())) : requestAnimationFrame(look);
  };
  look();
})"""


def saves(page: Page, path: Path, text: str, format_: str, count: int) -> list[float]:
    """Save a file again and again, and give the milliseconds until each save is seen."""
    took = []
    for number in range(count + 2):
        word = f"Save{format_}{number}x"
        watch = WATCH.replace("FORMAT", repr(format_))
        page.evaluate(f"() => {{ window.seen = ({watch})({word!r}); }}")
        began = time.time() * 1000
        path.write_text(text.format(word))
        took.append(page.evaluate("() => window.seen") - began)
        time.sleep(0.4)
    return took[2:]


def started(command: list[str], environment: dict[str, str], folder: Path) -> subprocess.Popen[str]:
    """Start a server."""
    return subprocess.Popen(
        command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


def main() -> None:
    """Print the medians."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    letter = imrgen.Renderer(check=False).render(CASE)
    chromium = shutil.which("chromium")
    assert chromium, "install chromium"
    with tempfile.TemporaryDirectory() as name, sync_playwright() as driver:
        folder = Path(name)
        pack = folder / "acme"
        (pack / "blocks").mkdir(parents=True)
        (pack / "pack.toml").write_text('name = "acme"\ntitle = "a"\nversion = "1"\nextends = "imr"\n')
        block = pack / "blocks" / "clinical_summary.html"
        text = "<p>{}</p>{{{{ clinical_summary | markdown }}}}"
        block.write_text(text.format("first"))
        environment = {**os.environ, "XDG_STATE_HOME": name}
        command = [sys.executable, "-m", "imrgen", "preview", str(CASE), "--templates", str(pack)]
        server = started([*command, "--no-open", "--port", "0", "--print-url"], environment, folder)
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            assert server.stdout
            url = server.stdout.readline().strip()
            for format_, bar in (("html", 150), ("pdf", 600)):
                page = browser.new_page()
                page.goto(f"{url}?format={format_}")
                page.wait_for_selector("html[data-revision]")
                took = saves(page, block, text, format_, count)
                print(f"{statistics.median(took):7.0f} ms  imrgen preview, {format_} (at most {bar})")
                page.close()
        finally:
            server.terminate()
            server.wait(10)
        if importlib.util.find_spec("sphinx_autobuild") is None:
            print("sphinx-autobuild is not installed: not compared")
        else:
            _sphinx(browser.new_page(), folder, letter.text, environment, count)
        browser.close()


def _sphinx(page: Page, folder: Path, text: str, environment: dict[str, str], count: int) -> None:
    """Measure sphinx-autobuild: the page loads itself anew, so the word is looked for from outside."""
    docs = folder / "docs"
    docs.mkdir()
    (docs / "conf.py").write_text("")
    words = "Letter\n======\n\n{}\n\n" + text.replace("{", "(").replace("}", ")").replace("*", "").replace("|", "")
    index = docs / "index.rst"
    index.write_text(words.format("first"))
    port = "8793"
    command = [sys.executable, "-m", "sphinx_autobuild", "--port", port, str(docs), str(folder / "built")]
    server = started(command, environment, folder)
    try:
        for _ in range(100):
            try:
                page.goto(f"http://127.0.0.1:{port}/")
                break
            except Exception:
                time.sleep(0.2)
        took = []
        for number in range(count + 2):
            time.sleep(0.6)
            began = time.time() * 1000
            index.write_text(words.format(f"Save{number}x"))
            page.get_by_text(f"Save{number}x", exact=True).wait_for()
            took.append(time.time() * 1000 - began)
        print(f"{statistics.median(took[2:]):7.0f} ms  sphinx-autobuild, a page of the same words")
    finally:
        server.terminate()
        server.wait(10)


if __name__ == "__main__":
    main()
