"""`imrgen plan`: what a change of templates does to every letter, before it does it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import click

from imrgen.cli import EXIT_CODES
from imrgen.cli.comparison import Comparison, comparison_options, read_accepted, write_accepted
from imrgen.cli.plan_output import WRITERS
from imrgen.export import write
from imrgen.pipeline import Options

MOST_SHOWN = 200
"""Of so many changes an example is shown: each takes as long as a letter and its pages."""


@click.command(
    name="plan",
    epilog="\b\nExamples:\n"
    "  imrgen plan cases/ --templates acme --against git:main      what my edits change\n"
    "  imrgen plan cases/ --templates acme --against ../acme-1.2   from one version to the next\n"
    "  imrgen plan cases/ --pack acme --against pack:imr           from one pack to another\n"
    "  imrgen plan cases/ --templates acme --against letters/      what was sent, and is now\n"
    "  imrgen plan new/ --against old/ --show-values               two folders of letters\n"
    "  imrgen plan cases/ --templates acme --against git:main --output-format markdown\n\n"
    + EXIT_CODES.replace("a letter could not be rendered", "a letter changes"),
)
@comparison_options
@click.option(
    "--accept",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Leave out the changes that FILE lists, as --save or `imrgen review` has written them.",
)
@click.option(
    "--save",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Add all changes to FILE, which accepts them with --accept.",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a page for the browser with an example of each change: its words, and its pages "
    "before and after. It contains a case's words and can be read by you alone.",
)
@click.option(
    "--output-format",
    type=click.Choice(list(WRITERS)),
    default="text",
    show_default=True,
    help="How the changes are printed.",
)
@click.option(
    "--show-values",
    is_flag=True,
    help="Show an example of each change in full; the output is then as confidential as the case.",
)
def command(
    cases: tuple[str, ...],
    compare: Callable[..., AbstractContextManager[Comparison]],
    options: Options,
    accept: Path | None,
    save: Path | None,
    report: Path | None,
    output_format: str,
    show_values: bool,
) -> None:
    """Show what a change of templates does to every letter.

    Each letter of each case is made with the templates as they were and as they are. Letters that
    change in the same way are one entry: the words that were lost and gained, with the template's
    line, the fields of the case in place of what they hold, and how many cases it is for. CASE is a
    case file, a folder, a glob, a .jsonl file, or - for standard input. No value of a case is
    printed. Letters are made without writing them. The exit code is 0 if nothing changes that was
    not accepted.
    """
    accepted = read_accepted(accept)
    with compare(shows_values=show_values or report is not None) as compared:
        plan = compared.plan
        remaining = plan.remaining(accepted)
        details = {}
        if show_values or report is not None:
            shown = remaining[:MOST_SHOWN]
            details = compared.run.details(shown, has_pictures=report is not None)
        if report is not None:
            from imrgen.cli.plan_report import report_page  # few plans have one

            page = report_page(compared.summary(accepted), remaining, details)
            write(report, page.encode(), is_private=True)
    click.echo(
        WRITERS[output_format](plan, accepted, details if show_values else {}, options.templates),
        nl=False,
    )
    if details and len(remaining) > MOST_SHOWN:
        click.echo(f"examples are shown of the first {MOST_SHOWN} changes", err=True)
    if save is not None:
        write_accepted(save, plan, [group.change.id for group in plan.remaining()])
    if output_format == "text":
        click.echo(compared.summary(accepted), err=True)
    sys.exit(1 if remaining or plan.failed else 0)
