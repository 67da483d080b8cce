"""`imrgen render`: render the letters of cases."""

import gc
import os
import sys
from pathlib import Path

import click
import msgspec

from imrgen.cli import EXIT_CODES
from imrgen.cli.options import (
    Reporter,
    are_several,
    cases_argument,
    letters_options,
    read_case,
    report_options,
)
from imrgen.cli.output import STANDARD, is_standard_output, write_output
from imrgen.diagnostics import (
    CaseError,
    Diagnostic,
    LibraryError,
    OutputError,
    PackError,
    ReportFormat,
    codes,
)
from imrgen.export import FORMATS, format_of, suffixes, write
from imrgen.pipeline import Letter, Options, Renderer, renderers

Outputs = tuple[tuple[str, Path | None], ...]
"""Each format of a letter with its file; `None` for standard output."""


class Plan(msgspec.Struct, frozen=True):
    """The outputs of a case.

    Args:
        case: The case file, or `-`.
        letters: The renderer of each letter, with its outputs.
        is_named: Whether the user has named the file, and not only its folder.
    """

    case: str
    letters: tuple[tuple[Renderer, Outputs], ...]
    is_named: bool = False


@click.command(
    name="render",
    epilog="\b\nExamples:\n"
    "  imrgen render case.toml                       writes case.pdf\n"
    "  imrgen render case.toml -f text -o -          prints the letter in the terminal\n"
    "  imrgen render case.toml -f html -f pdf -o out/\n"
    "  imrgen render cases/*.toml -o letters/        a PDF for each\n"
    "  imrgen render case.toml --letter all          case-cover.pdf, case-determination.pdf …\n"
    "  imrgen render case.toml --templates my-pack/  with a pack of your own\n"
    "  curl … | imrgen render - -f text              reads the case from standard input\n\n"
    + EXIT_CODES,
)
@cases_argument
@click.option(
    "-f",
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(FORMATS),
    help="May be repeated. Default: according to the suffix of FILE, or else pdf.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE|DIR",
    type=click.Path(allow_dash=True),
    help="A file; or a folder (a name that ends in / or has no suffix), created if needed; or - "
    "for standard output. Default: the current folder; standard output if the case comes from "
    "standard input.",
)
@letters_options
@report_options
def command(
    cases: tuple[str, ...],
    formats: tuple[str, ...],
    output: str | None,
    options: Options,
    letters: tuple[str, ...],
    output_format: ReportFormat,
    show_values: bool,
) -> None:
    """Render the letters of cases, as text, HTML and PDF.

    CASE is a TOML or JSON case file, or - for standard input. A letter is written completely or not
    at all; the problems of a case are reported, and the other letters are rendered all the same. A
    case in which a check finds an error is refused; warnings are reported only. If several letters
    are asked for, the names of their files contain the names of the letters.
    """
    chosen = renderers(options, letters)
    plans = _plan(cases, formats, output, chosen, is_named=are_several(letters))
    reporter = Reporter(output_format, sys.stderr, show_values)
    failed = 0
    try:
        for number, plan in enumerate(plans):
            if number == 1:
                gc.freeze()
                gc.enable()
            failed += _render(plan, reporter)
    except LibraryError as error:
        reporter.write(error.diagnostics)
        failed += 1
    reporter.close()
    total = len(plans) * len(chosen)
    if failed and total > 1 and output_format == "text":
        click.echo(f"{failed} of {total} letters could not be rendered", err=True)
    sys.exit(1 if failed else 0)


