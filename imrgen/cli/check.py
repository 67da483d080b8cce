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
from imrgen.diagnostics import CaseError, LibraryError, PackError, ReportFormat
from imrgen.pipeline import Options, Renderer

_CONFIDENTIAL = "confidential: left out when a determination is published"


@click.command(
    name="check",
    epilog="\b\nExamples:\n"
    "  imrgen check case.toml\n"
    "  imrgen check cases/ --output-format short      the cases of a folder\n"
    "  imrgen check case.toml --select IMR32 --show-values\n"
    "  imrgen check cases/*.toml --no-pages          in a fraction of the time\n"
    "  imrgen check case.toml -v                     which fields are not printed\n"
    "  imrgen explain IMR320                         what a finding means\n\n" + EXIT_CODES,
)
@cases_argument
@rendering_options
@click.option(
    "--no-pages",
    is_flag=True,
    help="Do not lay out the PDF: faster, but problems of its pages are not found.",
)
@click.option(
    "-v",
    "--verbose",
    is_flag=True,
    help="Also list the fields that the cases have and the letter never prints.",
)
@report_options
def command(
    cases: tuple[str, ...],
    options: Options,
    no_pages: bool,
    verbose: bool,
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
    unprinted: set[str] = set()
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
        if verbose and source is not None:
            with contextlib.suppress(CaseError, PackError):  # reported above
                unprinted.update(renderer.unprinted(source))
        counts.update(diagnostic.severity for diagnostic in diagnostics)
        reporter.write(diagnostics, source)
    reporter.close()
    _list_unprinted(unprinted, renderer)
    if output_format == "text":
        found = ", ".join(count_of(counts[severity], severity) for severity in ("error", "warning"))
        pages = "" if formats else "; pages were not laid out"
        summary = f"{count_of(len(files), 'case')} checked: {found}"
        click.echo(f"{summary}{pages}{describe_left_out(others)}", err=True)
    sys.exit(1 if counts["error"] else 0)


def _list_unprinted(unprinted: set[str], renderer: Renderer) -> None:
    """Name each field that cases have and the letter never prints, once for all cases."""
    if not unprinted:
        return
    letter, pack = renderer.options.letter, renderer.pack
    click.echo(f"Given, and not printed by letter `{letter}` of pack `{pack.name}`:", err=True)
    width = max(map(len, unprinted))
    for pattern, _ in pack.model.patterns():
        if pattern in unprinted:
            field = pack.model.find(pattern)
            why = _CONFIDENTIAL if field and field.confidential else ""
            click.echo(f"  {pattern:{width}}  {why}".rstrip(), err=True)
