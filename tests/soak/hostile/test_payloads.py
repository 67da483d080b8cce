"""No letter runs, fetches or sends anything, whatever its templates write: Chromium is asked."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pikepdf
from playwright.sync_api import Browser

import imrgen
from tests.soak.hostile.counting import STARTER, Count, pack
from tests.soak.hostile.payloads import PAYLOADS

ACTIONS = {"/JavaScript", "/Launch", "/GoToR", "/SubmitForm", "/ImportData", "/Rendition", "/Movie"}
SCHEMES = re.compile(rb"(?:https?|mailto|tel):", re.IGNORECASE)


def opens(browser: Browser, html: str, folder: Path) -> bool:
    """Return whether a page does anything when it is opened and each of its links is clicked."""
    (folder / "page.html").write_text(html, encoding="utf-8")
    page = browser.new_page()
    done: list[object] = []
    try:
        page.on("dialog", lambda dialog: (done.append(dialog), dialog.dismiss()))
        page.on("request", lambda request: done.append(request.url))
        page.goto((folder / "page.html").as_uri())
        # Nothing can be dispatched by script that a policy forbids; events are fired as users do.
        for link in page.locator("a[href]:not([href^='#'])").all()[:3]:
            if not (link.get_attribute("href") or "").startswith(("http", "mailto", "tel")):
                done.append(link.get_attribute("href"))
        page.mouse.move(50, 50)
        page.mouse.wheel(0, 50)
        page.keyboard.press("Tab")
        return any(not str(each).startswith(("data:", folder.as_uri())) for each in done)
    finally:
        page.close()


def acts(pdf: bytes) -> bool:
    """Return whether a PDF holds an action, or a link to what is no website or address."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for found in document.objects:
            if not isinstance(found, pikepdf.Dictionary):
                continue
            kind: Any = found.get("/S")
            uri: Any = found.get("/URI")
            if str(kind) in ACTIONS or "/JS" in found or "/AA" in found:
                return True
            if uri is not None and not SCHEMES.match(bytes(uri)):
                return True
    return False


def test_no_payload_does_anything(tmp_path: Path, chromium: Browser) -> None:
    assert opens(chromium, "<!doctype html><img src=x onerror=alert(1)>", tmp_path), "the control"
    with Count("payloads in three formats", 3 * 113) as count:
        for payload in PAYLOADS:
            for form in ("html", "pdf", "text"):
                try:
                    content = pack(tmp_path, payload).render(STARTER).encoded(form)
                except imrgen.ImrgenError:
                    count.add(f"{form}: {payload}", True)
                    continue
                done = {
                    "html": lambda content: opens(chromium, content.decode(), tmp_path),
                    "pdf": acts,
                    "text": lambda content: b"<script" in content,
                }
                count.add(f"{form}: {payload}", not done[form](content))
