"""A pack of several letters, for tests."""

from __future__ import annotations

from pathlib import Path

MANIFEST = """\
name = "acme"
title = "Acme"
version = "1"
extends = "imr"
organization.name = "Acme Review"

[letters.cover]
title = "Cover letter"
template = "cover.html"
requires = ["recipients"]

[letters.notice]
title = "Notice of assignment"
template = "notice.html"
"""
COVER = """\
{% extends "letter.html" %}
{% block main %}
<h1>Cover letter</h1>
{% for recipient in recipients %}
<p>To {{ recipient.name }}</p>
{% endfor %}
{% endblock %}
"""
NOTICE = """\
{% extends "letter.html" %}
{% block main %}
<h1>Notice of assignment</h1>
<p>Your case {{ case.number }} was assigned to a reviewer.</p>
{% endblock %}
"""


INVITATION = """\
{% extends "letter.html" %}
{% block main %}
<h1>Invitation</h1>
<p>To {{ recipient.name }}, {{ recipient.role }}</p>
{% endblock %}
"""
RECIPIENTS = (
    {"name": "Quillfeather Example", "role": "Employee"},
    {"name": "Pat Thornwood", "role": "Attorney"},
)


def write_pack(folder: Path, **files: str) -> Path:
    """Write a pack with the letters `cover`, `determination` and `notice`.

    Args:
        folder: Where to.
        files: Other files by stem, or other content for one; `manifest` is added to `pack.toml`.
    """
    folder.mkdir()
    more = files.pop("manifest", "")
    (folder / "pack.toml").write_text(f"{MANIFEST}{more}", encoding="utf-8")
    contents = {"cover": COVER, "notice": NOTICE} | files
    for name, content in contents.items():
        (folder / f"{name}.html").write_text(content, encoding="utf-8")
    return folder


_STYLED = (
    'name = "styled"\ntitle = "Styled"\nversion = "1"\nextends = "imr"\n'
    'organization.inherit = true\nstyles = ["styled.css"]\n'
)


def styled_pack(folder: Path, css: str, html: str) -> Path:
    """Write a pack with a style sheet of its own, and HTML in place of the clinical summary.

    Args:
        folder: Where to.
        css: The style sheet.
        html: What stands under the heading of the summary.
    """
    (folder / "blocks").mkdir()
    (folder / "pack.toml").write_text(_STYLED, encoding="utf-8")
    (folder / "styled.css").write_text(css, encoding="utf-8")
    (folder / "blocks" / "clinical_summary.html").write_text(html, encoding="utf-8")
    return folder
