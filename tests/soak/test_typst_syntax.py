"""500 letters whose texts, attributes and style sheets hold the syntax of Typst and of PDF."""

from __future__ import annotations

import html
import random
import urllib.parse

import imrgen
from imrgen.document import visible_characters
from imrgen.export import find_format, to_words
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
LETTERS = 500
TEXTS = (
    *('#panic("x")', "#{1}", "$x^2$", r"\u{41}", "\"q\" 'a'", "[c] ]", "@ref", "// c", "/* c */"),
    *("<label>", "= H", "~ --- ...", "\\", '"); read("/etc/passwd") ("', "#import sys", "}); ["),
    *("*b*", "_i_", "`c`", "- l", "+ n", "/ t: d", "#sys.inputs", '#include "a"', "<from-1>"),
    *("u\u00adn\u200bs\u2060e", "C5\u2011C6", "C5-C6", "\u22125", "1/2", "fi ffi", "<5 >3 &", "½"),
    *("/K[1 0 R]", "endobj", "(\\", "\\)", "<<", ">>", "stream", "/Alt(", "%PDF", "/URI(x)", "((("),
    *("/Type/EmbeddedFile", "/S/L/", "a\u0301", "é", "Ω", "“q”", "https://x.org/a?b=c", "%s", "{{"),
)
BLOCKS = (
    "<p>{} <b>{}</b> <i>{}</i><br>{}</p>",
    "<ul><li>{}<li>{}<ul><li>{}</ul></ul>",
    "<ol start=7 type=i><li>{}<li>{}</ol>",
    "<table><caption>{}</caption><tr><th>{}<th>{}<tr><td>{}<td>{}</table>",
    '<p><img src="seal.png" alt="{}"> {}</p>',
    '<h2 data-s="{}">{}</h2>',
    "<blockquote><p>{}</p></blockquote>",
    "<pre>{}\n {}</pre>",
    '<p class="sign" data-m="§ •" title="{}">{}</p>',
    '<p lang="es">{} <span lang="fr">{}</span></p>',
    '<svg width="20" height="9"><title>{}</title><rect width="9" height="9"/></svg>',
    '<div data-signature="{}" style="width: 200px; height: 60px"></div>',
)
LETTER = (
    '{{% extends "letter.html" %}}{{% block title %}}{{% raw %}}{}{{% endraw %}}{{% endblock %}}'
    "{{% block main %}}{{% raw %}}<h1>{}</h1>{}{{% endraw %}}{{% endblock %}}"
)
CSS = r"""
@page { @bottom-left { content: string(s) } @bottom-right { content: "#[$\"]; //" } }
h2 { string-set: s attr(data-s); font-size: 9pt }
.sign::before { content: attr(data-m) "#[$\"] " } .sign::after { content: "\"]; #" }
"""
MANIFEST = """
name = "syntax"
title = "Syntax"
version = "1.0.0"
extends = "letter"
styles = ["own.css"]
[letters.determination]
title = "Own"
template = "own.html"
"""


def letter(chance: random.Random) -> str:
    """Return a template of blocks, whatever may be written written."""

    def text() -> str:
        return html.escape(" ".join(chance.choices(TEXTS, k=chance.randint(1, 4))))

    blocks = chance.sample(BLOCKS, chance.randint(2, 8))
    body = "".join(block.format(*(text() for _ in range(block.count("{}")))) for block in blocks)
    name = "".join(chance.choices(TEXTS, k=2)).replace(" ", "").replace("\\", "")
    target, address = html.escape(name), html.escape(urllib.parse.quote(name))
    link = f'<p id="{target}">{text()}</p><p><a href="#{address}">{text()}</a></p>'
    return LETTER.format(text(), text(), body + link)


def test_syntax_is_text_in_every_place() -> None:
    seal = (ROOT / "fixtures" / "features" / "seal.png").read_bytes()
    refused = 0
    for seed in range(LETTERS):
        template = letter(random.Random(seed))
        files = {"pack.toml": MANIFEST, "own.css": CSS, "own.html": template, "seal.png": seal}
        pack = imrgen.load_pack(templates=[files])
        renderer = imrgen.Renderer(pack=pack, engine="typst", embed_case=True, check=False)
        made = renderer.render(STARTER)
        try:
            read = find_format("pdf").read(made.pdf)
        except imrgen.ImrgenError as error:
            # A text too wide for the margin that shows it, or a name that no link can have.
            codes = {found.code for found in error.diagnostics}
            assert codes <= {"IMR405", "IMR406", "IMR407", "IMR438"}, seed
            refused += 1
        else:
            assert read == visible_characters(to_words(made.document.tree)), seed
    assert refused < LETTERS / 10
