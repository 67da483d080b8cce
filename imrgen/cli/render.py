"""`imrgen render`: render the letters of cases."""

import gc
import os
import sys
import unicodedata
from pathlib import Path

import click
import msgspec

from imrgen.cli import EXIT_CODES
from imrgen.cli.options import (
    Reporter,
    are_several,
    cases_argument,
    letters_options,
    limited_command,
    read_case,
    report_options,
)
from imrgen.cli.output import STANDARD, is_standard_output, write_output
from imrgen.diagnostics import (
    CaseError,
    Diagnostic,
    LibraryError,
    LimitError,
    OutputError,
    PackError,
    ReportFormat,
    codes,
)
from imrgen.export import FORMATS, format_of, suffixes, write
from imrgen.pipeline import Letter, Options, Renderer, renderers
from imrgen.workers import restart_clock

_ONE_RECIPIENT = ", or choose one recipient with --recipient"

Outputs = tuple[tuple[str, Path | None], ...]
"""Each format of a letter with its file; `None` for standard output."""


class Target(msgspec.Struct, frozen=True):
    """Where the letters are written.

    Args:
        formats: The formats of each letter.
        folder: The folder.
        file: The file of the one letter, in place of the folder; `-` for standard output.
        is_named: Whether the names of files in the folder contain the letter's.
    """

    formats: tuple[str, ...]
    folder: Path = Path()
    file: str | None = None
    is_named: bool = False

    def outputs(self, case: str, options: Options) -> Outputs:
        """Return where a letter of a case is written."""
        if self.file is not None:
            path = None if self.file == STANDARD else Path(self.file)
            return tuple((format_, path) for format_ in self.formats)
        stem = "letter" if case == STANDARD else Path(case).stem
        if self.is_named or options.recipient:
            stem = f"{stem}-{options.label}"
        return tuple(
            (format_, self.folder / options.file_name(stem, FORMATS[format_].suffix))
            for format_ in self.formats
        )


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
@limited_command
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
    target = _target(cases, formats, output, chosen, is_named=are_several(letters))
    cases = tuple(dict.fromkeys(cases))
    _refuse_clashes(cases, [path for case in cases for path in _files(case, chosen, target)])
    run = _Run(chosen, target, Reporter(output_format, sys.stderr, show_values))
    for number, case in enumerate(cases):
        if number == 1:
            gc.freeze()
            gc.enable()
        if not run.render(case):
            break
    run.reporter.close()
    if run.failed and run.letters > 1 and output_format == "text":
        click.echo(f"{run.failed} of {run.letters} letters could not be rendered", err=True)
    sys.exit(1 if run.failed else 0)


def _target(
    cases: tuple[str, ...],
    formats: tuple[str, ...],
    output: str | None,
    renderers: tuple[Renderer, ...],
    is_named: bool,
) -> Target:
    """Return where the letters are written.

    Args:
        cases: The cases.
        formats: The formats that were asked for.
        output: The file or folder that was asked for.
        renderers: The renderer of each letter.
        is_named: Whether names of files contain the letter's name.

    Raises:
        click.UsageError: The options contradict each other.
    """
    formats = tuple(dict.fromkeys(formats))
    letters = len(cases) * len(renderers)
    is_for_each = any(each.is_for_each_recipient for each in renderers)
    if cases.count(STANDARD) > 1:
        raise click.UsageError("standard input is one case, but - is given twice")
    if is_standard_output(output) if output else cases == (STANDARD,):
        if letters > 1 or len(formats) > 1 or is_for_each:
            raise click.UsageError(
                "standard output is for one letter in one format; name a folder with -o"
                f"{_ONE_RECIPIENT if is_for_each else ''}"
            )
        return Target((_format_of_stream(formats),), file=STANDARD)
    folder = Path(output or ".")
    is_file = (
        output is not None
        and (folder.suffix or folder.exists())
        and not output.endswith(("/", os.sep))
        and not folder.is_dir()
    )
    if not is_file:
        return Target(formats or ("pdf",), folder, is_named=is_named)
    files = letters * max(1, len(formats))
    if files > 1:
        raise click.UsageError(f"{output} is one file for {files} letters; name a folder")
    if is_for_each:
        raise click.UsageError(
            f"{output} is one file for a letter to each recipient; name a folder{_ONE_RECIPIENT}"
        )
    return Target((_format_of(folder, formats),), file=output)


def _files(case: str, renderers: tuple[Renderer, ...], target: Target) -> list[Path]:
    """Return the files of a case, as far as its recipients make no difference."""
    outputs = (target.outputs(case, renderer.options) for renderer in renderers)
    return [path for each in outputs for _, path in each if path is not None]


