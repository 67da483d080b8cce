"""How Sphinx makes a site of README.md, the pages beside it and those of docs/: `make docs`.

The source folder is the repository, so that a link leads to the same page here and in the site.
Whatever Sphinx warns of ends the build: a link or a heading that is not there, a page that is in no
table of contents, a docstring that cannot be read, an exception that the reference lacks.
"""

import re
from typing import Any

from docutils import nodes
from pygments.lexers.html import XmlLexer
from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx
from sphinx.domains.python import PyXRefRole

project = "imrgen"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]

root_doc = "docs/index"
include_patterns = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs/*.md"]
exclude_patterns = [".*", "benchmarks", "fixtures", "imrgen", "out", "site", "templates", "tests"]

# Links to headings, such as packs.md#checks-of-your-own, as GitHub makes them.
myst_heading_anchors = 4
highlight_language = "none"

default_role = "name"
nitpicky = True
nitpick_ignore_regex = [
    # Not every word between backticks is a name of imrgen's; what begins as one has to be there.
    ("py:obj", r"imrgen\.toml|(?!imrgen\.|[A-Z]+[a-z]+\w*(?:\.|$)).*"),
    # Types of other packages, and those of imrgen that a program only passes on.
    ("py:class", r"(?:\w+\.)+\w+|Executor"),
]
autodoc_typehints_format = "short"
autodoc_type_aliases = {
    "OptionFields": "imrgen.pipeline.OptionFields",
    "Readable": "imrgen.case.Readable",
    "Source": "imrgen.case.Source",
    "Templates": "imrgen.pack.Templates",
}
autodoc_member_order = "bysource"
python_use_unqualified_type_names = True
maximum_signature_line_length = 80

html_theme = "furo"
html_title = "imrgen"
html_show_copyright = False
html_show_sphinx = False
html_show_sourcelink = False
html_copy_source = False
html_additional_pages = {"index": "redirect.html"}
templates_path = ["_templates"]


class Name(PyXRefRole):
    """What docstrings have between backticks: a link where the reference has it, else code."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the link or the code; what is no name stays as it is, with its dots and tildes."""
        if not re.fullmatch(r"[A-Za-z_]\w*(?:\.\w+)*", self.text):
            return [nodes.literal(self.rawtext, self.text)], []
        self.name = "py:obj"
        return super().run()


def name_aliases(*event: Any) -> tuple[str | None, str | None]:
    """Write an alias of types as its name; Sphinx 9.0 writes an object of its own in a union."""
    *_, signature, returned = event
    alias = re.compile(r"TypeAliasForwardRef\('([\w.]+)'\)")
    return alias.sub(r"\1", signature or "") or None, alias.sub(r"\1", returned or "") or None


def setup(app: Sphinx) -> None:
    """Add the role of docstrings, and two kinds of code under the names that the pages use."""
    app.connect("autodoc-process-signature", name_aliases)
    app.add_role("name", Name())
    app.add_lexer("csv", TextLexer)
    app.add_lexer("svg", XmlLexer)
