"""WeasyPrint's private parts have the shapes that imrgen was written for; others are refused.

When an upgrade of WeasyPrint, pydyf or cssselect2 makes a line here fail, read what the new version
does there before the shape is changed.
"""

from __future__ import annotations

import ast
import logging
import pkgutil
import re
import threading
import tomllib
from pathlib import Path
from types import FunctionType
from typing import Any
from xml.etree.ElementTree import Element

import pydyf
import pytest
import weasyprint
from weasyprint.logger import LOGGER
from weasyprint.pdf import tags
from weasyprint.text import line_break

import imrgen
from imrgen.document import parse_html
from imrgen.export import to_page
from imrgen.export.pdf import contract
from imrgen.export.pdf import weasyprint_internals as internals
from imrgen.export.pdf.fetcher import BASE
from imrgen.export.pdf.weasyprint_engine import exclusive
from tests.conftest import ROOT, TYPICAL
from tests.sources import SOURCES, nodes

STARTER = ROOT / "imrgen" / "starter.toml"
SHAPES = internals._SHAPES
ATTRIBUTES = [(path, name) for path, names in internals._ATTRIBUTES.items() for name in names]
PACKAGES = ("weasyprint", "pydyf", "cssselect2", "tinyhtml5", "tinycss2")
PUBLIC = {
    "cssselect2",
    "pydyf",
    "tinycss2",
    "tinycss2.color4",
    "tinyhtml5",
    "weasyprint",
    "weasyprint.urls",
}


# The contract


def test_there_is_a_contract() -> None:
    assert len(SHAPES) > 25
    assert len(ATTRIBUTES) > 25


@pytest.mark.parametrize("path", SHAPES)
def test_a_private_thing_has_its_shape(path: str) -> None:
    assert contract.shape(path) == SHAPES[path]


@pytest.mark.parametrize(("path", "name"), sorted(ATTRIBUTES))
def test_a_class_has_the_attributes_that_are_used(path: str, name: str) -> None:
    assert name in contract.attributes(path)


def test_a_marked_content_begins_with_three_operators() -> None:
    stream = pydyf.Stream()
    properties = pydyf.Dictionary({"MCID": 7})
    stream.begin_marked_content("Span", properties)
    assert stream.stream == ["/Span", properties, b"BDC"]
    internals.mark_as_artifacts(stream.stream, {7})
    assert stream.stream == ["/Artifact", b"BMC"]


def calls_of_the_logger() -> list[tuple[str, str, str]]:
    """List what WeasyPrint logs: the module, the method, and the message where it is a literal."""
    folder = Path(weasyprint.__file__).parent
    found = []
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "LOGGER"
            ):
                message = node.args[0].value if isinstance(node.args[0], ast.Constant) else ""
                found.append((path.relative_to(folder).as_posix(), node.func.attr, str(message)))
    return found


@pytest.mark.slow
def test_weasyprint_reports_errors_by_one_method() -> None:
    found = calls_of_the_logger()
    assert sum(method == "error" for _, method, _ in found) > 10
    other = {each for each in found if each[1] not in ("debug", "info", "warning", "error")}
    # The level of the one is that of a selector: a warning, or less.
    assert other == {
        ("__main__.py", "setLevel", ""),
        ("css/__init__.py", "log", ""),
        ("logger.py", "addHandler", ""),
    }
    css = Path(weasyprint.css.__file__).read_text(encoding="utf-8")
    assert set(re.findall(r"logger_level = (\w+)", css)) == {"WARNING", "DEBUG"}


@pytest.mark.slow
def test_the_report_of_a_decorative_image_is_known_to_the_letter() -> None:
    found = [each for each in calls_of_the_logger() if each[2] == internals._DECORATIVE_IMAGE]
    assert found == [("pdf/tags.py", "error", internals._DECORATIVE_IMAGE)]


