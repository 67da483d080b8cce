"""Options that several commands share, and the reporter of their diagnostics."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar, get_args

import click

from imrgen.case import Source, read, readable_text
from imrgen.checks import all_checks
from imrgen.cli import colours
from imrgen.cli.output import STANDARD
from imrgen.diagnostics import (
    REPORT_FORMATS,
    CaseError,
    Diagnostic,
    OptionError,
    ReportFormat,
    Severity,
    codes,
)
from imrgen.pack import ALL_LETTERS, DEFAULT_ENGINE, EngineName, load_pack, pack_names
from imrgen.pipeline import Options, options_of, settings
from imrgen.workers import Limits, limited, limits_memory

if TYPE_CHECKING:
    from imrgen.batch import RawCase

Command = TypeVar("Command", bound=Callable[..., Any])


def complete_case(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Complete the path of a case file, and of a folder in which there may be some."""
    folder, slash, start = incomplete.rpartition("/")
    place = Path(folder + slash or ".").expanduser()
    if not place.is_dir():
        return []
    from imrgen.case import LINES_SUFFIX, SUFFIXES, case_files  # no letter needs it

    takes_lines = ctx.command.name in ("batch", "check", "plan", "review")
    suffixes = (*SUFFIXES, LINES_SUFFIX) if takes_lines else SUFFIXES
    names = [path.name for path in case_files(place, suffixes).cases]
    names += [f"{each.name}/" for each in place.iterdir() if each.is_dir()]
    is_hidden = start.startswith(".")
    return [
        folder + slash + name
        for name in sorted(names)
        if name.startswith(start) and (is_hidden or not name.startswith("."))
    ]


