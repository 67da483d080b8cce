"""docs/packs.md is right: its pack is made step by step, and its commands and letters are compared.

A block of code with a file's name above it is that file, or is added to it. A block `console` is a
session, `text` is what the letters say in every format, `text pdf` what the pages of the PDF say.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import font_source_sans_pro
import msgspec
import pypdfium2
import pytest

import imrgen
from tests.command_line import run_session
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "packs.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`((?:acme[\w-]*|parking)/[\w./-]+|case\.toml)`")
FONT = Path(font_source_sans_pro.__file__).parent / "files" / "SourceSansPro-Regular.ttf"


class Block(msgspec.Struct, frozen=True):
    """A block of code of the page.

    Args:
        language: Its language.
        format: What follows the language: `pdf`, or nothing.
        file: The file whose name is above it, if any.
        place: `end` or `above the tables` of the file, or nothing for the whole file.
        code: What it holds.
    """

    language: str
    format: str
    file: str
    place: str
    code: str


def blocks(section: str) -> Iterator[Block]:
    """Yield the blocks of code of a section."""
    for found in BLOCK.finditer(section):
        above = section[: found.start()].rstrip("\n").rpartition("\n\n")[2]
        names = FILE.findall(above) if above.endswith(":") else []
        place = ""
        if above.endswith("above the first `[table]`:"):
            place = "above the tables"
        elif above.endswith("add:"):
            place = "end"
        yield Block(found[1], found[2] or "", names[-1] if names else "", place, found[3])


SECTIONS = [
    (title, list(blocks(text)))
    for title, text in re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
]


def write(folder: Path, block: Block) -> None:
    path = folder / block.file
    path.parent.mkdir(parents=True, exist_ok=True)
    text = path.read_text(encoding="utf-8") if block.place else ""
    if block.place == "above the tables":
        top, bracket, rest = text.partition("\n[")
        text = f"{top}\n{block.code}{bracket}{rest}"
    else:
        text = f"{text}\n{block.code}"
    path.write_text(text.lstrip("\n"), encoding="utf-8")


def install(folder: Path) -> None:
    """Move the pack into the package, and install that as pip does."""
    package = folder / "acme-letters"
    shutil.move(folder / "acme", package / "acme_letters" / "acme")
    (package / "acme_letters" / "__init__.py").touch()
    project = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    metadata = package / "acme_letters-1.0.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    with (metadata / "entry_points.txt").open("w") as file:
        for group, points in project["entry-points"].items():
            file.write(f"[{group}]\n")
            file.writelines(f"{name} = {module}\n" for name, module in points.items())


def said(pack: Path, case_file: Path) -> dict[str, str]:
    """Return the words of all letters of a pack by format, without white space."""
    case = imrgen.load_case(case_file, templates=[pack])
    found = {"text": "", "html": "", "pdf": ""}
    for letter in imrgen.load_pack(templates=[pack]).merged("letters"):
        for renderer in imrgen.Renderer(templates=[pack], letter=letter).each(case):
            made = renderer.render(case)
            found["text"] += made.text
            found["html"] += re.sub(r"<[^>]*>", " ", made.html.partition("<body")[2])
            pdf = pypdfium2.PdfDocument(made.pdf)
            found["pdf"] += "\n".join(page.get_textpage().get_text_bounded() for page in pdf)
    return {name: squeezed(text) for name, text in found.items()}


def squeezed(text: str) -> str:
    """Leave out white space: where a line or a cell ends is each format's own affair."""
    return re.sub(r"\s+", "", text.replace("&#39;", "'").replace("\ufffe", "-"))


def test_the_page_is_read() -> None:
    found = [block for _, each in SECTIONS for block in each]
    assert {"Images", "Install a pack"} < dict(SECTIONS).keys()
    assert len([found for _, found in SECTIONS if found]) > 12
    assert len([block for block in found if block.file]) > 20
    assert [b for b in found if not b.file and b.language not in ("console", "text")] == []
    assert len([block for block in found if block.language == "text"]) > 6
    assert PAGE.count("```") == 2 * len(found)


def missing(block: Block, letters: dict[str, str]) -> list[tuple[str, str]]:
    """Return what a block says of the letters and is not in one of their formats."""
    if block.format:  # lines of several pages
        lines, formats = block.code.splitlines(), [block.format]
    else:
        lines, formats = [block.code], list(letters)
    return [
        (name, line) for name in formats for line in lines if squeezed(line) not in letters[name]
    ]


@pytest.mark.slow
def test_what_the_page_says_comes_out(tmp_path: Path) -> None:
    for title, found in SECTIONS:
        for block in found:
            if block.file:
                write(tmp_path, block)
            elif block.language == "console":
                assert run_session(block.code, tmp_path, tmp_path / "acme-letters")
        texts = [block for block in found if block.language == "text"]
        letters = said(tmp_path / "acme", tmp_path / "case.toml") if texts else {}
        assert [each for block in texts for each in missing(block, letters)] == [], title
        if title == "Images":
            (tmp_path / "acme" / "fonts").mkdir()
            shutil.copy(FONT, tmp_path / "acme" / "fonts" / "AcmeSans.ttf")
        if title == "Install a pack":
            install(tmp_path)


