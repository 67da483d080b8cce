"""No text of a case becomes markup, in any built-in pack and any field."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from playwright.sync_api import Browser

import imrgen
from imrgen.case import CORE
from imrgen.document import parse_html
from tests.soak.hostile.counting import STARTER, Count, pack
from tests.soak.hostile.payloads import PAYLOADS, SCHEMES
from tests.soak.hostile.test_payloads import opens

BLOCK = """
<p title="{{ employee.name }}" class='{{ employee.name }}' id="{{ employee.name }}">x</p>
<p data-x='{{ clinical_summary }}'>{{ clinical_summary }}</p>
<svg><title>{{ employee.name }}</title><desc>{{ clinical_summary }}</desc></svg>
{{ clinical_summary | markdown }}{{ employee.name | markdown(employee.name) }}
<p {{ {"title": employee.name} | xmlattr }}>{{ employee.name | lines }}</p>
"""
MARKDOWN = [
    *(f"[x]({address})" for address in SCHEMES),
    *(f"<{address}>" for address in SCHEMES[:6]),
    *(f"![x]({address})" for address in SCHEMES[:6]),
    '[x](https://a.invalid/"onmouseover=alert(1))',
    "[x](https://a.invalid 'y\" onclick=alert(1)')",
    "[x][y]\n\n[y]: javascript:alert(1)",
    "`<img src=x onerror=alert(1)>`",
    "```\n</code></pre><script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "| <script>alert(1)</script> | b |\n|-|-|\n| a | b |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\\<script>alert(1)\\</script>",
    "a\N{ZERO WIDTH SPACE}<scr\N{ZERO WIDTH SPACE}ipt>alert(1)</script>",
    "＜script＞alert(1)＜/script＞",
    "<!--<script>alert(1)</script>-->",
    "{{ 7*7 }}{% raw %}<script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    "` onmouseover=`alert(1)",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "--><script>alert(1)</script><!--",
    "]]><script>alert(1)</script>",
]
TEXTS = [*MARKDOWN, *PAYLOADS]
ACTIVE = {"script", "iframe", "object", "embed", "form", "input", "button", "meta", "base", "link"}


def attack(text: str) -> dict[str, Any]:
    """Return a case with a text in every field that takes it."""
    data = tomllib.loads(STARTER.read_text())
    kept = {}
    for path, value, field in [*CORE.walk(data)]:
        if isinstance(value, str) and field.kind in ("narrative", "text", "name"):
            line = text if field.kind == "narrative" else " ".join(text.split())
            kept[path] = value
            put(data, path, f"{value} {line}")
    for _ in range(9):
        try:
            imrgen.load_case(data)
        except imrgen.CaseError as error:
            for path in [each.path for each in error.diagnostics]:
                if path in kept:
                    put(data, path, kept[path])
        else:
            return data
    raise AssertionError("the case cannot be read, whatever it holds")


def put(data: Any, path: tuple[str | int, ...], value: object) -> None:
    for part in path[:-1]:
        data = data[part]
    data[path[-1]] = value


def is_active(root: Element) -> bool:
    for element in root[1].iter():
        if element.tag in ACTIVE or any(name.startswith("on") for name in element.attrib):
            return True
        address = (element.get("href") or "").strip().lower()
        if address and not address.startswith(("http:", "https:", "mailto:", "#")):
            return True
        if element.tag == "img" and not (element.get("src") or "").startswith("data:"):
            return True
    return False


def test_no_text_of_a_case_becomes_markup(tmp_path: Path, chromium: Browser) -> None:
    letters = [
        imrgen.Renderer(pack="imr", check=False),
        imrgen.Renderer(pack="imr-2015", check=False),
        pack(tmp_path, BLOCK),
    ]
    pages = 0
    attacks = [attack(text) for text in TEXTS]
    with Count("XSS renders", 363) as count, Count("pages in a browser", 240) as opened:
        for renderer in letters:
            for text, case in zip(TEXTS, attacks, strict=True):
                try:
                    html = renderer.render(case).html
                except imrgen.ImrgenError:
                    count.add(text, True)
                    continue
                count.add(text, not is_active(parse_html(html)))
                if pages < 300 and (pages < 120 or renderer is letters[-1]):
                    pages += 1
                    opened.add(text, not opens(chromium, html, tmp_path))
