"""Tests for each letter of each case."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Unpack

import msgspec
import pytest

from imrgen.case import case_files, read
from imrgen.diagnostics import CaseError
from imrgen.pipeline import Letter, OptionFields, Options, Renderer, options_of, renderers


class WantedLetter(msgspec.Struct, frozen=True):
    """A letter that a test asks for.

    Args:
        case: The case file.
        options: How the letter is made.
        letters: The letters of the pack that are asked for.
        letter: This letter's name.
        recipient: The number of its recipient; 0 for none.
    """

    case: Path
    options: Options
    letters: tuple[str, ...]
    letter: str
    recipient: int = 0

    def make(self) -> Letter | CaseError:
        """Make it, or return why its case is refused."""
        made = {each.options.letter: each for each in _renderers(self.options, self.letters)}
        try:
            each = _each(made[self.letter], self.case)
            return each[max(0, self.recipient - 1)].render(self.case)
        except CaseError as refusal:
            return refusal


def letters(
    cases: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    letters: Iterable[str] = ("all",),
    **options: Unpack[OptionFields],
) -> pytest.MarkDecorator:
    """Run a test for each letter of each case, which it gets as `letter`.

    Args:
        cases: Case files, and folders of them.
        letters: The names of the letters; `all` for every letter of the pack.
        **options: How they are made, as `imrgen.render` takes it: `pack="acme"`,
            `templates=["."]`.

    Raises:
        FileNotFoundError: A file or folder is not there, or there is no case.
        PackError: No such pack or letter, or one of the pack's files is at fault.

    Example::

        @letters("tests/cases", templates=["."])
        def test_letters(letter, letter_snapshot):
            assert letter == letter_snapshot
    """
    chosen = options_of(None, options)
    names = tuple(letters)
    wanted = [
        WantedLetter(path, chosen, names, renderer.options.letter, one.options.recipient)
        for path in _paths(cases)
        for renderer in _renderers(chosen, names)
        for one in _each(renderer, path)
    ]
    if not wanted:
        raise FileNotFoundError("there is no case in these folders")
    ids = [_id(each) for each in wanted]
    return pytest.mark.parametrize("letter", wanted, indirect=True, ids=ids)


def _paths(cases: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> Iterator[Path]:
    for given in [cases] if isinstance(cases, str | os.PathLike) else cases:
        path = Path(given)
        if path.is_dir():
            yield from case_files(path).cases
        elif path.exists():
            yield path
        else:
            raise FileNotFoundError(f"{path} does not exist")


def _id(wanted: WantedLetter) -> str:
    recipient = f"-{wanted.recipient}" if wanted.recipient else ""
    return f"{wanted.case.stem}-{wanted.letter}{recipient}"


@functools.cache
def _renderers(options: Options, letters: tuple[str, ...]) -> tuple[Renderer, ...]:
    return renderers(options, letters)


def _each(renderer: Renderer, case: Path) -> tuple[Renderer, ...]:
    """Return a renderer for each recipient, if the letter is made once for each."""
    return renderer.each(read(case)) if renderer.is_for_each_recipient else (renderer,)
