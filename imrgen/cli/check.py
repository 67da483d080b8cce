"""`imrgen check`: look for mistakes before a letter is issued."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter

import click

from imrgen.case import Source
from imrgen.cli import EXIT_CODES
from imrgen.cli.options import (
    Reporter,
    cases_argument,
    count_of,
    describe_left_out,
    expand_folders,
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
    help="Do not lay out the PDF: faster, but problems of its pages are not found.",
)
@report_options
def command(
    cases: tuple[str, ...],
    options: Options,
    no_pages: bool,
    output_format: ReportFormat,
    show_values: bool,
) -> None:
    """Check cases for mistakes without writing their letters.

    Everything that stops a letter is reported at once: what `imrgen render` would refuse, including
    the pages of the PDF, and the findings of the checks. The exit code is 1 if there is an error; a
    person should look at warnings. A folder stands for the cases in it. No value of a case is shown
    unless --show-values is given.
    """
    renderer = Renderer(options)
    formats: tuple[str, ...] = () if no_pages else ("pdf",)
    reporter = Reporter(output_format, sys.stdout, show_values)
    counts: Counter[str] = Counter()
    files, others = expand_folders(cases)
    for case in files:
        source: Source | None = None
        try:
            source = read_case(case)
            # Where Pango is missing, WeasyPrint prints that to standard output.
            with contextlib.redirect_stdout(sys.stderr):
                diagnostics = list(renderer.check(source, formats=formats))
        except CaseError as error:
            diagnostics = list(error.diagnostics)
        except LibraryError as error:
            # It is missing for every case; what else there is to be found needs no pages.
            assert source is not None
            formats = ()
            diagnostics = [*error.diagnostics, *renderer.check(source, formats=formats)]
        counts.update(diagnostic.severity for diagnostic in diagnostics)
        reporter.write(diagnostics, source)
    reporter.close()
    if output_format == "text":
        found = ", ".join(count_of(counts[severity], severity) for severity in ("error", "warning"))
        pages = "" if formats else "; pages were not laid out"
        summary = f"{count_of(len(files), 'case')} checked: {found}"
        click.echo(f"{summary}{pages}{describe_left_out(others)}", err=True)
    sys.exit(1 if counts["error"] else 0)
