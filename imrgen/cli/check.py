"""`imrgen check`: look for mistakes before a letter is issued."""

from __future__ import annotations

import sys
from collections import Counter

import click

from imrgen.batch import CheckRun, CheckSettings
from imrgen.cli import EXIT_CODES
from imrgen.cli.options import (
    Reporter,
    cases_argument,
    count_of,
    describe_left_out,
    letters_options,
    limits_if_given,
    limits_options,
    report_options,
    show_statistics,
)
from imrgen.cli.progress import progress
from imrgen.diagnostics import (
    CaseError,
    Diagnostic,
    OptionError,
    PackError,
    ReportFormat,
    Severity,
    codes,
)
from imrgen.pipeline import Options, Renderer
from imrgen.workers import Limits, limited

_CONFIDENTIAL = "confidential: left out when a determination is published"


@click.command(
    name="check",
    epilog="\b\nExamples:\n"
    "  imrgen check case.toml\n"
    "  imrgen check cases/ --output-format short      the cases of a folder\n"
    "  imrgen check cases.jsonl --statistics          how often each problem was found\n"
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
@click.option(
    "--statistics", is_flag=True, help="Print how often each code was found, not the findings."
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Use N worker processes. Default: as many as cores, or none for a few cases.",
)
@limits_options(timeout=120)
@report_options
def command(
    cases: tuple[str, ...],
    options: Options,
    letters: tuple[str, ...],
    no_pages: bool,
    verbose: bool,
    statistics: bool,
    jobs: int | None,
    timeout: float,
    memory: int,
    output_format: ReportFormat,
    show_values: bool,
) -> None:
    """Check cases for mistakes without writing their letters.

    Everything that stops a letter is reported at once: what `imrgen render` would refuse, including
    the pages of the PDF, and the findings of the checks. The exit code is 1 if there is an error; a
    person should look at warnings. CASE is a case file, a folder, a glob, a .jsonl file (one case
    per line), or - for standard input. Each letter that is asked for is examined. No value of a
    case is shown unless --show-values is given.
    """
    reporter = Reporter(output_format, sys.stdout, show_values)
    settings = CheckSettings(options, letters, () if no_pages else ("pdf",), verbose)
    try:
        with limited(Limits(timeout, memory)):  # templates are compiled here
            run = CheckRun(
                list(cases),
                settings,
                jobs=jobs,
                limits=limits_if_given(),
                standard=sys.stdin.buffer,
            )
    except (CaseError, PackError) as error:
        if isinstance(error, OptionError):
            raise
        reporter.write(error.diagnostics)
        reporter.close()
        sys.exit(1)
    counts: Counter[tuple[str, Severity]] = Counter()
    missing: tuple[Diagnostic, ...] = ()
    unprinted: dict[str, set[str]] = {}
    with progress(run, reporter) as display:
        for checked in run:
            display.update(checked)
            # What is missing for every case is reported once.
            found = [*(() if missing else checked.missing), *checked.diagnostics]
            missing = missing or checked.missing
            counts.update((each.code, each.severity) for each in found)
            if not statistics:
                reporter.write(found, checked.case)
            for letter, patterns in checked.unprinted.items():
                unprinted.setdefault(letter, set()).update(patterns)
    if not display.done:
        raise CaseError.of(codes.NO_INPUT, "the input holds no case")
    if statistics:
        show_statistics(counts, output_format)
    else:
        reporter.close()
    for renderer in run.renderers:
        _list_unprinted(unprinted.get(renderer.options.letter, set()), renderer)
    if output_format == "text":
        totals = Counter[str]()
        for (_, severity), count in counts.items():
            totals[severity] += count
        errors, warnings = (count_of(totals[each], each) for each in ("error", "warning"))
        pages = "; pages were not laid out" if no_pages or missing else ""
        summary = f"{count_of(display.done, 'case')} checked: {errors}, {warnings}"
        click.echo(f"{summary}{pages}{describe_left_out(run.left_out)}", err=True)
    has_error = any(severity == "error" for _, severity in counts)
    sys.exit(1 if has_error else 0)


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
