"""The document that a composer makes, and what it refuses."""

from __future__ import annotations

import gc
import weakref

import pytest

import imrgen
from imrgen.compose import Composer
from imrgen.diagnostics import codes
from imrgen.document import MOST_NESTING, ConformanceFault
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
MANIFEST = b"""\
name = "nested"
title = "A letter that nests elements"
version = "1.0.0"
extends = "letter"
[letters.determination]
title = "Nested"
template = "nested.html"
"""
NESTED = {
    "div": ("<div>", "</div>"),
    "item": ("<ul><li>x", "</li></ul>"),
    "quote": ("<blockquote>", "</blockquote>"),
    "span": ("<span>", "</span>"),
    "cell": ("<table><tr><td>", "</td></tr></table>"),
    "drawing": ("<svg><title>x</title><g>", "</g></svg>"),
}


def renderer(opening: str, closing: str, times: int) -> imrgen.Renderer:
    template = (
        '<!doctype html><html lang="en"><head><title>x</title></head><body>\n'
        f"{{% for _ in '-' * {times} %}}{opening}{{% endfor %}}x\n"
        f"{{% for _ in '-' * {times} %}}{closing}{{% endfor %}}</body></html>"
    )
    pack = {"pack.toml": MANIFEST, "nested.html": template.encode()}
    return imrgen.Renderer(loaded_pack=imrgen.load_pack("nested", [pack]))


@pytest.mark.parametrize(
    ("kind", "times"),
    [*((kind, times) for kind in NESTED for times in (MOST_NESTING, 1500)), ("span", 5000)],
)
@pytest.mark.slow
def test_elements_nested_too_deep_are_refused_at_the_template_s_line(kind: str, times: int) -> None:
    with pytest.raises(imrgen.PackError) as error:
        renderer(*NESTED[kind], times).render(STARTER)
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code == codes.NESTED_TOO_DEEP
    assert diagnostic.span is not None
    assert diagnostic.span.file.endswith("nested.html")
    assert diagnostic.span.line == 2


@pytest.mark.parametrize(("kind", "elements"), [("div", 1), ("item", 2), ("quote", 1), ("span", 1)])
def test_elements_nested_as_deep_as_allowed_are_written(kind: str, elements: int) -> None:
    times = (MOST_NESTING - 2 - (kind == "item")) // elements  # a marker is an element, too
    letter = renderer(*NESTED[kind], times).render(STARTER)
    assert letter.text.count("x") == (times + 1 if kind == "item" else 1)
    assert letter.html.count(NESTED[kind][0].removesuffix("x")) == times


def test_elements_that_a_loop_does_not_close_are_told_as_such() -> None:
    with pytest.raises(imrgen.PackError) as error:
        renderer("<section>", "", 1500).render(STARTER)
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code == codes.MALFORMED_HTML
    assert diagnostic.span is not None
    assert diagnostic.span.line == 2


def test_a_message_that_may_quote_the_case_is_redacted_where_its_place_is_not_known() -> None:
    composer = Composer(imrgen.load_pack("imr"), "determination")
    case = imrgen.load_case(STARTER)
    fault = ConformanceFault(codes.FOREIGN_FILE, "Maria.png", "Maria", redacted="a file")
    error = composer.refusal([fault], composer.compose(case), case)
    assert isinstance(error, imrgen.PackError)
    assert "a file" in str(error)
    assert "Maria" not in str(error)


def test_a_composer_that_is_no_longer_used_is_freed() -> None:
    template = b'<img src="x.svg" alt="x">'
    image = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    files = {"blocks/clinical_summary.html": template, "x.svg": image}
    composer = Composer(imrgen.load_pack("imr", [files]), "determination")
    assert composer.compose(imrgen.load_case(STARTER)).files
    reference = weakref.ref(composer)
    del composer
    gc.collect()
    assert reference() is None
