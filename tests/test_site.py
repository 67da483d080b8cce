"""The site of the pages, and the reference in it: every public name, from its docstring."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser

import imrgen
import imrgen.testing
from tests.conftest import ROOT

REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
STATED = {
    name: kind
    for kind, name in re.findall(
        r"^\.\. (auto\w+|py:type):: (imrgen[\w.]*)", REFERENCE, re.MULTILINE
    )
}
"""Each name of the reference with the directive that shows it."""


def value_of(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


VALUES = {name: value_of(name) for name, kind in STATED.items() if kind != "py:type"}


def test_every_public_name_stands_in_the_reference() -> None:
    public = {f"imrgen.{name}" for name in imrgen.__all__}
    public |= {f"imrgen.testing.{name}" for name in imrgen.testing.__all__}
    assert len(public) > 40
    assert public - STATED.keys() == set()


def test_every_name_that_a_page_imports_stands_in_the_reference() -> None:
    """What users are shown is public."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    programs = "\n".join(path.read_text(encoding="utf-8") for path in pages)
    shown = {
        f"{module}.{name}"
        for module, names in re.findall(r"^from (imrgen[\w.]*) import (.+)$", programs, re.M)
        for name in re.split(r",\s*", names)
    }
    shown |= set(re.findall(r"(?<![\w./])imrgen\.[A-Za-z_]\w*(?=\()", programs))
    assert {"imrgen.checks.Finding", "imrgen.testing.letters", "imrgen.render"} <= shown
    assert shown - STATED.keys() == set()


def test_the_reference_has_each_name_once() -> None:
    names = re.findall(r"^\.\. (?:auto\w+|py:type):: (imrgen[\w.]*)", REFERENCE, re.MULTILINE)
    assert sorted(names) == sorted(STATED)
    for name in STATED:
        value_of(name)


def test_each_name_is_shown_as_what_it_is() -> None:
    wrong = []
    for name, value in VALUES.items():
        is_error = isinstance(value, type) and issubclass(value, BaseException)
        kinds = {"autoexception"} if is_error else {"autoclass"}
        if not isinstance(value, type):
            kinds = {"autofunction", "autodecorator"}
        if STATED[name] not in kinds:
            wrong.append((name, STATED[name]))
    assert wrong == []


def described(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield a public function or class, and the methods and properties that a class has itself."""
    yield value.__qualname__, value
    if isinstance(value, type):
        for name, member in vars(value).items():
            if not name.startswith("_") and (
                inspect.isfunction(member) or isinstance(member, property | classmethod)
            ):
                yield f"{value.__qualname__}.{name}", getattr(member, "__func__", member)


DESCRIBED = [
    pytest.param(*each, id=each[0]) for value in VALUES.values() for each in described(value)
]


@pytest.mark.parametrize(("name", "value"), DESCRIBED)
def test_the_docstring_of_a_public_name_fits_it(name: str, value: Any) -> None:
    """It has one, which describes no argument that is not there, and all if it describes one."""
    text = inspect.getdoc(value) or ""
    assert text and text.partition("\n")[0].endswith("."), name
    arguments = re.search(r"^Args:\n((?:    .*\n?|\n)+)", text, re.MULTILINE)
    if arguments is None:
        return
    stated = set(re.findall(r"^    \*{0,2}(\w+): ", arguments[1], re.MULTILINE))
    known = set(inspect.signature(value).parameters) - {"self", "cls"}
    assert stated <= known
    assert stated == known or not isinstance(value, type)


BUILD = ("-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going", "--fresh-env")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` builds it: any warning is an error."""
    assert importlib.util.find_spec("sphinx"), "the extra `docs` is not installed: `make docs`"
    folder = tmp_path_factory.mktemp("site")
    places = ("-d", folder / "trees", "-c", "docs", ".", folder / "html")
    build = [sys.executable, *BUILD, *places]
    run = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    return folder / "html"


def test_make_builds_the_site_as_the_tests_do() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (options,) = re.findall(r"sphinx-build (.*) -d ", makefile)
    assert tuple(options.split()) == BUILD[2:]


@pytest.mark.slow
def test_the_site_is_whole_and_needs_no_other(site: Path) -> None:
    """Each link of its own leads to a page and a place there, and nothing is loaded elsewhere."""
    pages = {path: LexborHTMLParser(path.read_text("utf-8")) for path in site.rglob("*.html")}
    written = [ROOT / name for name in ("README.md", "SECURITY.md", "CHANGELOG.md")]
    for path in [*written, *(ROOT / "docs").glob("*.md")]:
        assert (site / path.relative_to(ROOT).with_suffix(".html")) in pages
    ids = {
        path: {node.attributes["id"] for node in page.css("[id]")} for path, page in pages.items()
    }
    broken = []
    count = 0
    for path, page in pages.items():
        for node in page.css("[href], [src]"):
            link = node.attributes.get("href") or node.attributes.get("src") or ""
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                if node.tag != "a":
                    broken.append((path.name, link))
                continue
            count += 1
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            is_there = target.exists() and (
                not parts.fragment or target not in ids or unquote(parts.fragment) in ids[target]
            )
            if not is_there:
                broken.append((path.name, link))
    assert count > 1000
    assert broken == []
    for sheet in site.rglob("*.css"):
        assert "@import" not in (text := sheet.read_text("utf-8"))
        assert re.findall(r"url\([\"']?(?:https?:)?//[^)]*", text) == []


@pytest.mark.slow
def test_every_public_name_has_its_place_in_the_site(site: Path) -> None:
    page = LexborHTMLParser((site / "docs" / "reference.html").read_text("utf-8"))
    places = {node.attributes["id"] for node in page.css("dt[id]")}
    assert STATED.keys() - places == set()
    assert {"imrgen.Renderer.render", "imrgen.Letter.pdf", "imrgen.Diagnostic.to_dict"} < places
    article = page.css_first("article")
    assert article is not None
    # A docstring that Sphinx has not understood would show its headings.
    assert re.findall(r"\b(?:Args|Attributes):", article.text()) == []
