"""`imrgen check`: what a person would look for before a letter is issued."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import click

from imrgen.case import Source, load_case
from imrgen.checks import settings
from imrgen.cli import EXIT_CODES
from imrgen.cli.options import (
    Teller,
    cases_argument,
    check_options,
    expand_folders,
    left_out,
    letter_options,
    read_case,
)
from imrgen.diagnostics import CaseError, ReportFormat
from imrgen.pipeline import Renderer


@click.command(
    name="check",
    epilog="\b\nExamples:\n"
    "  imrgen check case.toml\n"
    "  imrgen check cases/ --output-format short      the cases of a folder\n"
    "  imrgen check case.toml --select IMR32 --show-values\n"
    "  imrgen explain IMR320                         what a finding means\n\n" + EXIT_CODES,
)
@cases_argument
@letter_options
@check_options
def command(
    cases: tuple[str, ...],
    pack: str | None,
    letter: str,
    templates: tuple[Path, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    output_format: ReportFormat,
    show_values: bool,
) -> None:
    """Look for what a person would look for before a letter is issued.

    Everything that could be wrong with a case's letter is told: what `imrgen render` would refuse,
    and what the checks find. The exit code is 1 where there is an error; warnings are for a person
    to look at. A folder stands for the cases in it. No value of a case is shown unless --show-values asks for it.
    """
    project = settings(Path.cwd())
    renderer = Renderer(
        pack,
        letter,
        templates=templates,
        select=select or project.select,
        ignore=(*project.ignore, *ignore),
    )
    teller = Teller(output_format, sys.stdout, show_values)
    weights: Counter[str] = Counter()
    files, others = expand_folders(cases)
    for case in files:
        source: Source | None = None
        try:
            source = read_case(case)
            found = list(renderer.examine(load_case(source, renderer.pack.model)))
        except CaseError as error:
            found = list(error.diagnostics)
        weights.update(diagnostic.severity for diagnostic in found)
        teller.tell(found, source)
    teller.end()
    if output_format == "text":
        counts = ", ".join(
            f"{weights[w]} {w}{'' if weights[w] == 1 else 's'}" for w in ("error", "warning")
        )
        cases_checked = f"{len(files)} case{'' if len(files) == 1 else 's'} checked"
        click.echo(f"{cases_checked}: {counts}{left_out(others)}", err=True)
    sys.exit(1 if weights["error"] else 0)
