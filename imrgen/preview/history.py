"""The files that letters were made of, as they stood before their last save: what `the last save` is compared with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from imrgen.diagnostics import Diagnostic
from imrgen.errors import CaseError
from imrgen.manifest import MANIFEST
from imrgen.preview.rendering import Job
from imrgen.stamps import Stamp

_MOST = 8 * 2**20


class History:
    """Keeps two states of every file that the open letters are made of: now, and before the last save."""

    def __init__(self) -> None:
        self._now: dict[Path, bytes] = {}
        self._before: dict[Path, bytes] = {}

    def note(self, job: Job, stamps: dict[Path, Stamp | None]) -> None:
        """Note the files of a letter that was just made.

        Args:
            job: The letter.
            stamps: The files it was made of.
        """
        changed = {}
        for path in self._own(job, stamps):
            try:
                content = path.read_bytes()
            except OSError:
                continue
            if len(content) <= _MOST and self._now.get(path) != content:
                if path in self._now:
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
            CaseError: Nothing was saved since the letter was opened.
        """
        if not self._before:
            message = "nothing was saved since the preview was started; save a file, or compare with something else"
            raise CaseError([Diagnostic("IMR606", message)])
        changes: dict[str, Any] = {}
        if job.case in self._before:
            changes["draft"] = self._before[job.case].decode("utf-8-sig", "replace")
        templates = []
        for number, root in enumerate(job.templates):
            target = folder / str(number) / root.resolve().name
            for path in root.rglob("*") if root.is_dir() else ():
                if path.is_file() and not path.is_symlink():
                    kept = target / path.relative_to(root)
                    kept.parent.mkdir(parents=True, exist_ok=True)
                    kept.write_bytes(self._before[path] if path in self._before else path.read_bytes())
            templates.append(target if target.exists() else root)
        return msgspec.structs.replace(job, templates=tuple(templates), **changes)

    @staticmethod
    def _own(job: Job, stamps: dict[Path, Stamp | None]) -> list[Path]:
        """Leave the files of installed packs alone, fonts above all: nobody saves them here."""
        given = [path for path, found in stamps.items() if found and any(path.is_relative_to(f) for f in job.templates)]
        manifests = [folder / MANIFEST for folder in job.templates if (folder / MANIFEST).is_file()]
        return list(dict.fromkeys([job.case, *given, *manifests]))
