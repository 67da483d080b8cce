"""The page that shows what cases take of templates: one HTML file, without any text of a case."""

from __future__ import annotations

import html
from collections.abc import Iterator

from imrgen.pipeline import CoverageReport, CoveredTemplate

_STYLE = """\
:root { color-scheme: light dark; --missed: #f7c6c0; --partial: #fbe7a1; --quiet: #6a6a6a }
@media (prefers-color-scheme: dark) {
  :root { --missed: #6b2420; --partial: #5c4a10; --quiet: #a0a0a0 }
}
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .2rem .6rem; border-bottom: 1px solid #8884 }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums }
pre { font: .85rem/1.5 ui-monospace, monospace; overflow-x: auto; margin: 0 }
pre span { display: block; white-space: pre-wrap; padding-left: 4.5rem; text-indent: -4.5rem }
pre .line { display: inline-block; width: 3.5rem; margin-right: 1rem; padding: 0; text-indent: 0;
  text-align: right; color: var(--quiet); user-select: none }
.missed { background: var(--missed) }
.partial { background: var(--partial) }
.why { color: var(--quiet); font-family: system-ui, sans-serif }
summary { cursor: pointer; font-weight: 600; margin-top: 1.5rem }
"""


def coverage_page(report: CoverageReport) -> str:
    """Return the page.

    Args:
        report: What the cases took.
    """
    return "\n".join(_lines(report)) + "\n"


def _lines(report: CoverageReport) -> Iterator[str]:
    title = f"Coverage of pack {report.pack}: {report.percent} %"
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f"<title>{_text(title)}</title>"
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield f"<style>\n{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{_text(title)}</h1>"
    taken = report.branches - report.missed
    yield (
        f"<p>{taken} of {report.branches} branches were taken by {report.cases} cases, of which "
        f"{report.failed} are refused. Letters: {_text(', '.join(report.letters))}. "
        f"{report.fixed} more branches are not for a case to decide.</p>"
    )
    yield from _table(report)
    for number, template in enumerate(report.templates):
        yield from _template(number, template)
    yield from _list("Fields that no template reads", report.unread)
    yield from _list("Few cases that take all that the cases take", report.minimal)
    alike = (", ".join(cases) for cases in report.alike)
    yield from _list("Cases that take the same branches as each other", tuple(alike))
    yield "</main>\n</body>\n</html>"


def _table(report: CoverageReport) -> Iterator[str]:
    heads = "".join(
        f'<th scope="col" class="number">{each}</th>' for each in ("taken", "branches", "missed")
    )
    yield f'<table>\n<thead><tr><th scope="col">Template</th>{heads}</tr></thead>\n<tbody>'
    for number, template in enumerate(report.templates):
        cells = (f"{template.percent} %", template.branches, len(template.missed))
        yield (
            f'<tr><td><a href="#t{number}">{_text(template.name)}</a></td>'
            + "".join(f'<td class="number">{cell}</td>' for cell in cells)
            + "</tr>"
        )
    yield "</tbody>\n</table>"


def _template(number: int, template: CoveredTemplate) -> Iterator[str]:
    is_open = " open" if template.missed else ""
    yield f'<details id="t{number}"{is_open}><summary>{_text(template.name)}</summary>'
    told: dict[int, list[str]] = {}
    for branch in template.missed:
        told.setdefault(branch.line, []).append(branch.message)
    for branch in template.fixed:
        told.setdefault(branch.line, []).append("not for a case to decide")
    lines: list[str] = []
    for line, text in enumerate(template.text.rstrip("\n").split("\n"), start=1):
        kind = "missed" if line in template.missed_lines else ""
        kind = kind or ("partial" if line in template.partial_lines else "")
        name = f' class="{kind}"' if kind else ""
        why = f' <b class="why">{_text("; ".join(told[line]))}</b>' if line in told else ""
        lines.append(f'<span{name}><i class="line">{line}</i>{_text(text)}{why}</span>')
    # Each line is a block, so that a line feed between two would be a line of its own.
    yield f"<pre>{''.join(lines)}</pre>\n</details>"


def _list(title: str, items: tuple[str, ...]) -> Iterator[str]:
    if items:
        yield f"<h2>{_text(title)}</h2>\n<ul>"
        yield from (f"<li>{_text(item)}</li>" for item in items)
        yield "</ul>"


def _text(text: str) -> str:
    return html.escape(text)