@pytest.mark.parametrize("path", [*SHAPES, *sorted({path for path, _ in ATTRIBUTES})])
def test_another_shape_is_refused_and_not_blamed_on_the_pack(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each thing is taken away, as an upgrade would."""
    resolve = pkgutil.resolve_name

    def without(name: str) -> Any:
        if name == path:
            raise AttributeError(name)
        return resolve(name)

    monkeypatch.setattr(pkgutil, "resolve_name", without)
    with pytest.raises(imrgen.LibraryError) as error:
        imrgen.Renderer().warm()
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code == "IMR417"
    assert path in diagnostic.message


def returns_a_list(box: Any, parent: Any, *rest: Any) -> Any:
    """Stand for a version that calls itself by another way, so that boxes below are not seen."""
    return [*original(box, parent, *rest)]


original = tags._build_box_tree


@pytest.mark.parametrize(
    "change",
    [
        lambda: None,
        lambda box, parent, pdf, page_number, nums, annotations: iter(()),
        returns_a_list,
    ],
    ids=["other parameters", "a parameter less", "no generator"],
)
def test_another_signature_is_refused(change: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags, "_build_box_tree", change)
    with pytest.raises(imrgen.LibraryError, match="_build_box_tree"):
        imrgen.Renderer().warm()


@pytest.mark.slow
def test_structure_elements_that_are_made_unseen_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Stand for a version whose writer holds the function by another name."""
    others = dict(vars(tags))
    for name in ("_build_box_tree", "add_tags"):
        others[name] = FunctionType(others[name].__code__, others)
    monkeypatch.setattr(weasyprint.pdf, "add_tags", others["add_tags"])
    with pytest.raises(imrgen.LibraryError, match=r"makes a /\w+ in another way"):
        _ = imrgen.render(STARTER).pdf


@pytest.mark.slow
def test_other_metadata_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        weasyprint.pdf.metadata.DocumentMetadata,
        "generate_rdf_metadata",
        lambda self, variant, version, conformance: b"<rdf:RDF/>",
    )
    with pytest.raises(imrgen.LibraryError, match="metadata"):
        _ = imrgen.render(STARTER).pdf


def test_contents_that_are_marked_otherwise_are_refused() -> None:
    with pytest.raises(imrgen.LibraryError, match="marks contents"):
        internals.mark_as_artifacts([b"/Span", b"<</MCID 7>>", b"BDC"], {7})


@pytest.mark.slow
def test_private_names_stand_in_one_module() -> None:
    """Others import the libraries' public modules, and of them no name with an underscore."""
    assert len(SOURCES) > 100
    users = set()
    for path in SOURCES:
        if path.name == "weasyprint_internals.py":
            continue
        for node in nodes(path):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            elif isinstance(node, ast.Attribute) and ast.unparse(node.value) in PACKAGES:
                users.add(path.name)
                assert not node.attr.startswith("_"), (path, node.attr)
            for name in names:
                assert name.partition(".")[0] not in PACKAGES or name in PUBLIC, (path, name)
    assert {"tags.py", "weasyprint_engine.py"} <= users


# The document