MANIFEST = """\
name = "small"
title = "Small"
version = "1"
extends = "imr"
styles = ["small.css"]
organization.name = "Small Review"
"""
DETERMINATION = """\
{% extends "imr:determination.html" %}
{% block main %}{{ super() }}EXAMPLE{% endblock %}
"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
IMPOSSIBLE = {
    "What is refused": {
        "words or markers that CSS adds or changes": [
            "<style>p::after { content: 'b' }</style>",
            "<style>ul { list-style: square }</style><ul><li>a</li></ul>",
            "<style>p { text-transform: uppercase }</style>",
        ],
        "words that cannot be seen": [
            "<p style='display: none'>a</p>",
            "<p style='height: 2pt; overflow: hidden'>a</p>",
            "<p style='color: #fefefe'>a</p>",
            "<details><summary>a</summary>b</details>",
        ],
        "tags that are misspelt, not closed": [
            "<sectoin>a</sectoin>",
            "<p><b>a</p>",
            "<table><tr><td>a</td><p>b</p></tr></table>",
        ],
        "`<del>`, `<s>`": ["<p><del>a</del></p>", "<p><s>a</s></p>"],
        "an image without `alt`": ["<img src='logo.svg'>", f"{SVG}</svg>"],
        "a heading that skips a level": ["<h1>a</h1><h3>b</h3>", "<a href='#b'>a</a>"],
        "a row with more or fewer cells": [
            "<table><tr><th>a</th><th>b</th></tr><tr><td>c</td></tr></table>",
            "<table><tr><th>a</th></tr><caption>c</caption></table>",
            "<table><tfoot><tr><td>a</td></tr></tfoot><tbody><tr><td>b</td></tr></tbody></table>",
        ],
        "`<input>`, `<select>`": [
            "<input>",
            "<select><option>a</option></select>",
            "<textarea>a</textarea>",
            "<button>a</button>",
        ],
        "scripts and attributes that run them": [
            "<script>1</script>",
            "<p onclick='1'>a</p>",
            "<iframe srcdoc='a'></iframe>",
            "<form>a</form>",
            "<svg><title>a</title><animate attributeName='x' /></svg>",
            "<meta http-equiv='refresh' content='0'>",
            "<a href='javascript:print()'>a</a>",
        ],
        "`opacity`": ["<p style='opacity: 0.5'>a</p>"],
        "colours and images in CMYK": ["<p style='color: device-cmyk(0 0 0 1)'>a</p>"],
        "images, fonts and styles from elsewhere": [
            "<img src='https://example.org/a.png' alt='a'>",
            "<style>@font-face { font-family: a; src: url(https://example.org/a.ttf) }</style>",
            "<link rel='stylesheet' href='https://example.org/a.css'>",
            "<style>@import url(small.css);</style>",
            "<a rel='attachment' href='logo.svg'>a</a>",
        ],
        "a character that no font": ["<p>\N{EGYPTIAN HIEROGLYPH A001}</p>"],
    },
    "Jinja in a template": {
        "read a file outside the pack": [
            "{% include '../case.toml' %}",
            "{% include '/etc/passwd' %}",
            "{{ open('case.toml') }}",
            "{{ ''.__class__ }}",
        ],
        "ask for the date of today": ["{{ now() }}", "{{ [1, 2] | random }}"],
        "print a table, a list": [
            "{{ employee }}",
            "{{ reviewers }}",
            "{{ true }}",
            "{{ none }}",
            "{{ case | pprint }}",
        ],
    },
}


def rows(title: str) -> list[str]:
    """Return the first cells of the tables of a section."""
    (text,) = re.findall(rf"^## {title}\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL)
    found = re.findall(r"^\| (.*?) \|", text, re.MULTILINE)
    return [row for row in found if row not in ("refused", "not possible")]


def small_pack(**files: str) -> dict[str, bytes]:
    files = {"pack.toml": MANIFEST, "small.css": "", "logo.svg": f"{SVG}</svg>"} | files
    return {name: text.encode() for name, text in files.items()}


@pytest.mark.parametrize("title", IMPOSSIBLE)
def test_the_tables_of_what_is_impossible_have_examples(title: str) -> None:
    found = rows(title)
    assert len(found) == len(IMPOSSIBLE[title]) > 2
    for row, beginning in zip(found, IMPOSSIBLE[title], strict=True):
        assert row.startswith(beginning)


@pytest.mark.slow
def test_what_the_page_calls_impossible_is_refused() -> None:
    examples = [each for table in IMPOSSIBLE.values() for all_ in table.values() for each in all_]
    assert len(examples) > 30
    case = imrgen.load_case(ROOT / "imrgen" / "starter.toml")
    let_through = []
    for example in ("", *examples):
        letter = DETERMINATION.replace("EXAMPLE", f"<p>Words</p>{example}")
        pack = small_pack(**{"determination.html": letter})
        try:
            imrgen.Renderer(loaded_pack=imrgen.load_pack(None, [pack])).render(case).pdf  # noqa: B018
        except imrgen.PackError:
            continue
        let_through.append(example)
    assert let_through == [""]


@pytest.mark.parametrize("text", ["Words", "{% block practise %}Words{% endblock %}"])
def test_what_would_be_shown_nowhere_is_refused(text: str) -> None:
    block = f'{{% extends "imr:blocks/how_made.html" %}}\n{text}'
    pack = imrgen.load_pack(None, [small_pack(**{"blocks/how_made.html": block})])
    with pytest.raises(imrgen.PackError):
        imrgen.Renderer(loaded_pack=pack).render(ROOT / "imrgen" / "starter.toml")


SIERRA = {
    "sierra/pack.toml": """\
