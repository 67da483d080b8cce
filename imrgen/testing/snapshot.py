"""The comparison of a letter with what was kept of it.

syrupy keeps the files: `TEST.txt`, `.html`, `.pages`, `.warnings` and a picture of each page, or
`TEST.refused` where the case is refused.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from syrupy.assertion import AssertionResult, SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from imrgen.diagnostics import ImrgenError
from imrgen.pipeline import Letter
from imrgen.testing.difference import describe_parts
from imrgen.testing.pictures import look_alike, save_difference
from imrgen.testing.record import describe, record


class _Text(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT
    file_extension = "txt"


class _HTML(_Text):
    file_extension = "html"


class _Pages(_Text):
    file_extension = "pages"


class _Warnings(_Text):
    file_extension = "warnings"


class _Refused(_Text):
    file_extension = "refused"


class _Picture(SingleFileSnapshotExtension):
    file_extension = "png"

    def matches(self, *, serialized_data: Any, snapshot_data: Any) -> bool:
        return look_alike(snapshot_data, serialized_data)


_PARTS = {"text": _Text, "html": _HTML, "pages": _Pages, "warnings": _Warnings}


class LetterSnapshot:
    """What a letter is compared with: `assert letter == letter_snapshot`.

    Args:
        snapshot: syrupy's snapshots of the test.
        folder: Where pictures of what differs are left.
        has_pictures: Whether the pages are kept as pictures, too.

    Attributes:
        differences: What differed in the last comparison, in words, a line each.
        letters: The letters that were compared.
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self, snapshot: SnapshotAssertion, folder: Path, *, has_pictures: bool = True
    ) -> None:
        kinds: tuple[type[SingleFileSnapshotExtension], ...]
        kinds = (*_PARTS.values(), _Refused, _Picture)
        self._snapshots = {kind: snapshot.use_extension(kind) for kind in kinds}
        self._folder = folder
        self._has_pictures = has_pictures
        self._count = 0
        self.differences: list[str] = []
        self.letters: list[Letter] = []

    def __repr__(self) -> str:
        return "<the letter's snapshot>"

    def __eq__(self, letter: object) -> bool:
        if isinstance(letter, ImrgenError):
            refused = self._compare(_Refused, describe(letter.diagnostics))
            was = refused.recalled_data
            self.differences = [] if refused.success else _refusal(was, refused.asserted_data)
            self._count += 1
            return refused.success
        if not isinstance(letter, Letter):
            return NotImplemented
        self.letters.append(letter)
        kept = record(letter, has_pictures=self._has_pictures)
        results = {name: self._compare(kind, getattr(kept, name)) for name, kind in _PARTS.items()}
        changed = {
            name: (str(result.recalled_data), str(result.asserted_data))
            for name, result in results.items()
            if not result.success and result.recalled_data is not None
        }
        is_new = all(result.recalled_data is None for result in results.values())
        told = describe_parts(changed, letter)
        self.differences = ["the letter differs from its snapshot", *told]
        is_same = all(result.success for result in results.values())
        for number, picture in enumerate(kept.pictures, start=1):
            is_same &= self._look(number, picture)
        self._count += 1
        if is_new and not is_same:
            self.differences = ["there is no snapshot of this letter"]
        self.differences.append("to accept the letter as it is now: pytest --snapshot-update")
        if is_same:
            self.differences = []
        return is_same

    def _compare(
        self, kind: type[SingleFileSnapshotExtension], data: str | bytes, part: str = ""
    ) -> AssertionResult:
        snapshot = self._snapshots[kind]
        number = f"{self._count + 1}-" if self._count and part else ""
        comparison = snapshot(name=f"{number}{part}") if part else snapshot
        comparison == data  # noqa: B015 - this is how syrupy compares; it keeps the result
        return snapshot.executions[snapshot.num_executions - 1]

    def _look(self, number: int, picture: bytes) -> bool:
        """Compare a page with its picture."""
        result = self._compare(_Picture, picture, f"page-{number}")
        if not result.success and isinstance(result.recalled_data, bytes):
            how = save_difference(result.recalled_data, picture, self._folder, f"page-{number}")
            folder = os.path.relpath(self._folder)
            self.differences += [
                f"page {number} looks different: {how}",
                f"  {folder}/page-{number}.difference.png, .before.png, .after.png",
            ]
        elif not result.success:
            self.differences.append(f"page {number} has no picture yet")
        return result.success


def _refusal(before: object, after: object) -> list[str]:
    told = [f"  {line}" for line in str(after).splitlines()]
    if before is None:
        return ["the case is refused, which is no snapshot of this test", *told]
    was = [f"  {line}" for line in str(before).splitlines()]
    return ["the case is refused for other reasons than before", *told, "before:", *was]
