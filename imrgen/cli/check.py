"""`imrgen check`: what a person would look for before a letter is issued."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter

import click

from imrgen.case import Source
from imrgen.cli import EXIT_CODES
from imrgen.cli.options import (
    Teller,
    cases_argument,
    expand_folders,
    left_out,
    read_case,
    rendering_options,
    report_options,
)
from imrgen.diagnostics import CaseError, LibraryError, ReportFormat
from imrgen.pipeline import Options, Renderer


@click.command(
    name="check",
    epilog="\b\nExamples:\n"
    "  imrgen check case.toml\n"
    "  imrgen check cases/ --output-format short      the cases of a folder\n"
    "  imrgen check case.toml --select IMR32 --show-values\n"
    "  imrgen check cases/*.toml --no-pages          in a fraction of the time\n"
    "  imrgen explain IMR320                         what a finding means\n\n" + EXIT_CODES,
)
@cases_argument
@rendering_options
@click.option(
    "--no-pages",
    is_flag=True,
    help="Do not set the pages of the PDF: faster, and what only they show is not found.",
)
@report_options
def command(
    cases: tuple[str, ...],
    options: Options,
    no_pages: bool,
    output_format: ReportFormat,
    show_values: bool,
) -> None:
    """Look for what a person would look for before a letter is issued.

    Everything that stands in a letter's way is reported at once: what `imrgen render` would refuse,
    the pages of the PDF included, and what the checks find. The exit code is 1 where there is an
    error; warnings are for a person to look at. A folder stands for the cases in it. No value of a
    case is shown unless --show-values asks for it.
    """
    renderer = Renderer(options)
    formats: tuple[str, ...] = () if no_pages else ("pdf",)
    teller = Teller(output_format, sys.stdout, show_values)
    weights: Counter[str] = Counter()
    files, others = expand_folders(cases)
    for case in files:
        source: Source | None = None
        try:
            source = read_case(case)
            # Where Pango is missing, WeasyPrint prints that to standard output.
            with contextlib.redirect_stdout(sys.stderr):
                found = list(renderer.check(source, formats=formats))
        except CaseError as error:
            found = list(error.diagnostics)
        except LibraryError as error:
            # It is missing for every case; what else there is to be found needs no pages.
            assert source is not None
            formats = ()
            found = [*error.diagnostics, *renderer.check(source, formats=formats)]
        weights.update(diagnostic.severity for diagnostic in found)
        teller.tell(found, source)
    teller.end()
    if output_format == "text":
        counts = ", ".join(
            f"{weights[w]} {w}{'' if weights[w] == 1 else 's'}" for w in ("error", "warning")
        )
        checked = f"{len(files)} case{'' if len(files) == 1 else 's'} checked: {counts}"
        unset = "" if formats else "; pages were not set"
        click.echo(f"{checked}{unset}{left_out(others)}", err=True)
    sys.exit(1 if weights["error"] else 0)
