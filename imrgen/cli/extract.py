"""`imrgen extract`: write the case file that is attached to a letter."""

import os
from pathlib import Path

import click

from imrgen.cli.options import limited_command
from imrgen.cli.output import write_output
from imrgen.diagnostics import ReadError, codes
from imrgen.verification import case_file


@click.command(
    name="extract",
    epilog="\b\nExamples:\n"
    "  imrgen extract letters/case.pdf              to the case file's name in the current folder\n"
    "  imrgen extract letters/case.pdf -o -         to the terminal",
)
@limited_command
@click.argument("letter", metavar="LETTER.pdf", type=click.Path(path_type=Path, dir_okay=False))
@click.option("-o", "--output", metavar="FILE", help="The file to write, or - for standard output.")
def command(letter: Path, output: str | None) -> None:
    """Write the case file that is attached to a letter (`--embed-case`), byte for byte."""
    try:
        attached = case_file(letter.read_bytes())
    except OSError as error:
        raise ReadError.of(
            codes.LETTER_UNREADABLE, f"{letter} cannot be read: {error.strerror}"
        ) from None
    if attached is None:
        raise ReadError.of(
            codes.NO_CASE_ATTACHED,
            f"{letter} has no case file attached",
            "only letters rendered with --embed-case have one",
        )
    name, content = attached
    if output is None and os.path.lexists(name):
        raise click.UsageError(f"{name} exists; name another file with -o")
    write_output(output or name, content)
