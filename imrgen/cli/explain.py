"""`imrgen explain`: the manual of a code."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator

import click

from imrgen.checks import all_codes
from imrgen.diagnostics import codes, nearest

_HEAD = """\
# Codes

<!-- Made by `imrgen explain --markdown`; edit `imrgen/diagnostics/codes/` and the docstrings of checks instead. -->

Every problem that imrgen reports has a code. An error stops the letter, a warning does not.
`imrgen explain CODE` prints these pages in the terminal.

Programs read diagnostics from `--output-format json`, from the events of `imrgen batch --json`, or
from `Diagnostic.to_dict()`: `code`, `severity`, `message`, `path` (of the value in the case, keys
and positions), `field` (the path as text, such as `issues[0].rationale`), `span` (`file`, `line`,
`column`, `length`; or null), `excerpt` (`text`, `start`, `length`; or null), `hints` and `trace`
(the places that included a template). None of them holds a value of a case, unless `--show-values`
asks for it.
"""
_HEADINGS = ("What", "Why", "Mend", "Example", "Fails", "Passes")


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return [id_ for id_ in all_codes() if id_.startswith(incomplete.upper())]


@click.command(
    name="explain",
    epilog="\b\nExamples:\n"
    "  imrgen explain                 all codes\n"
    "  imrgen explain IMR320          the manual of one\n"
    "  imrgen explain IMR32           those that begin so\n"
    "  imrgen explain --markdown      the page of the documentation",
)
@click.argument("code", metavar="[CODE]", default="", shell_complete=_complete)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print Markdown.")
def command(code: str, as_json: bool, as_markdown: bool) -> None:
    """Explain a code: what it means, why, and how to mend it.

    CODE may be the beginning of codes, which are then listed; without it, all are.
    """
    id_ = code.upper()
    known = all_codes()
    found = [known[id_]] if id_ in known else [c for c in known.values() if c.id.startswith(id_)]
    if not found:
        hint = "; ".join(["", *nearest(id_, known)])
        raise click.UsageError(f"there is no code '{code}'{hint}; `imrgen explain` lists them")
    if as_json:
        plain = [
            {
                "id": each.id,
                "title": each.title,
                "severity": each.severity,
                "family": each.family.title,
                "source": each.source,
                "manual": each.manual,
            }
            for each in found
        ]
        click.echo(json.dumps(plain, indent=2, ensure_ascii=False))
    elif as_markdown:
        click.echo(_page(found), nl=False)
    elif id_ in known:
        click.echo(_manual(known[id_]))
    else:
        click.echo("\n\n".join(_list(*family) for family in _families(found)))


def _families(found: Iterable[codes.Code]) -> Iterator[tuple[codes.Family, list[codes.Code]]]:
    for family, members in itertools.groupby(found, lambda code: code.family):
        yield family, list(members)


def _list(family: codes.Family, members: list[codes.Code]) -> str:
    rows = (f"  {code.id}  {code.severity:7}  {code.title}" for code in members)
    return "\n".join([family.title, *rows])


def _manual(code: codes.Code) -> str:
    source = f"\nSource: {code.source}" if code.source else ""
    return f"{code.id} ({code.severity}): {code.title}{source}\n\n{code.manual}"


def _page(found: list[codes.Code]) -> str:
    """Write docs/codes.md: for each family a table, then the manuals."""
    parts = [_HEAD]
    for family, members in _families(found):
        rows = "".join(
            f"| [{c.id}](#{c.id.lower()}) | {c.severity} | {c.title} |\n" for c in members
        )
        parts.append(f"\n## {family.title}\n\n| code | severity | title |\n|---|---|---|\n{rows}")
        for code in members:
            source = f" Source: {code.source}." if code.source else ""
            parts.append(f"\n### {code.id}\n\n**{code.title}** ({code.severity}).{source}\n\n")
            parts.append(f"{_markdown(code.manual)}\n")
    return "".join(parts)


def _markdown(manual: str) -> str:
    """Set headings bold and keep indented examples as code, with the blank line that Markdown wants before them."""
    lines: list[str] = []
    for line in manual.split("\n"):
        heading, colon, rest = line.partition(":")
        if colon and heading in _HEADINGS:
            line = f"**{heading}:**{rest}"
        if line.startswith("    ") and lines and lines[-1].endswith(":**"):
            lines.append("")
        lines.append(line)
    return "\n".join(lines)
