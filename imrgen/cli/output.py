"""What a command writes to a file that its user has named, or to standard output."""

import sys
from pathlib import Path

import click

from imrgen.export import write_to

STANDARD = "-"
"""Standard input or output in place of a file."""

_NAMES = frozenset({STANDARD, "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"})


def is_standard_output(name: str | Path) -> bool:
    """Return whether a name that a user gave for a file means standard output."""
    return str(name) in _NAMES


def write_output(target: str | Path, content: bytes) -> None:
    """Write to what a user has named, and print its name; `-` is standard output.

    Raises:
        OutputError: It cannot be written.
    """
    if is_standard_output(target):
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    write_to(Path(target), content)
    click.echo(str(target))