@pytest.mark.slow
@pytest.mark.parametrize(("path", "pack", "letter"), TYPICAL)
def test_a_letter_is_the_same_as_by_weasyprint_s_own_way_in(
    path: Path, pack: str, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    renderer = imrgen.Renderer(pack=pack, letter=letter, check=False)
    try:
        made = renderer.render(path)
    except imrgen.CaseError:
        pytest.skip("this case lacks what this letter requires")
    usual = made.pdf

    def own(root: Element, sheet: object, fetcher: object) -> Any:
        markup = to_page(root, "")
        return weasyprint.HTML(string=markup, base_url=BASE, url_fetcher=fetcher)

    monkeypatch.setattr(internals, "parsed_html", own)
    assert renderer.render(path).pdf == usual


@pytest.mark.slow
def test_the_end_of_a_line_is_looked_for_nearby(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left of a text isn't laid out for each of its lines, and its lines are the same."""
    laid_out: list[int] = []
    set_text = line_break.Layout.set_text

    def counted(layout: Any, text: str, justify: bool = False) -> None:
        laid_out.append(len(text))
        set_text(layout, text, justify)

    monkeypatch.setattr(line_break.Layout, "set_text", counted)
    word = "e\u0301" * 5000
    case = tomllib.loads(STARTER.read_text(encoding="utf-8")) | {"clinical_summary": word}
    renderer = imrgen.Renderer(check=False)
    found: list[tuple[bytes, int]] = []
    for length in (512, 2 * len(word)):
        laid_out.clear()
        monkeypatch.setattr(internals, "_NEARBY", length)
        found.append((renderer.render(case).pdf, sum(laid_out)))
    (nearby, fewer), (whole, more) = found
    assert nearby == whole
    assert 3 * fewer < more


WHOLE = {
    "@page { @top-left { content: 'Draft' } }": ["@top-left ", "::marker"],
    "@PAGE { @Bottom-Right-Corner { content: 'Draft' } }": ["@bottom-right-corner ", "::marker"],
    "aside { float: footnote }": ["::footnote-call", "::note-marker", "::marker"],
    "@import url(other.css);": [
        "@top-left ",
        "@bottom-right-corner ",
        "::footnote-call",
        "::note-marker",
        "::marker",
    ],
    "p { color: red }": ["::marker"],
}


@pytest.mark.parametrize(("css", "kept"), WHOLE.items())
def test_the_sheet_keeps_what_a_pack_can_ask_for(
    css: str, kept: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []
    monkeypatch.setattr(weasyprint, "CSS", lambda string: given.append(string))
    whole = internals.browser_sheet(css) is weasyprint.html.UA_STYLESHEET
    text = weasyprint.html.UA if whole else given[0]
    asked = ["@top-left ", "@bottom-right-corner ", "::footnote-call", "::note-marker", "::marker"]
    assert [each for each in asked if each in text] == kept
    assert text.count("{") == text.count("}")


def test_nothing_is_said_against_the_sheet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("WARNING", "weasyprint")
    internals.browser_sheet("p { color: red }")
    assert caplog.messages == []
    weasyprint.CSS(string="p { colour: red }")
    assert len(caplog.messages) == 1


@pytest.mark.parametrize(
    "style",
    [
        "<style>p { float: footnote }</style>",
        '<p style="float: footnote">x</p>',
        '<link rel="stylesheet" href="x.css">',
        "<svg><style>p { float: footnote }</style></svg>",
    ],
)
def test_a_letter_with_styles_of_its_own_has_the_whole_sheet(style: str) -> None:
    markup = "<!doctype html><title>x</title><p>x</p>"
    sheet = object()

    def sheets(markup: str) -> list[Any]:
        document = internals.parsed_html(parse_html(markup), sheet, None)
        found: list[Any] = document._ua_stylesheets()
        return found

    assert sheets(markup) == [sheet]
    assert sheets(markup + style) == [weasyprint.html.UA_STYLESHEET]


# What other threads and the host's logging have to do with it


def in_another_thread(task: Any) -> None:
    thread = threading.Thread(target=task)
    thread.start()
    thread.join()


def test_only_this_thread_s_errors_are_collected(caplog: pytest.LogCaptureFixture) -> None:
    with internals.reported_errors() as errors:
        in_another_thread(lambda: LOGGER.error("the host's %s", "image"))
        LOGGER.error("imrgen's %s", "image")
        LOGGER.error(internals._DECORATIVE_IMAGE, "logo.svg")
    LOGGER.error("the host's afterwards")
    assert errors == ["imrgen's image"]
    assert caplog.messages == ["the host's image", "the host's afterwards"]
    assert {record.filename for record in caplog.records} == {Path(__file__).name}
    assert "error" not in vars(LOGGER)


@pytest.mark.parametrize("quiet", ["disable", "level", "filter"])
def test_an_error_is_collected_whatever_the_host_logs(
    quiet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if quiet == "disable":
        monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)
    elif quiet == "level":
        monkeypatch.setattr(LOGGER, "level", logging.CRITICAL)
        monkeypatch.setattr(LOGGER, "_cache", {})
    else:
        monkeypatch.setattr(LOGGER, "filters", [lambda record: False])
    with internals.reported_errors() as errors:
        LOGGER.error("an %s that cannot be drawn", "image")
    assert errors == ["an image that cannot be drawn"]


def test_only_this_thread_s_boxes_are_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags, "_build_box_tree", lambda box, *rest: iter([f"tag of {box}"]))
    replaced = tags._build_box_tree
    seen: list[str] = []
    with internals.tagged_boxes() as tagged:
        in_another_thread(lambda: seen.extend(tags._build_box_tree("a host's box")))
        seen.extend(tags._build_box_tree("a letter's box"))
    assert seen == ["tag of a host's box", "tag of a letter's box"]
    assert tagged == [("a letter's box", "tag of a letter's box")]
    assert tags._build_box_tree is replaced


def test_a_font_that_cannot_be_loaded_is_found_whatever_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)
    (tmp_path / "broken.ttf").write_bytes(b"not a font")
    (tmp_path / "pack.toml").write_text(
        'name = "acme"\ntitle = "a"\nversion = "1"\nextends = "imr"\norganization.inherit = true\n'
        '[[fonts]]\nfamily = "Broken"\nfile = "broken.ttf"\n'
    )
    with pytest.raises(imrgen.PackError) as error:
        imrgen.Renderer(pack="acme", templates=[tmp_path]).warm()
    assert [diagnostic.code for diagnostic in error.value.diagnostics] == ["IMR418"]
    assert "Broken" in str(error.value)


def system_fonts(configuration: Any) -> int:
    fontconfig = internals.ffi.fontconfig
    found = fontconfig.FcConfigGetFonts(configuration._config, fontconfig.FcSetSystem)
    return 0 if found == internals.ffi.ffi.NULL else int(found.nfont)


def test_a_letter_knows_no_font_of_the_host() -> None:
    with exclusive():
        if not system_fonts(internals.fonts.FontConfiguration()):
            pytest.skip("this host has no fonts")
        assert system_fonts(internals.PackFonts()) == 0
