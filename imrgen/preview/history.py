"""The files of letters as they were before their last save, to compare a letter with."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import msgspec

from imrgen.diagnostics import Diagnostic, PackError, PreviewError, codes
from imrgen.pack import Sources, stamp, walk
from imrgen.preview.worker import Job

_MOST = 8 * 2**20


class History:
    """Two states of every file of the open letters: now, and before the last save."""

    def __init__(self) -> None:
        self._stamps: Sources = {}
        self._now: dict[Path, bytes | None] = {}
        self._before: dict[Path, bytes | None] = {}

    def note(self, job: Job) -> None:
        """Record the files of a letter that was just made: its case and the given folders.

        Files of built-in and installed packs are left out: nobody edits them here.
        """
        changed: dict[Path, bytes | None] = {}
        first = not self._now
        given = {path for folder in job.templates for path in _files(folder)}
        # One that was deleted is no longer in its folder.
        for path in {job.case, *given, *(path for path in self._now if _given(path, job))}:
            current = stamp(path)
            if path in self._stamps and self._stamps[path] == current:
                continue
            self._stamps[path] = current
            content = _content(path)
            # A case is noted when it is opened; a template that was not there before is new.
            before = self._now.get(path, content if first or path == job.case else None)
            self._now[path] = content
            if before != content:
                changed[path] = before
        if changed:
            self._before = changed

    def job(self, job: Job, folder: Path) -> Job:
        """Return a letter's job as it was before the last save.

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
            for path in {
                *_files(root),
                *(path for path in self._before if path.is_relative_to(root)),
            }:
                content = self._before[path] if path in self._before else path.read_bytes()
                if content is not None:
                    kept = target / path.relative_to(root)
                    kept.parent.mkdir(parents=True, exist_ok=True)
                    kept.write_bytes(content)
            templates.append(target if target.exists() else root)
        return msgspec.structs.replace(job, templates=tuple(templates), **changes)


def _files(folder: Path) -> set[Path]:
    """List the files of packs in a folder, as far as it can be walked."""
    found: set[Path] = set()
    with contextlib.suppress(PackError):
        found.update(path for _, path in walk(folder))
    return found


def _given(path: Path, job: Job) -> bool:
    return any(path.is_relative_to(folder) for folder in job.templates)


def _content(path: Path) -> bytes | None:
    """Read a file; return `None` for one that does not exist or is too large to keep."""
    try:
        return path.read_bytes() if path.stat().st_size <= _MOST else None
    except OSError:
        return None
