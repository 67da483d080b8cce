"""The snapshots of a pack's tests, written once all changes of a letter are accepted."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from imrgen.cli.options import count_of
from imrgen.diagnostics import LibraryError, codes

_PARAMETERS = re.compile(r"\[(.*)\]\Z")
_RECIPIENT = re.compile(r"-\d+\Z")


def update_snapshots(
    tests: Path, letters: Mapping[str, Sequence[tuple[str, str]]], accepted: frozenset[str]
) -> bool:
    """Write the snapshots of the letters of which all changes are accepted.

    Args:
        tests: The folder of the tests, whose code is run.
        letters: By case file, each of its letters that changed, with a change.
        accepted: The changes that are accepted.

    Returns:
        Whether they could be written.

    Raises:
        LibraryError: pytest or syrupy is not installed.
    """
    missing = [name for name in ("pytest", "syrupy") if importlib.util.find_spec(name) is None]
    if missing:
        raise LibraryError.of(
            codes.EXTRA_MISSING,
            f"the tests need packages that are not installed: {', '.join(missing)}",
            'install them with `pip install "imrgen[testing]"`',
        )
    names = set(_accepted_letters(tests, letters, accepted))
    listed = _pytest("--collect-only", "-q", str(tests)).stdout if names else ""
    chosen = [line for line in listed.splitlines() if _letter_of(line) in names]
    if not chosen:
        click.echo("no snapshots were written", err=True)
        return True
    made = _pytest("-q", "--snapshot-update", *chosen)
    if made.returncode:
        click.echo(made.stdout, err=True)
    done = "not all written" if made.returncode else "written"
    click.echo(f"the snapshots of {count_of(len(chosen), 'letter')} were {done}", err=True)
    return not made.returncode


def _accepted_letters(
    tests: Path, letters: Mapping[str, Sequence[tuple[str, str]]], accepted: frozenset[str]
) -> Iterator[str]:
    """Yield the letters of the tests' own cases as the tests' names have them."""
    folder = tests.resolve()
    for case, changes in letters.items():
        # The tests may have other cases of the same name.
        if not Path(case).resolve().is_relative_to(folder):
            continue
        for letter in dict.fromkeys(letter for letter, _ in changes):
            if all(change in accepted for name, change in changes if name == letter):
                yield f"{Path(case).stem}-{letter}"


def _letter_of(test: str) -> str:
    """Return the letter of a test, as `letters` names it, without its recipient."""
    found = _PARAMETERS.search(test)
    return _RECIPIENT.sub("", found[1]) if found else ""


def _pytest(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - no shell
        [sys.executable, "-m", "pytest", f"--rootdir={Path.cwd()}", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
