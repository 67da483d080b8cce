"""Options that several commands share, and where their diagnostics go."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any, TypeVar

import click

from imrgen.case import Source, case_files, no_cases, read
from imrgen.checks import settings
from imrgen.cli import colours
from imrgen.diagnostics import REPORT_FORMATS, CaseError, Diagnostic, ReportFormat, report, reveal
from imrgen.pipeline import options_of

STANDARD = "-"
"""Standard input or output, where a file could stand."""

Command = TypeVar("Command", bound=Callable[..., Any])


def complete_pack(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Complete the name of a pack."""
    from imrgen.pack import pack_names

    return [
        name
        for name in pack_names(ctx.params.get("templates") or ())
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


def pack_option(command: Command) -> Command:
    """Take the template pack."""
    return click.option(
        "--pack",
        metavar="NAME",
        shell_complete=complete_pack,
        help="The template pack. Default: imr.",
    )(command)


def templates_option(command: Command) -> Command:
    """Take folders in front of the built-in packs."""
    return click.option(
        "--templates",
        multiple=True,
        type=click.Path(),
        metavar="DIR",
        help="A folder in front of the built-in packs: a pack, a folder of packs, or files that "
        "replace a pack's own. May be repeated.",
    )(command)


RENDERING: Mapping[str, Callable[[Any], Any]] = {
    "pack": pack_option,
    "letter": click.option(
        "--letter",
        metavar="NAME",
        default="determination",
        show_default=True,
        shell_complete=complete_letter,
        help="The letter of the pack.",
    ),
    "templates": templates_option,
    "width": click.option(
        "--width",
        type=click.IntRange(min=0),
        default=80,
        show_default=True,
        help="Columns of the text; 0: a line for each paragraph.",
    ),
    "embed_fonts": click.option(
        "--embed-fonts",
        is_flag=True,
        help="Put the pack's fonts into the HTML (about 1.5 MB more).",
    ),
    "embed_case": click.option(
        "--embed-case",
        is_flag=True,
        help="Attach the case file to the PDF; `imrgen extract` gives it back.",
    ),
    "check": click.option(
        "--no-check",
        "check",
        is_flag=True,
        flag_value=False,
        default=True,
        help="Make the letter even where a check finds an error.",
    ),
    "select": click.option(
        "--select",
        multiple=True,
        metavar="CODE",
        shell_complete=complete_check,
        help="Only these checks: codes, or what codes begin with, such as IMR32. May be repeated.",
    ),
    "ignore": click.option(
        "--ignore",
        multiple=True,
        metavar="CODE",
        shell_complete=complete_check,
        help="Not these checks. May be repeated.",
    ),
}
"""The option of the command line for each field of `imrgen.pipeline.Options`."""


def rendering_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Take the options of a rendering, and hand them over as one `Options` named `options`.

    The project's settings (`imrgen.toml`) choose checks where the command line does not.
    """

    @functools.wraps(command)
    def with_options(**values: Any) -> Any:
        fields: Any = {name: values.pop(name) for name in RENDERING}
        project = settings(Path.cwd())
        fields["select"] = fields["select"] or project.select
        fields["ignore"] = (*project.ignore, *fields["ignore"])
        return command(options=options_of(None, fields), **values)

    wrapped: Callable[..., Any] = with_options
    for option in reversed([*RENDERING.values()]):
        wrapped = option(wrapped)
    return wrapped


def report_options(command: Command) -> Command:
    """Take how diagnostics are shown."""
    command = click.option(
        "--show-values",
        is_flag=True,
        help="Show the case's own lines in diagnostics, values included; keep the output as you "
        "keep the case.",
    )(command)
    return click.option(
        "--output-format",
        type=click.Choice(REPORT_FORMATS),
        default="text",
        show_default=True,
        help="How diagnostics are shown.",
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


def read_case(case: str) -> Source:
    """Read a case file, or standard input where it is `-`.

    Raises:
        CaseError: It cannot be read.
    """
    return read(sys.stdin.buffer if case == STANDARD else case)


def expand_folders(cases: Iterable[str]) -> tuple[list[str], int]:
    """Replace each folder by the cases in it, and count its files that are not cases.

    Raises:
        CaseError: A folder has no case.
    """
    found: list[str] = []
    others = 0
    for case in cases:
        if case != STANDARD and Path(case).is_dir():
            files = case_files(Path(case))
            if not files.cases:
                raise CaseError([no_cases(case)])
            found += map(str, files.cases)
            others += files.left_out
        else:
            found.append(case)
    return found, others


def left_out(files: int) -> str:
    """Return the end of a summary that counts the files of the given folders that are not cases."""
    return f"; {files} other file{'' if files == 1 else 's'} left out" if files else ""


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
