"""`imrgen coverage`: what cases take of a pack's templates, and what they never reach."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from imrgen.batch import CoverageRun, CoverageSettings
from imrgen.cli import EXIT_CODES
from imrgen.cli.coverage_page import coverage_page
from imrgen.cli.options import (
    Reporter,
    all_letters_options,
    cases_argument,
    count_of,
    describe_left_out,
    limits_if_given,
    limits_options,
)
from imrgen.cli.output import is_standard_output, write_output
from imrgen.cli.progress import progress
from imrgen.diagnostics import CaseError, codes
from imrgen.export import write_to
from imrgen.pipeline import CoverageReport, Options, describe_coverage
from imrgen.workers import Limits, limited


@click.command(
    name="coverage",
    epilog="\b\nExamples:\n"
    "  imrgen coverage --templates acme cases/\n"
    "  imrgen coverage --pack acme --templates packs/ cases/ --html coverage.html\n"
    "  imrgen coverage --templates acme cases/ --own --fail-under 100\n\n"
    + EXIT_CODES.replace(
        "a letter could not be rendered", "no letter of a case could be made, or --fail-under"
    ),
)
@cases_argument
@all_letters_options
@click.option(
    "--own",
    is_flag=True,
    help="Leave out the templates of packs that the pack extends.",
)
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Exit with 1 if fewer of the branches were taken.",
)
@click.option(
    "--html",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Also write the templates with what no case took marked in them, as one HTML page without "
    "any text of a case; - prints it in place of the text.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Use N worker processes. Default: as many as cores, or none for a few cases.",
)
@limits_options(timeout=300)
@click.option(
    "--output-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the coverage is printed.",
)
def command(
    cases: tuple[str, ...],
    options: Options,
    letters: tuple[str, ...],
    own: bool,
    fail_under: float | None,
    html: str | None,
    jobs: int | None,
    timeout: float,
    memory: int,
    output_format: str,
) -> None:
    """Show which parts of a pack's templates no case has reached.

    Each letter of each case is made, without writing it. Reported are the branches of templates
    that none of them took: both ways of each condition, loops without an item, blocks, macros and
    whole templates; also the fields that no template reads, and the fewest cases found that reach
    all that the cases reach. What the pack's manifest decides is not counted, nor a branch that a
    comment behind its tag explains: {# no case: why #}. CASE is a case file, a folder, a glob, a
    .jsonl file, or - for standard input. No value of a case is printed.
    """
    if html is not None and is_standard_output(html) and output_format == "json":
        raise click.UsageError("--html - and --output-format json would be mixed; choose one")
    reporter = Reporter("short", sys.stderr, False)
    with limited(Limits(timeout, memory)):  # templates are compiled here
        run = CoverageRun(
            list(cases),
            CoverageSettings(options, letters),
            jobs=jobs,
            limits=limits_if_given(),
            standard=sys.stdin.buffer,
        )
    with progress(run, reporter) as display:
        for covering in run:
            display.update(covering)
            run.coverage.add(covering.case.origin, covering.ways)
            # Some letters may be meant for other cases.
            reporter.write(covering.diagnostics if covering.failed else (), covering.case)
    reporter.close()
    if not display.done:
        raise CaseError.of(codes.NO_INPUT, "the input holds no case")
    report = run.coverage.report(is_own=own)
    if html is not None and is_standard_output(html):
        write_output(html, coverage_page(report).encode())
    elif output_format == "json":
        click.echo(_json(report))
    else:
        click.echo("".join(f"{line}\n" for line in describe_coverage(report)), nl=False)
        click.echo(f"{_summary(report)}{describe_left_out(run.left_out)}", err=True)
    if html is not None and not is_standard_output(html):
        write_to(Path(html), coverage_page(report).encode())
        click.echo(html, err=True)  # standard output has the report alone
    is_under = fail_under is not None and report.percent < fail_under
    if is_under:
        click.echo(f"{report.percent} % is less than {fail_under:g} %", err=True)
    sys.exit(1 if is_under or report.failed else 0)


def _summary(report: CoverageReport) -> str:
    missed = f"{report.missed} of {report.branches} branches not taken"
    refused = f"; {count_of(report.failed, 'case')} refused" if report.failed else ""
    return f"{count_of(report.cases, 'case')}: {missed}{refused}"


def _json(report: CoverageReport) -> str:
    found = msgspec.to_builtins(report)
    for template, written in zip(report.templates, found["templates"], strict=True):
        written["percent"] = template.percent
        del written["text"]
    totals = {
        "percent": report.percent,
        "branches": report.branches,
        "missed": report.missed,
        "fixed": report.fixed,
    }
    return msgspec.json.format(msgspec.json.encode(totals | found)).decode()
