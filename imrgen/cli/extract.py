"""`imrgen extract`: the case file that a letter brings along."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from imrgen.cli.options import STANDARD
from imrgen.diagnostics import Diagnostic, ReadError, codes
from imrgen.export import write
from imrgen.verification import case_file


@click.command(
    name="extract",
    epilog="\b\nExamples:\n"
    "  imrgen extract letters/case.pdf              to case.toml or case.json in the current folder\n"
    "  imrgen extract letters/case.pdf -o -         to the terminal",
)
@click.argument("letter", metavar="LETTER.pdf", type=click.Path(path_type=Path, dir_okay=False))
@click.option("-o", "--output", metavar="FILE", help="The file to write, or - for standard output.")
def command(letter: Path, output: str | None) -> None:
    """Give back, byte for byte, the case file that a letter was made with (`--embed-case`)."""
    try:
        found = case_file(letter.read_bytes())
    except OSError as fault:
        raise ReadError(
            [Diagnostic(codes.LETTER_UNREADABLE, f"{letter} cannot be read: {fault.strerror}")]
        ) from None
    if found is None:
        hint = "it is one only where the letter was made with --embed-case"
        raise ReadError(
            [
                Diagnostic(
                    codes.NO_CASE_ATTACHED, f"{letter} brings no case file along", hints=(hint,)
                )
            ]
        )
    name, content = found
    if output == STANDARD:
        sys.stdout.buffer.write(content)
        return
    target = Path(output or name)
    if target.exists() and output is None:
        raise click.UsageError(f"{target} exists; name another file with -o")
    write(target, content)
    click.echo(str(target))
