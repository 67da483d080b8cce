"""`imrgen explain`: a check's manual."""

from __future__ import annotations

import json

import click

from imrgen.checks import Check, all_checks
from imrgen.cli.options import complete_check
from imrgen.diagnostics import nearest


@click.command(
    name="explain",
    epilog="\b\nExamples:\n  imrgen explain\n  imrgen explain IMR320\n  imrgen explain --markdown",
)
@click.argument("id_", metavar="[ID]", required=False, shell_complete=complete_check)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--markdown", "as_markdown", is_flag=True, help="Print the page of the documentation."
)
def command(id_: str | None, as_json: bool, as_markdown: bool) -> None:
    """Tell what a check finds, why, and by what rule; without an id, list all checks."""
    checks = all_checks()
    if id_ is not None:
        checks = tuple(check for check in checks if check.id == id_.upper())
        if not checks:
            hint = "; ".join(["", *nearest(id_.upper(), (check.id for check in all_checks()))])
            raise click.UsageError(f"there is no check '{id_}'{hint}; `imrgen explain` lists them")
    if as_json:
        click.echo(json.dumps([_plain(check) for check in checks], indent=2, ensure_ascii=False))
    elif as_markdown:
        click.echo(_page(checks), nl=False)
    elif id_ is None:
        for check in checks:
            click.echo(f"{check.id}  {check.severity:7}  {check.title}")
    else:
        (check,) = checks
        click.echo(
            f"{check.id} ({check.severity}): {check.title}\nSource: {check.source}\n\n{check.manual}"
        )


def _plain(check: Check) -> dict[str, str]:
    return {
        "id": check.id,
        "title": check.title,
        "severity": check.severity,
        "source": check.source,
        "manual": check.manual,
    }


def _page(checks: tuple[Check, ...]) -> str:
    """Write docs/checks.md: a table, then each manual."""
    rows = "".join(f"| [{c.id}](#{c.id.lower()}) | {c.severity} | {c.title} |\n" for c in checks)
    manuals = "".join(
        f"\n## {c.id}\n\n**{c.title}** ({c.severity}). Source: {c.source}.\n\n{_manual(c.manual)}\n"
        for c in checks
    )
    head = "# Checks\n\n<!-- Made by `imrgen explain --markdown`; edit the checks' docstrings instead. -->\n\n"
    return f"{head}| id | severity | finds |\n|---|---|---|\n{rows}{manuals}"


def _manual(text: str) -> str:
    """Set headings bold and keep indented examples as code, with the blank line that Markdown wants before them."""
    lines: list[str] = []
    for line in text.split("\n"):
        heading, colon, rest = line.partition(":")
        if colon and heading in ("What", "Why", "Fails", "Passes"):
            line = f"**{heading}:**{rest}"
        if line.startswith("    ") and lines and lines[-1] and not lines[-1].startswith("    "):
            lines.append("")
        lines.append(line)
    return "\n".join(lines)
