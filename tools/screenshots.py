"""Make the screenshots of docs/preview.md: `python tools/screenshots.py`, with chromium on PATH."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent
SHOTS = ROOT / "docs" / "preview"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
VIEWS = {
    "letter": ("", 1280, 800),
    "pdf-dark": ("?format=pdf&theme=dark", 1280, 800),
    "data": ("?format=data", 1280, 800),
    "inspect": ("?inspect=1", 1280, 800),
    "compare": ("?against=pack:imr-2015", 1280, 800),
    "phone": ("?width=phone", 390, 844),
    "phone-data": ("?format=data&panes=form", 390, 844),
    "source": ("?format=source&file=case+file&theme=dark", 1280, 800),
    "error": ("", 1280, 800),
}


def main() -> None:
    """Start a preview, open each view, and save what is seen."""
    SHOTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as driver:
        folder = Path(name)
        (folder / "cases").mkdir()
        shutil.copy(ROOT / "imrgen" / "starter.toml", folder / "cases" / "case.toml")
        shutil.copy(ROOT / "fixtures" / "panel.toml", folder / "cases")
        command = [sys.executable, "-m", "imrgen"]
        environment = {**os.environ, "XDG_STATE_HOME": name}
        # The built-in packs stand here too, so that no path of this machine is shown.
        shutil.copytree(ROOT / "templates", folder / "packs")
        subprocess.run(
            [*command, "packs", "new", "packs/acme", "--organization", "Acme Review"],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        server = subprocess.Popen(
            [
                *command,
                "preview",
                "cases",
                "--templates",
                "packs",
                "--pack",
                "acme",
                "--no-open",
                "--port",
                "0",
                "--print-url",
            ],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        try:
            assert server.stdout
            url = server.stdout.readline().strip()
            for view, (query, width, height) in VIEWS.items():
                page = browser.new_page(viewport={"width": width, "height": height})
                page.goto(url + query)
                page.wait_for_selector("html[data-revision]")
                page.locator("#cases .mark[data-mark=clean], #cases .mark[data-mark=warning]").nth(
                    1
                ).wait_for(state="attached")
                if view == "inspect":
                    for _ in range(4):
                        page.get_by_role("button", name="Next words").click()
                if view == "pdf-dark":
                    page.locator("#pages img").first.wait_for()
                if view == "compare":
                    page.locator("#compare .words").wait_for()
                if view == "error":
                    (folder / "packs" / "acme" / "blocks").mkdir()
                    (folder / "packs" / "acme" / "blocks" / "clinical_summary.html").write_text(
                        "<p>{{ employe.name }}</p>\n"
                    )
                    page.locator("#error pre").wait_for()
                page.screenshot(path=SHOTS / f"{view}.png")
                page.close()
        finally:
            server.terminate()
            server.wait(10)
            browser.close()


main()
