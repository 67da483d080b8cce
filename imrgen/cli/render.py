"""`imrgen render`: cases in, letters out."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import click
import msgspec

from imrgen.case import Source
from imrgen.cli import EXIT_CODES
from imrgen.cli.options import (
    STANDARD,
    Teller,
    cases_argument,
    read_case,
    rendering_options,
    report_options,
)
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
from imrgen.pipeline import Letter, Options, Renderer


class Plan(msgspec.Struct, frozen=True):
    """Where a case's letter goes.

    Args:
        case: The case file, or `-`.
        outputs: Each format with its file; `None` stands for standard output.
    """

    case: str
    outputs: tuple[tuple[str, Path | None], ...]


@click.command(
    name="render",
    epilog="\b\nExamples:\n"
    "  imrgen render case.toml                       writes case.pdf\n"
    "  imrgen render case.toml -f text -o -          shows the letter in the terminal\n"
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
    help="May be repeated. Default: what the suffix of FILE says, else pdf.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE|DIR",
    type=click.Path(allow_dash=True),
    help="A file; or a folder (a name that ends in / or has no suffix), which is made if it is missing; or - for "
    "standard output. Default: the current folder; standard output where the case comes from standard input.",
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
    """Make the letters of cases, as text, HTML and PDF.

    CASE is a TOML or JSON case file, or - for standard input. A letter is written whole or not at
    all; a case that is at fault is named, and the others' letters are made all the same. A case in
    which a check finds an error is refused; warnings are told.
    """
    plans = _plan(cases, formats, output)
    renderer = Renderer(options)
    teller = Teller(output_format, sys.stderr, show_values)
    failed = 0
    for number, plan in enumerate(plans):
        if number == 1:
            gc.freeze()
            gc.enable()
        source: Source | None = None
        try:
            source = read_case(plan.case)
            teller.tell(_make(renderer, source, plan).warnings, source)
        except (CaseError, PackError, OutputError) as error:
            teller.tell(error.diagnostics, source)
            failed += 1
        except LibraryError as error:
            teller.tell(error.diagnostics)
            failed += 1
            break
    teller.end()
    if failed and len(plans) > 1 and output_format == "text":
        click.echo(f"{failed} of {len(plans)} letters could not be made", err=True)
    sys.exit(1 if failed else 0)


def _plan(cases: tuple[str, ...], formats: tuple[str, ...], output: str | None) -> list[Plan]:
    """Decide every file name before anything is made.

    Raises:
        click.UsageError: The options contradict each other, or two letters would share a name.
    """
    formats = tuple(dict.fromkeys(formats))
    letters = len(cases) * max(1, len(formats))
    if cases.count(STANDARD) > 1:
        raise click.UsageError("standard input holds one case, but - is given twice")
    if output == STANDARD or (output is None and cases == (STANDARD,)):
        return [_to_standard_output(cases, formats)]
    target = Path(output or ".")
    if (
        output is not None
        and target.suffix
        and not output.endswith(("/", os.sep))
        and not target.is_dir()
    ):
        if letters > 1:
            raise click.UsageError(
                f"{output} is one file, but {letters} letters are asked for; name a folder"
            )
        outputs: dict[str, tuple[tuple[str, Path | None], ...]] = {
            cases[0]: ((_format_of(target, formats), target),)
        }
    else:
        outputs = {
            case: tuple(
                (f, target / f"{_stem(case)}{FORMATS[f].suffix}") for f in formats or ("pdf",)
            )
            for case in cases
        }
    _refuse_clashes(cases, [path for each in outputs.values() for _, path in each if path])
    return [Plan(case, each) for case, each in outputs.items()]


def _to_standard_output(cases: tuple[str, ...], formats: tuple[str, ...]) -> Plan:
    if len(cases) > 1 or len(formats) > 1:
        raise click.UsageError(
            "standard output takes one letter in one format; name a folder with -o"
        )
    format_ = formats[0] if formats else "text"
    if format_ == "pdf" and sys.stdout.isatty():
        raise click.UsageError("a PDF cannot be shown in a terminal; name a file with -o")
    return Plan(cases[0], ((format_, None),))


def _format_of(path: Path, formats: tuple[str, ...]) -> str:
    named = format_of(path)
    said = named.name if named else None
    if formats and said and said != formats[0]:
        raise click.UsageError(f"{path} ends like {said}, but -f asks for {formats[0]}")
    if not formats and not said:
        raise click.UsageError(
            f"{path}: the suffix is none of {suffixes()}; say the format with -f"
        )
    found = formats[0] if formats else said
    assert found is not None
    return found


def _stem(case: str) -> str:
    return "letter" if case == STANDARD else Path(case).stem


def _refuse_clashes(cases: tuple[str, ...], outputs: list[Path]) -> None:
    """Refuse two letters of one name, also where a file system takes upper and lower case for the same."""
    seen: set[str] = set()
    inputs = {str(Path(case).resolve()).casefold() for case in cases if case != STANDARD}
    for path in outputs:
        name = str(path.resolve()).casefold()
        if name in seen:
            raise click.UsageError(
                f"two letters would be written to {path}; render them to different folders"
            )
        if name in inputs:
            raise click.UsageError(f"{path} is a case file, which the letter would replace")
        seen.add(name)


def _make(renderer: Renderer, source: Source, plan: Plan) -> Letter:
    letter = renderer.render(source)
    contents = [(path, letter.encoded(format_)) for format_, path in plan.outputs]
    for path, content in contents:
        if path is None:
            stream = sys.stdout.buffer
            stream.write(content)
            stream.flush()
        else:
            _folder(path.parent)
            write(path, content)
            click.echo(str(path))
    return letter


def _folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        message = f"the folder {path} cannot be made: {fault.strerror}"
        raise OutputError([Diagnostic(codes.FILE_NOT_WRITTEN, message)]) from None
