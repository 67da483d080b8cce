"""The library: a renderer for many letters, and files that are whole or not there."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import imrgen
from imrgen.export import write
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"


def loaded_by(statement: str) -> set[str]:
    """Return the top-level modules that a statement loads, in a process of its own."""
    script = (
        f"import sys; {statement}; "
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=ROOT
    )
    return set(run.stdout.split())


def test_importing_imrgen_loads_nothing_else() -> None:
    heavy = {
        "weasyprint",
        "click",
        "jinja2",
        "markdown_it",
        "msgspec",
        "selectolax",
        "tomli",
        "tree_sitter",
    }
    assert not heavy & loaded_by("import imrgen")


@pytest.mark.slow
def test_text_and_html_load_no_weasyprint_no_click_and_no_tree_sitter() -> None:
    statement = f"import imrgen; letter = imrgen.render({str(STARTER)!r}); letter.text; letter.html"
    loaded = loaded_by(statement)
    assert {"jinja2", "selectolax"} <= loaded
    # The starting case holds no markup, so no parser is loaded either.
    assert not {"weasyprint", "click", "tree_sitter", "markdown_it"} & loaded


def test_every_exported_name_is_there() -> None:
    assert len(imrgen.__all__) > 10
    for name in imrgen.__all__:
        assert getattr(imrgen, name).__doc__
    assert set(imrgen.__all__) <= set(dir(imrgen))
    with pytest.raises(AttributeError):
        imrgen.nothing  # noqa: B018


def test_render_stays_a_function_whatever_was_imported() -> None:
    assert loaded_by(
        "import imrgen; from imrgen import Renderer; import imrgen.pipeline.renderer; "
        "assert callable(imrgen.render)"
    )


@pytest.mark.slow
def test_many_threads_mix_nothing(case: dict[str, object]) -> None:
    renderer = imrgen.Renderer()

    def letter(number: int) -> tuple[str, str, int]:
        own = {**case, "case": {**case["case"], "number": f"CM16-{number:07}"}}  # type: ignore[dict-item]
        made = renderer.render(own)
        return (
            made.text.split("\n")[0].split()[-1],
            made.html,
            len(made.pdf) if number % 10 == 0 else 1,
        )

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(letter, range(1, 61)))
    for number, (text, html, size) in enumerate(made, 1):
        assert text == f"CM16-{number:07}"
        assert set(__import__("re").findall(r"CM16-\d{7}", html)) == {f"CM16-{number:07}"}
        assert size


@pytest.mark.slow
def test_the_first_cases_may_be_read_in_several_threads_at_once() -> None:
    """In a new process, since what went wrong goes wrong only once."""
    script = (
        "import imrgen, threading; from concurrent.futures import ThreadPoolExecutor; "
        "gate = threading.Barrier(8)\n"
        f"def read(_):\n gate.wait()\n return imrgen.load_case({str(STARTER)!r}).case.number\n"
        "print(set(ThreadPoolExecutor(8).map(read, range(8))))"
    )
    for _ in range(3):
        run = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True
        )
        assert run.stdout == "{'CM16-0000001'}\n", run.returncode


def test_html_is_one_file_that_fetches_nothing() -> None:
    html = imrgen.render(STARTER).html
    assert '<html lang="en-US">' in html
    assert "<title>Independent Medical Review Final Determination CM16-0000001</title>" in html
    assert "<main>" in html
    for asks in ("<link", "<script", "src=", "url(", "@import", "http:"):
        assert asks not in html


def test_fonts_are_embedded_on_request() -> None:
    html = imrgen.Renderer(embed_fonts=True).render(STARTER).html
    assert html.count("@font-face") == len(imrgen.load_pack("imr").fonts)
    assert html.count("data:font/ttf;base64,") == html.count("@font-face")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["x.txt", "x.html", "x.htm", "x.pdf"])
def test_save_takes_the_format_from_the_suffix(name: str, tmp_path: Path) -> None:
    letter = imrgen.render(STARTER)
    assert letter.save(tmp_path / name) == tmp_path / name
    wanted = {"txt": letter.text.encode(), "pdf": letter.pdf}.get(
        name.partition(".")[2], letter.html.encode()
    )
    assert (tmp_path / name).read_bytes() == wanted


def test_save_refuses_a_suffix_it_does_not_know(tmp_path: Path) -> None:
    with pytest.raises(imrgen.OutputError, match="names no format"):
        imrgen.render(STARTER).save(tmp_path / "x.doc")
    assert not list(tmp_path.iterdir())


def test_a_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(b"before")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(imrgen.OutputError, match="No space left on device"):
        write(path, b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_provenance_and_dependencies_name_what_a_letter_was_made_of() -> None:
    letter = imrgen.render(STARTER)
    assert letter.provenance["pack"] == "imr 1.0.0"
    assert len(letter.provenance["case_sha256"]) == len(letter.provenance["pack_sha256"]) == 64
    assert STARTER in letter.dependencies
    assert ROOT / "templates/letter/letter.css" in letter.dependencies
    assert "Maria" not in str(letter.provenance)


def test_the_markdown_faults_of_a_case_are_told_at_once(case: dict[str, object]) -> None:
    case["clinical_summary"] = "[a](https://example.org 'lost')"
    case["issues"][0]["rationale"] = "| a |\n|---|\n| 1 | 2 |"  # type: ignore[index]
    with pytest.raises(imrgen.CaseError) as error:
        imrgen.render(case)
    errors = [d.path for d in error.value.diagnostics if d.severity == "error"]
    assert errors == [
        ("clinical_summary",),
        ("issues", 0, "rationale"),
    ]


@pytest.mark.parametrize(
    ("quantity", "written"),
    [(12, "12"), (12.0, "12"), (0.5, "0.5"), (1250000.5, "1250000.5"), (1e6, "1000000")],
)
def test_amounts_are_written_in_full(quantity: float, written: str) -> None:
    issue = {
        "item": "x",
        "requested": {"quantity": quantity, "unit": "visits"},
        "authorized": "a",
        "remaining": "b",
    }
    assert str(imrgen.load_case({"issues": [issue]}).issues[0].requested) == f"{written} visits"
