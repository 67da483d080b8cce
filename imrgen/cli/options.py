"""Options that several commands share, and where their diagnostics go."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any, TypeVar

import click

from imrgen.case import Source, read
from imrgen.cli import colours
from imrgen.diagnostics import REPORT_FORMATS, Diagnostic, ReportFormat, report, reveal

STANDARD = "-"
"""Standard input or output, where a file could stand."""

Command = TypeVar("Command", bound=Callable[..., Any])


def complete_pack(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Complete the name of a pack."""
    from imrgen.pack import search_path

    return [
        name
        for name in search_path(ctx.params.get("templates") or ())
        if name.startswith(incomplete)
    ]


def complete_letter(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Complete the name of a letter of the pack that was named before."""
    from imrgen.pack import load_pack

    pack = load_pack(ctx.params.get("pack"), ctx.params.get("templates") or ())
    return [name for name in pack.merged("letters") if name.startswith(incomplete)]


def complete_check(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Complete the id of a check."""
    from imrgen.checks import all_checks

    return [check.id for check in all_checks() if check.id.startswith(incomplete.upper())]


def cases_argument(command: Command) -> Command:
    """Take the case files."""
    return click.argument("cases", metavar="CASE...", nargs=-1, required=True, type=click.Path())(
        command
    )


def templates_option(command: Command) -> Command:
    """Take folders in front of the built-in packs."""
    return click.option(
        "--templates",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="A folder in front of the built-in packs: a pack, a folder of packs, or files that replace a pack's own. "
        "May be repeated.",
    )(command)


def letter_options(command: Command) -> Command:
    """Take what chooses a letter: its pack and its name."""
    command = templates_option(command)
    command = click.option(
        "--letter",
        metavar="NAME",
        default="determination",
        show_default=True,
        shell_complete=complete_letter,
        help="The letter of the pack.",
    )(command)
    return click.option(
        "--pack",
        metavar="NAME",
        shell_complete=complete_pack,
        help="The template pack. Default: imr.",
    )(command)


def embed_case_option(command: Command) -> Command:
    """Take whether PDFs bring their case files along."""
    return click.option(
        "--embed-case",
        is_flag=True,
        help="Attach the case file to the PDF; `imrgen extract` gives it back.",
    )(command)


def limits_options(timeout: float) -> Callable[[Command], Command]:
    """Take what a worker may take for a letter.

    Args:
        timeout: How many seconds by default.
    """

    def add(command: Command) -> Command:
        command = click.option(
            "--memory",
            type=click.IntRange(min=256),
            default=2048,
            show_default=True,
            metavar="MIB",
            help="A letter whose worker needs more memory fails.",
        )(command)
        return click.option(
            "--timeout",
            type=click.FloatRange(min=0, min_open=True),
            default=timeout,
            show_default=True,
            metavar="SECONDS",
            help="A letter that takes longer fails.",
        )(command)

    return add


def check_options(command: Command) -> Command:
    """Take what chooses checks, and how diagnostics are told."""
    for option in (
        click.option(
            "--show-values",
            is_flag=True,
            help="Show the case's own lines in diagnostics, values included; keep the output as you keep the case.",
        ),
        click.option(
            "--output-format",
            type=click.Choice(REPORT_FORMATS),
            default="text",
            show_default=True,
            help="How diagnostics are told.",
        ),
        click.option(
            "--ignore",
            multiple=True,
            metavar="ID",
            shell_complete=complete_check,
            help="Not these checks. May be repeated.",
        ),
        click.option(
            "--select",
            multiple=True,
            metavar="ID",
            shell_complete=complete_check,
            help="Only these checks: ids, or what ids begin with, such as IMR32. May be repeated.",
        ),
    ):
        command = option(command)
    return command


def read_case(case: str) -> Source:
    """Read a case file, or standard input where it is `-`.

    Raises:
        CaseError: It cannot be read.
    """
    return read(sys.stdin.buffer if case == STANDARD else case)


class Teller:
    """Tells diagnostics as they come, or all in one document at the end, as the format asks.

    Args:
        format_: The format.
        stream: Where to.
        show_values: Whether the case's own lines are shown.
    """

    def __init__(self, format_: ReportFormat, stream: IO[str], show_values: bool) -> None:
        self._format, self._stream, self._show_values = format_, stream, show_values
        self._kept: list[Diagnostic] = []

    def tell(self, diagnostics: Iterable[Diagnostic], source: Source | None = None) -> None:
        """Tell some diagnostics, of a source where there is one."""
        found = list(diagnostics)
        if self._show_values:
            found = [reveal(d, self._text_of(d, source)) if d.span else d for d in found]
        if self._format in ("json", "sarif"):
            self._kept += found
        else:
            self._stream.write(report(found, self._format, colours(self._stream)))

    def end(self) -> None:
        """Write the one document, where the format is one."""
        if self._format in ("json", "sarif"):
            self._stream.write(report(self._kept, self._format))

    @staticmethod
    def _text_of(diagnostic: Diagnostic, source: Source | None) -> str:
        assert diagnostic.span is not None
        if source is not None and diagnostic.span.file == source.name:
            return source.text
        path = Path(diagnostic.span.file)
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