name = "sierra"
title = "The letters of Sierra Review"
version = "1.0.0"
extends = "imr"
styles = ["sierra.css"]

[organization]
name = "Sierra Review, Inc."
short_name = "Sierra"
address = '''
7 Example Road
Reno, NV 89501'''
email = "office@sierra.example"
letterhead = ["name", "address", "email"]

[words]
appeal = "How to appeal"

[letters.cover]
title = "Cover letter"
template = "cover.html"
requires = ["case.number", "recipients", "recipients[].name", "recipients[].address"]
per = "recipients"
""",
    "sierra/sierra.css": """\
@page { @top-right { content: "Sierra, page " counter(page); } }
@page :first { @top-right { content: "Sierra, by mail"; } }
.appeal { break-before: page; }
""",
    "sierra/blocks/how_made.html": """\
{% extends "imr:blocks/how_made.html" %}
{% block law %}{{ super() }} The law is cited below.{% endblock %}
{% block practice %}The reviewer sees patients each week.{% endblock %}
""",
    "sierra/determination.html": """\
{% extends "imr:determination.html" %}
{% block main %}
{{ super() }}
<section class="appeal">
<h1>{{ words.appeal }}</h1>
<ol>
<li>Write to {{ organization.name | full_stop }}</li>
<li>Name the case, {{ case.number }}.
<ol type="a"><li>Enclose this letter.</li><li>Sign.</li></ol></li>
<li>Keep a copy.</li>
</ol>
</section>
{% endblock %}
""",
    "sierra/cover.html": """\
{% extends "letter.html" %}
{% block main %}
<p>{{ recipient.name }}<br>
{{ recipient.address | lines }}</p>
<h1>Your case {{ case.number }}</h1>
<ul>{% for issue in issues %}<li>{{ issue.item }}</li>{% endfor %}</ul>
{% endblock %}
""",
}
"""A pack that somebody made of what the page says, and of nothing else."""


@pytest.mark.slow
def test_a_pack_made_by_the_page_alone(tmp_path: Path) -> None:
    for name, text in SIERRA.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    inherited = set(imrgen.load_pack("imr").files())
    replaced = {name for name in SIERRA if name.removeprefix("sierra/") in inherited}
    assert replaced == {"sierra/blocks/how_made.html", "sierra/determination.html"}
    assert all(SIERRA[name].startswith('{% extends "imr:') for name in replaced)
    starter = (ROOT / "imrgen" / "starter.toml").read_text(encoding="utf-8")
    recipients = [
        block.code for block in dict(SECTIONS)["Several letters"] if block.file == "case.toml"
    ]
    (tmp_path / "case.toml").write_text(starter + "\n".join(recipients), encoding="utf-8")
    console = """\
$ imrgen packs check --templates sierra
pack checked: 0 errors, 0 warnings
$ imrgen check case.toml --templates sierra --letter all
1 case checked: 0 errors, 0 warnings
"""
    assert run_session(console, tmp_path)
    letters = said(tmp_path / "sierra", tmp_path / "case.toml")
    for name, text in letters.items():
        for words in (
            "Sierra Review, Inc. 7 Example Road Reno, NV 89501 office@sierra.example",
            "claims administrator. The reviewer sees patients each week. The expert reviewer was",
            "Independent Medical Review determinations. The law is cited below.",
            "Sierra guideline: Decision based on MTUS",
            "How to appeal 1. Write to Sierra Review, Inc. 2. Name the case, CM16-0000001. "
            "a. Enclose this letter. b. Sign. 3. Keep a copy.",
            "Maria Example 400 Sample Avenue Fresno, CA 93721 Your case CM16-0000001 • Physical",
            "Example Insurance Services 200 Sample Avenue Fresno, CA 93721 Your case CM16-0000001",
        ):
            assert squeezed(words) in text, name
        assert "MAXIMUS" not in text
    assert letters["pdf"].count("Sierra,bymail") == 3
    assert "Sierra,page2" in letters["pdf"]
    assert "Sierra,page1" not in letters["pdf"]
