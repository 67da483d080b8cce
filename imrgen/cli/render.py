"""`imrgen render`: render the letters of cases."""

import gc
import os
import sys
from pathlib import Path

import click
import msgspec

from imrgen.case import Source
from imrgen.cli import EXIT_CODES
from imrgen.cli.options import (
    Reporter,
    cases_argument,
    read_case,
    rendering_options,
    report_options,
)
from imrgen.cli.output import STANDARD, is_standard_output, write_output
from imrgen.diagnostics import (
    CaseError,
    LibraryError,
    OutputError,
    PackError,
    ReportFormat,
    codes,
)
from imrgen.export import FORMATS, format_of, suffixes, write
from imrgen.pipeline import Letter, Options, Renderer


class Plan(msgspec.Struct, frozen=True):
    """The outputs of a case.

    Args:
        case: The case file, or `-`.
        outputs: Each format with its file; `None` for standard output.
        is_named: Whether the user has named the file, and not only its folder.
    """

    case: str
    outputs: tuple[tuple[str, Path | None], ...]
    is_named: bool = False


@click.command(
    name="render",
    epilog="\b\nExamples:\n"
    "  imrgen render case.toml                       writes case.pdf\n"
    "  imrgen render case.toml -f text -o -          prints the letter in the terminal\n"
    "  imrgen render case.toml -f html -f pdf -o out/\n"
    "  imrgen render cases/*.toml -o letters/        a PDF for each\n"
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
@rendering_options
@report_options
def command(
    cases: tuple[str, ...],
    formats: tuple[str, ...],
    output: str | None,
    options: Options,
    output_format: ReportFormat,
    show_values: bool,
) -> None:
    """Render the letters of cases, as text, HTML and PDF.

    CASE is a TOML or JSON case file, or - for standard input. A letter is written completely or not
    at all; the problems of a case are reported, and the other letters are rendered all the same. A
    case in which a check finds an error is refused; warnings are reported only.
    """
    plans = _plan(cases, formats, output, options)
    renderer = Renderer(options)
    reporter = Reporter(output_format, sys.stderr, show_values)
    failed = 0
    for number, plan in enumerate(plans):
        if number == 1:
            gc.freeze()
            gc.enable()
        source: Source | None = None
        try:
            source = read_case(plan.case)
            reporter.write(_render(renderer, source, plan).warnings, source)
        except (CaseError, PackError, OutputError) as error:
            reporter.write(error.diagnostics, source)
            failed += 1
        except LibraryError as error:
            reporter.write(error.diagnostics)
            failed += 1
            break
    reporter.close()
    if failed and len(plans) > 1 and output_format == "text":
        click.echo(f"{failed} of {len(plans)} letters could not be rendered", err=True)
    sys.exit(1 if failed else 0)


def _plan(
    cases: tuple[str, ...], formats: tuple[str, ...], output: str | None, options: Options
) -> list[Plan]:
    """Return the outputs of every case, before anything is rendered.

    Raises:
        click.UsageError: The options contradict each other, or two letters have the same file name.
    """
    formats = tuple(dict.fromkeys(formats))
    letters = len(cases) * max(1, len(formats))
    if cases.count(STANDARD) > 1:
        raise click.UsageError("standard input is one case, but - is given twice")
    if is_standard_output(output) if output else cases == (STANDARD,):
        return [_to_standard_output(cases, formats)]
    target = Path(output or ".")
    is_file = (
        output is not None
        and (target.suffix or target.exists())
        and not output.endswith(("/", os.sep))
        and not target.is_dir()
    )
    if is_file and letters > 1:
        raise click.UsageError(f"{output} is one file for {letters} letters; name a folder")
    if is_file:
        plans = [Plan(cases[0], ((_format_of(target, formats), target),), is_named=True)]
    else:
        plans = [
            Plan(case, _files(case, target, formats, options)) for case in dict.fromkeys(cases)
        ]
    _refuse_clashes(cases, [path for plan in plans for _, path in plan.outputs if path])
    return plans


def _files(
    case: str, folder: Path, formats: tuple[str, ...], options: Options
) -> tuple[tuple[str, Path], ...]:
    stem = "letter" if case == STANDARD else Path(case).stem
    return tuple(
        (name, folder / options.file_name(stem, FORMATS[name].suffix))
        for name in formats or ("pdf",)
    )


def _to_standard_output(cases: tuple[str, ...], formats: tuple[str, ...]) -> Plan:
    if len(cases) > 1 or len(formats) > 1:
        raise click.UsageError(
            "standard output is for one letter in one format; name a folder with -o"
        )
    format_ = formats[0] if formats else "text"
    if format_ == "pdf" and sys.stdout.isatty():
        raise click.UsageError("a PDF cannot be shown in a terminal; name a file with -o")
    return Plan(cases[0], ((format_, None),))


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


def _render(renderer: Renderer, source: Source, plan: Plan) -> Letter:
    letter = renderer.render(source)
    contents = [(path, letter.encoded(format_)) for format_, path in plan.outputs]
    for path, content in contents:
        if path is None:
            write_output(STANDARD, content)
            continue
        _create_folder(path.parent)
        if plan.is_named:
            write_output(path, content)
        else:
            write(path, content)
            click.echo(str(path))
    return letter


def _create_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"the folder {path} cannot be created: {error.strerror}"
        raise OutputError.of(codes.FILE_NOT_WRITTEN, message) from None
