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
    letters_options,
    read_case,
    report_options,
)
from imrgen.diagnostics import (
    CaseError,
    Diagnostic,
    LibraryError,
    OptionError,
    PackError,
    ReportFormat,
)
from imrgen.pipeline import Options, Renderer, renderers

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
@letters_options
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
    letters: tuple[str, ...],
    no_pages: bool,
    verbose: bool,
    output_format: ReportFormat,
    show_values: bool,
) -> None:
    """Check cases for mistakes without writing their letters.

    Everything that stops a letter is reported at once: what `imrgen render` would refuse, including
    the pages of the PDF, and the findings of the checks. The exit code is 1 if there is an error; a
    person should look at warnings. A folder stands for the cases in it. Each letter that is asked
    for is examined. No value of a case is shown unless --show-values is given.
    """
    formats: tuple[str, ...] = () if no_pages else ("pdf",)
    reporter = Reporter(output_format, sys.stdout, show_values)
    try:
        chosen = renderers(options, letters)
    except PackError as error:
        if isinstance(error, OptionError):
            raise
        reporter.write(error.diagnostics, None)
        reporter.close()
        sys.exit(1)
    counts: Counter[str] = Counter()
    unprinted: dict[Renderer, set[str]] = {renderer: set() for renderer in chosen}
    files, others = expand_folders(cases)
    for case in files:
        source: Source | None = None
        # What is found in the case itself is the same for each of its letters.
        found: dict[Diagnostic, None] = {}
        try:
            source = read_case(case)
        except CaseError as error:
            found |= dict.fromkeys(error.diagnostics)
        else:
            for renderer in chosen:
                diagnostics, formats = _check(renderer, source, formats)
                found |= dict.fromkeys(diagnostics)
                if verbose:
                    with contextlib.suppress(CaseError, PackError):  # reported above
                        unprinted[renderer].update(renderer.unprinted(source))
        counts.update(diagnostic.severity for diagnostic in found)
        reporter.write(found, source)
    reporter.close()
    for renderer, patterns in unprinted.items():
        _list_unprinted(patterns, renderer)
    if output_format == "text":
        errors, warnings = (count_of(counts[each], each) for each in ("error", "warning"))
        pages = "" if formats else "; pages were not laid out"
        summary = f"{count_of(len(files), 'case')} checked: {errors}, {warnings}"
        click.echo(f"{summary}{pages}{describe_left_out(others)}", err=True)
    sys.exit(1 if counts["error"] else 0)


def _check(
    renderer: Renderer, source: Source, formats: tuple[str, ...]
) -> tuple[tuple[Diagnostic, ...], tuple[str, ...]]:
    """Return what is found in a letter, and the formats in which later ones can be examined."""
    try:
        # Where Pango is missing, WeasyPrint prints that to standard output.
        with contextlib.redirect_stdout(sys.stderr):
            return renderer.check(source, formats=formats), formats
    except LibraryError as error:
        # It is missing for every case; what else there is to be found needs no pages.
        return (*error.diagnostics, *renderer.check(source, formats=())), ()


def _list_unprinted(unprinted: set[str], renderer: Renderer) -> None:
    """Name each field that cases have and the letter never prints, once for all cases."""
    if not unprinted:
        return
    letter, pack = renderer.options.letter, renderer.pack
    click.echo(f"In the cases, not printed by letter `{letter}` of pack `{pack.name}`:", err=True)
    width = max(map(len, unprinted))
    for pattern, _ in pack.model.patterns():
        if pattern in unprinted:
            field = pack.model.find(pattern)
            why = _CONFIDENTIAL if field and field.confidential else ""
            click.echo(f"  {pattern:{width}}  {why}".rstrip(), err=True)