def _plan(
    cases: tuple[str, ...],
    formats: tuple[str, ...],
    output: str | None,
    renderers: tuple[Renderer, ...],
    is_named: bool,
) -> list[Plan]:
    """Return the outputs of every case, before anything is rendered.

    Args:
        cases: The cases.
        formats: The formats that were asked for.
        output: The file or folder that was asked for.
        renderers: The renderer of each letter.
        is_named: Whether names of files contain the letter's name.

    Raises:
        click.UsageError: The options contradict each other, or two letters have the same file name.
    """
    formats = tuple(dict.fromkeys(formats))
    letters = len(cases) * len(renderers)
    if cases.count(STANDARD) > 1:
        raise click.UsageError("standard input is one case, but - is given twice")
    if is_standard_output(output) if output else cases == (STANDARD,):
        return [Plan(cases[0], ((renderers[0], _to_standard_output(letters, formats)),))]
    target = Path(output or ".")
    is_file = (
        output is not None
        and (target.suffix or target.exists())
        and not output.endswith(("/", os.sep))
        and not target.is_dir()
    )
    if is_file:
        files = letters * max(1, len(formats))
        if files > 1:
            raise click.UsageError(f"{output} is one file for {files} letters; name a folder")
        outputs = ((_format_of(target, formats), target),)
        plans = [Plan(cases[0], ((renderers[0], outputs),), is_named=True)]
    else:
        plans = [
            Plan(
                case,
                tuple(
                    (each, _files(case, target, formats, each.options, is_named))
                    for each in renderers
                ),
            )
            for case in dict.fromkeys(cases)
        ]
    _refuse_clashes(
        cases,
        [
            path
            for plan in plans
            for _, outputs in plan.letters
            for _, path in outputs
            if path is not None
        ],
    )
    return plans


def _files(
    case: str, folder: Path, formats: tuple[str, ...], options: Options, is_named: bool
) -> Outputs:
    stem = "letter" if case == STANDARD else Path(case).stem
    if is_named:
        stem = f"{stem}-{options.letter}"
    return tuple(
        (name, folder / options.file_name(stem, FORMATS[name].suffix))
        for name in formats or ("pdf",)
    )


def _to_standard_output(letters: int, formats: tuple[str, ...]) -> Outputs:
    if letters > 1 or len(formats) > 1:
        raise click.UsageError(
            "standard output is for one letter in one format; name a folder with -o"
        )
    format_ = formats[0] if formats else "text"
    if format_ == "pdf" and sys.stdout.isatty():
        raise click.UsageError("a PDF cannot be shown in a terminal; name a file with -o")
    return ((format_, None),)


def _format_of(path: Path, formats: tuple[str, ...]) -> str:
    by_suffix = format_of(path)
    if by_suffix and formats and by_suffix.name != formats[0]:
        raise click.UsageError(f"{path} ends like {by_suffix.name}, but -f is {formats[0]}")
    if by_suffix is None and not formats:
        raise click.UsageError(
            f"{path}: the suffix is none of {suffixes()}; choose the format with -f"
        )
    return by_suffix.name if by_suffix else formats[0]


def _refuse_clashes(cases: tuple[str, ...], outputs: list[Path]) -> None:
    """Refuse letters with the same file name, upper and lower case being the same."""
    seen: set[str] = set()
    inputs = {os.path.realpath(case).casefold() for case in cases if case != STANDARD}
    for path in outputs:
        name = os.path.realpath(path).casefold()
        if name in seen:
            raise click.UsageError(
                f"two letters would be written to {path}; render them to different folders"
            )
        if name in inputs:
            raise click.UsageError(f"{path} is a case file, which the letter would overwrite")
        seen.add(name)


def _render(plan: Plan, reporter: Reporter) -> int:
    """Render the letters of a case, and return how many could not be.

    Raises:
        LibraryError: A library is missing, without which no letter can be made.
    """
    try:
        source = read_case(plan.case)
    except CaseError as error:
        reporter.write(error.diagnostics)
        return len(plan.letters)
    failed = 0
    # What is said of the case is the same for each of its letters.
    said: dict[Diagnostic, None] = {}
    for renderer, outputs in plan.letters:
        try:
            letter = renderer.render(source)
            _write(letter, outputs, plan.is_named)
            diagnostics = letter.warnings
        except (CaseError, PackError, OutputError) as error:
            diagnostics = error.diagnostics
            failed += 1
        reporter.write([each for each in diagnostics if each not in said], source)
        said |= dict.fromkeys(diagnostics)
    return failed


def _write(letter: Letter, outputs: Outputs, is_named: bool) -> None:
    contents = [(path, letter.encoded(format_)) for format_, path in outputs]
    for path, content in contents:
        if path is None:
            write_output(STANDARD, content)
            continue
        _create_folder(path.parent)
        if is_named:
            write_output(path, content)
        else:
            write(path, content)
            click.echo(str(path))


def _create_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"the folder {path} cannot be created: {error.strerror}"
        raise OutputError.of(codes.FILE_NOT_WRITTEN, message) from None