def complete_pack(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Complete the name of a pack."""
    return [
        name
        for name in pack_names(ctx.params.get("templates") or ())
        if name.startswith(incomplete)
    ]


def complete_letter(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Complete the name of a letter of the pack given before it."""
    pack = load_pack(ctx.params.get("pack"), ctx.params.get("templates") or ())
    names = [*pack.merged("letters"), *([ALL_LETTERS] if param.multiple else [])]
    return [name for name in names if name.startswith(incomplete)]


def complete_check(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Complete the id of a check."""
    return [check.id for check in all_checks() if check.id.startswith(incomplete.upper())]


def complete_override(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Complete the key of a text that the pack given before it allows to be overridden."""
    pack = load_pack(ctx.params.get("pack"), ctx.params.get("templates") or ())
    return [f"{key}=" for key in pack.overridable if key.startswith(incomplete)]


def _pairs(ctx: click.Context, param: click.Parameter, written: tuple[str, ...]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for each in written:
        key, equals, text = each.partition("=")
        if not equals:
            raise click.BadParameter(f"`{key}` has no value; write KEY=VALUE")
        if key in pairs:
            raise click.BadParameter(f"`{key}` is set twice")
        pairs[key] = text
    return pairs


def _context(ctx: click.Context, param: click.Parameter, file: str | None) -> dict[str, Any]:
    return dict(read(file, OptionError).data) if file is not None else {}


def _codes(ctx: click.Context, param: click.Parameter, written: tuple[str, ...]) -> tuple[str, ...]:
    parts = (part.strip() for each in written for part in each.split(","))
    return tuple(filter(None, parts))


cases_argument = click.argument(
    "cases", metavar="CASE...", nargs=-1, required=True, shell_complete=complete_case
)
templates_option = click.option(
    "--templates",
    multiple=True,
    type=click.Path(),
    metavar="DIR",
    help="A folder or a zip file searched before the built-in packs: a pack, a folder of packs, or "
    "files that replace a pack's own. May be repeated.",
)
overrides_option = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    callback=_pairs,
    shell_complete=complete_override,
    help="Replace a text of the pack, such as words.phone, if its manifest lists it in "
    "`overridable`. May be repeated.",
)

host_options: dict[str, Callable[[Any], Any]] = {
    "context": click.option(
        "--context",
        type=click.Path(),
        metavar="FILE",
        callback=_context,
        help="A TOML or JSON file of a program's own values, which templates see as `context`.",
    ),
    "filters": click.option(
        "--filter",
        "filters",
        multiple=True,
        metavar="NAME=MODULE:FUNCTION",
        callback=_pairs,
        help="A filter of a program's own, a function of an installed module. May be repeated.",
    ),
    "globals": click.option(
        "--global",
        "globals",
        multiple=True,
        metavar="NAME=MODULE:FUNCTION",
        callback=_pairs,
        help="A function of a program's own that templates can call. May be repeated.",
    ),
}
"""What a program gives to templates besides the case."""


def _letters_option(default: str, told: str) -> Callable[[Any], Any]:
    return click.option(
        "--letter",
        metavar="NAME",
        multiple=True,
        default=(default,),
        shell_complete=complete_letter,
        help="The letter of the pack. May be repeated; `all` stands for every letter of the pack. "
        f"Default: {told}.",
    )


RENDERING: dict[str, Callable[[Any], Any]] = {
    "pack": click.option(
        "--pack",
        metavar="NAME",
        shell_complete=complete_pack,
        help="The template pack. Default: imr.",
    ),
    "letter": click.option(
        "--letter",
        metavar="NAME",
        default=Options().letter,
        shell_complete=complete_letter,
        help="The letter of the pack. Default: the first.",
    ),
    "templates": templates_option,
    "width": click.option(
        "--width",
        type=click.IntRange(min=0),
        default=80,
        show_default=True,
        metavar="COLUMNS",
        help="Columns of the text; 0: one line for each paragraph.",
    ),
    "embed_fonts": click.option(
        "--embed-fonts",
        is_flag=True,
        help="Embed the pack's fonts in the HTML (about 1.5 MB more).",
    ),
    "embed_case": click.option(
        "--embed-case",
        is_flag=True,
        help="Attach the case file to the PDF; `imrgen extract` writes it out again.",
    ),
    "check": click.option(
        "--no-check",
        "check",
        is_flag=True,
        flag_value=False,
        default=True,
        help="Render the letter even if a check finds an error.",
    ),
    "select": click.option(
        "--select",
        multiple=True,
        metavar="CODE,…",
        callback=_codes,
        shell_complete=complete_check,
        help="Only these checks: codes, or beginnings of codes, such as IMR32. May be repeated.",
    ),
    "ignore": click.option(
        "--ignore",
        multiple=True,
        metavar="CODE,…",
        callback=_codes,
        shell_complete=complete_check,
        help="Not these checks. May be repeated.",
    ),
    "overrides": overrides_option,
    **host_options,
    "recipient": click.option(
        "--recipient",
        type=click.IntRange(min=1),
        callback=lambda ctx, param, number: number or 0,
        metavar="N",
        help="Make the letter for the Nth recipient of the case alone.",
    ),
    "per_recipient": click.option(
        "--per-recipient",
        is_flag=True,
        help="Make the letter once for each recipient of the case, as the manifest of a pack may "
        "also say; templates see `recipient`.",
    ),
    "draft": click.option(
        "--draft",
        is_flag=True,
        help="Make a draft: marked on each page, without a seal, also of a case that is refused or "
        "incomplete; what is missing stands as a marked gap.",
    ),
    "engine": click.option(
        "--engine",
        type=click.Choice(get_args(EngineName)),
        help="What sets PDFs. Default: what imrgen.toml says, or the pack, or else "
        f"{DEFAULT_ENGINE}.",
    ),
}
"""The option of the command line for each field of `imrgen.pipeline.Options`."""


def rendering_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a rendering, which the command receives as one `Options` named `options`.

    The project's settings (`imrgen.toml`) choose checks and the engine of PDFs where the command
    line does not.
    """
    return _with_options(command, RENDERING)


def letters_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a rendering, but of several letters; their names are `letters`."""
    letters = _letters_option(Options().letter, "the first")
    return _with_options(command, RENDERING | {"letter": letters})


def all_letters_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of `letters_options`; where no letter is named, all are meant."""
    letters = _letters_option(ALL_LETTERS, "all")
    return _with_options(command, RENDERING | {"letter": letters})


def _with_options(
    command: Callable[..., Any], added: dict[str, Callable[[Any], Any]]
) -> Callable[..., Any]:
    @functools.wraps(command)
    def with_options(**values: Any) -> Any:
        fields: Any = {name: values.pop(name) for name in added}
        if isinstance(fields["letter"], tuple):
            values["letters"] = fields.pop("letter")
        project, file = settings(Path.cwd())
        selects = {"--select": fields["select"]} if fields["select"] else {file: project.select}
        ignores = {file: project.ignore, "--ignore": fields["ignore"]}
        fields["engine"] = fields["engine"] or project.pdf.engine
        fields["select"] = next(iter(selects.values()))
        fields["ignore"] = (*project.ignore, *fields["ignore"])
        tell_checks(selects if fields["check"] else None, ignores, "--no-check")
        return command(options=options_of(None, fields), **values)

    wrapped: Callable[..., Any] = with_options
    for option in reversed([*added.values()]):
        wrapped = option(wrapped)
    return wrapped


def tell_checks(
    selects: Mapping[str, Sequence[str]] | None, ignores: Mapping[str, Sequence[str]], none: str
) -> None:
    """Tell on standard error which checks do not run, and who says so; nothing if all run.

    A file that came with the cases may say so, too.

    Args:
        selects: The checks that are selected, by who selects them; `None` if none runs.
        ignores: The checks that are left out, by who leaves them out.
        none: Who says that none runs.
    """
    parts = [f"none ({none})"] if selects is None else []
    for word, named in (("only", selects or {}), ("not", {} if selects is None else ignores)):
        parts += [f"{word} {', '.join(codes)} ({who})" for who, codes in named.items() if codes]
    if parts:
        click.echo(f"checks: {'; '.join(parts)}", err=True)


def are_several(letters: tuple[str, ...]) -> bool:
    """Return whether several letters are asked for, so that names of files must tell them apart."""
    return len(letters) > 1 or ALL_LETTERS in letters


def report_options(command: Command) -> Command:
    """Add the options for showing diagnostics."""
    command = click.option(
        "--show-values",
        is_flag=True,
        help="Show the case's own lines in diagnostics, including values; the output is then as "
        "confidential as the case.",
    )(command)
    return click.option(
        "--output-format",
        type=click.Choice(REPORT_FORMATS),
        default="text",
        show_default=True,
        help="The format of diagnostics.",
    )(command)


def limits_options(timeout: float) -> Callable[[Command], Command]:
    """Add the options that limit what a letter may take.

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
            callback=_memory,
            help="A letter that needs more memory fails, on Linux.",
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


def _memory(ctx: click.Context, param: click.Parameter, memory: int) -> int:
    """Tell on standard error where a limit is asked for that the system does not keep."""
    is_default = ctx.get_parameter_source("memory") is click.core.ParameterSource.DEFAULT
    if not is_default and not ctx.resilient_parsing and not limits_memory():
        click.echo("--memory: this system does not limit the memory of a process", err=True)
    return memory


def show_statistics(
    counts: Mapping[tuple[str, Severity], int], output_format: ReportFormat
) -> None:
    """Print how often each code was reported, the most frequent first.

    Args:
        counts: The numbers, by code and severity.
        output_format: `json` for a list of objects; every other format is a table.
    """
    rows = [
        (count, code, severity, codes.registry[code].title)
        for (code, severity), count in sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    ]
    if output_format == "json":
        keys = ("count", "code", "severity", "title")
        click.echo(json.dumps([dict(zip(keys, row, strict=True)) for row in rows], indent=2))
        return
    width = max((len(str(count)) for count, *_ in rows), default=0)
    for count, code, severity, title in rows:
        click.echo(f"{count:{width}}  {code}  {severity:7}  {title}")


def limited_command(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--timeout` and `--memory`, which limit this process while it runs the command."""

    @functools.wraps(command)
    def within_limits(timeout: float, memory: int, **values: Any) -> Any:
        with limited(Limits(timeout, memory)):
            return command(**values)

    return limits_options(timeout=300)(within_limits)


def chosen_limits() -> Limits:
    """Return the limits that the current command was given."""
    given = click.get_current_context().params
    return Limits(given["timeout"], given["memory"])


def limits_if_given() -> Limits | None:
    """Return the limits that the current command was given; `None` if it has only its defaults."""
    source = click.get_current_context().get_parameter_source
    default = click.core.ParameterSource.DEFAULT
    is_given = any(source(name) is not default for name in ("timeout", "memory"))
    return chosen_limits() if is_given else None


def read_case(case: str) -> Source:
    """Read a case file, or standard input for `-`.

    Raises:
        CaseError: It cannot be read.
    """
    return read(sys.stdin.buffer if case == STANDARD else case)


def expand_folders(cases: Iterable[str]) -> tuple[list[str], int]:
    """Replace each folder by the cases in it, and count its files that are not cases.

    Raises:
        CaseError: A folder contains no case.
    """
    from imrgen.case import case_files, no_cases  # no letter needs it

    expanded: list[str] = []
    others = 0
    for case in cases:
        if case == STANDARD or not Path(case).is_dir():
            expanded.append(case)
            continue
        files = case_files(Path(case))
        if not files.cases:
            raise CaseError([no_cases(case)])
        expanded += map(str, files.cases)
        others += files.left_out
    return expanded, others


def count_of(number: int, noun: str) -> str:
    """Return a number with its noun: `1 case`, `2 cases`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def describe_left_out(files: int) -> str:
    """Return the end of a summary that counts the files of the given folders that are not cases."""
    return f"; {count_of(files, 'other file')} left out" if files else ""


class Reporter:
    """Writes diagnostics as they come, or in one document at the end, depending on the format.

    Attributes:
        stream: The stream that is written to.
        show: Writes a text to it; a display on the same terminal replaces this.
    """

    def __init__(self, output_format: ReportFormat, stream: IO[str], show_values: bool) -> None:
        self._format = output_format
        self.stream = stream
        self.show: Callable[[str], object] = stream.write
        self._show_values = show_values
        self._is_document = output_format in ("json", "sarif")
        self._pending: list[Diagnostic] = []

    def write(
        self, diagnostics: Iterable[Diagnostic], source: Source | RawCase | None = None
    ) -> None:
        """Write diagnostics, or keep them for the document; `source` is the case they are about."""
        if self._show_values:
            from imrgen.diagnostics import reveal  # loads only when needed

            diagnostics = (
                reveal(d, self._text_of(d, source)) if d.span else d for d in diagnostics
            )
        self._pending += diagnostics
        if not self._is_document and self._pending:
            from imrgen.diagnostics import report  # loads only when needed

            self.show(report(self._pending, self._format, colours(self.stream)))
            self._pending.clear()

    def close(self) -> None:
        """Write the document, if the format is one."""
        if self._is_document:
            from imrgen.diagnostics import report  # loads only when needed

            self.show(report(self._pending, self._format))

    @staticmethod
    def _text_of(diagnostic: Diagnostic, source: Source | RawCase | None) -> str:
        assert diagnostic.span is not None
        if source is not None and diagnostic.span.file == source.name:
            return source.text
        path = Path(diagnostic.span.file)
        return readable_text(path.read_bytes()) if path.is_file() else ""