def _format_of_stream(formats: tuple[str, ...]) -> str:
    format_ = formats[0] if formats else "text"
    if format_ == "pdf" and sys.stdout.isatty():
        raise click.UsageError("a PDF cannot be shown in a terminal; name a file with -o")
    return format_


def _format_of(path: Path, formats: tuple[str, ...]) -> str:
    by_suffix = format_of(path)
    if by_suffix and formats and by_suffix.name != formats[0]:
        raise click.UsageError(f"{path} ends like {by_suffix.name}, but -f is {formats[0]}")
    if by_suffix is None and not formats:
        raise click.UsageError(
            f"{path}: the suffix is none of {suffixes()}; choose the format with -f"
        )
    # What is there already may have any name if it is a pipe, a device or a temporary file.
    is_made_for_it = path.exists() and not (path.is_file() and path.stat().st_size)
    if by_suffix is None and path.suffix and not is_made_for_it:
        stem = path.stem if path.suffix[1:].isalpha() else path.name
        name = stem + FORMATS[formats[0]].suffix
        raise click.UsageError(
            f"{path} does not end like a letter; name a file {name}, or a folder {path.name}/"
        )
    return by_suffix.name if by_suffix else formats[0]


def _refuse_clashes(cases: tuple[str, ...], outputs: list[Path]) -> None:
    """Refuse letters with the same file name, upper and lower case being the same."""
    seen: set[str] = set()
    inputs = {_canonical(Path(case)) for case in cases if case != STANDARD}
    for path in outputs:
        name = _canonical(path)
        if name in seen:
            raise click.UsageError(
                f"two letters would be written to {path}; render them to different folders"
            )
        if name in inputs:
            raise click.UsageError(f"{path} is a case file, which the letter would overwrite")
        seen.add(name)


class _Run:
    """A run of the command.

    Args:
        renderers: The renderer of each letter.
        target: Where the letters are written.
        reporter: Where what is wrong with them is written.

    Attributes:
        letters: How many letters were asked for.
        failed: How many could not be rendered.
    """

    def __init__(self, renderers: tuple[Renderer, ...], target: Target, reporter: Reporter) -> None:
        self._renderers = renderers
        self._target = target
        self._written: set[str] = set()
        self.reporter = reporter
        self.letters = 0
        self.failed = 0

    def render(self, case: str) -> bool:
        """Render the letters of a case, and return whether the next case can be rendered."""
        try:
            source = read_case(case)
        except CaseError as error:
            self.reporter.write(error.diagnostics)
            self.letters += len(self._renderers)
            self.failed += len(self._renderers)
            return True
        # What is said of the case is the same for each of its letters.
        said: dict[Diagnostic, None] = {}
        for renderer in self._renderers:
            for one in renderer.each(source):
                restart_clock()
                self.letters += 1
                is_library_missing = False
                try:
                    letter = one.render(source)
                    self._write(letter, self._target.outputs(case, one.options))
                    diagnostics = letter.warnings
                except (CaseError, PackError, OutputError, LibraryError, LimitError) as error:
                    restart_clock()
                    diagnostics = error.diagnostics
                    self.failed += 1
                    is_library_missing = isinstance(error, LibraryError)
                self.reporter.write([each for each in diagnostics if each not in said], source)
                if is_library_missing:
                    return False
                said |= dict.fromkeys(diagnostics)
        return True

    def _write(self, letter: Letter, outputs: Outputs) -> None:
        contents = [(path, letter.encoded(format_)) for format_, path in outputs]
        names = [_canonical(path) for path, _ in contents if path is not None]
        if not self._written.isdisjoint(names):
            raise OutputError.of(
                codes.NAME_CLASH,
                f"{contents[0][0]} holds another letter of this run",
                "render them to different folders",
            )
        self._written.update(names)
        for path, content in contents:
            if path is None:
                write_output(STANDARD, content)
                continue
            _create_folder(path.parent)
            if self._target.file is not None:
                write_output(path, content)
            else:
                write(path, content)
                click.echo(str(path))


def _canonical(path: Path) -> str:
    """Return a form of a file's name that is the same for any case of its letters.

    It is the same for letters with accents, too, whole or in parts, of which macOS makes one name.
    """
    return unicodedata.normalize("NFC", os.path.realpath(path).casefold())


def _create_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"the folder {path} cannot be created: {error.strerror}"
        raise OutputError.of(codes.FILE_NOT_WRITTEN, message) from None
