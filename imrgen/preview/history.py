"""The files that letters were made of, as they stood before their last save: what `the last save` is compared with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from imrgen.diagnostics import Diagnostic, PreviewError, codes
from imrgen.pack import MANIFEST, Stamp
from imrgen.preview.worker import Job

_MOST = 8 * 2**20


class History:
    """Keeps two states of every file that the open letters are made of: now, and before the last save."""

    def __init__(self) -> None:
        self._now: dict[Path, bytes | None] = {}
        self._before: dict[Path, bytes | None] = {}

    def note(self, job: Job, stamps: dict[Path, Stamp | None]) -> None:
        """Note the files of a letter that was just made.

        Args:
            job: The letter.
            stamps: The files it was made of.
        """
        changed = {}
        # One that was deleted is no longer among those that a letter is made of.
        for path in {*self._own(job, stamps), *(path for path in self._now if _given(path, job))}:
            content = _content(path)
            if self._now.setdefault(path, content) != content:
                changed[path] = self._now[path]
                self._now[path] = content
        if changed:
            self._before = changed

    def job(self, job: Job, folder: Path) -> Job:
        """Give a letter's job as it was before the last save.

        Args:
            job: The letter as it is.
            folder: Where the earlier files are put.

        Raises:
            PreviewError: Nothing was saved since the letter was opened.
        """
        if not self._before:
            message = "nothing was saved since the preview was started; save a file, or compare with something else"
            raise PreviewError([Diagnostic(codes.NOTHING_TO_COMPARE, message)])
        changes: dict[str, Any] = {}
        case = self._before.get(job.case)
        if case is not None:
            changes["draft"] = case.decode("utf-8-sig", "replace")
        templates = []
        for number, root in enumerate(job.templates):
            target = folder / str(number) / root.resolve().name
            there = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
            for path in {*there, *(path for path in self._before if path.is_relative_to(root))}:
                content = self._before[path] if path in self._before else path.read_bytes()
                if content is not None:
                    kept = target / path.relative_to(root)
                    kept.parent.mkdir(parents=True, exist_ok=True)
                    kept.write_bytes(content)
            templates.append(target if target.exists() else root)
        return msgspec.structs.replace(job, templates=tuple(templates), **changes)

    @staticmethod
    def _own(job: Job, stamps: dict[Path, Stamp | None]) -> list[Path]:
        """Leave the files of installed packs alone, fonts above all: nobody saves them here."""
        given = [path for path in stamps if _given(path, job)]
        return [job.case, *given, *(folder / MANIFEST for folder in job.templates)]


def _given(path: Path, job: Job) -> bool:
    return any(path.is_relative_to(folder) for folder in job.templates)


def _content(path: Path) -> bytes | None:
    """Give a file's content; `None` for one that is not there, or is too large to be kept."""
    try:
        return path.read_bytes() if path.stat().st_size <= _MOST else None
    except OSError:
        return None
