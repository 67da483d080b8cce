"""The files of letters as they were before their last save, to compare a letter with."""

import contextlib
from pathlib import Path

import msgspec

from imrgen.case import decode_text
from imrgen.diagnostics import CaseError, PackError, PreviewError, codes
from imrgen.pack import Sources, stamp, walk
from imrgen.preview.tasks import LetterRequest

_MAX_BYTES = 8 * 2**20


class History:
    """The contents of the open letters' files, now and before the last save."""

    def __init__(self) -> None:
        self._stamps: Sources = {}
        self._now: dict[Path, bytes | None] = {}
        self._before: dict[Path, bytes | None] = {}

    def record(self, request: LetterRequest) -> None:
        """Record the files of a letter that has just been made: its case and its templates.

        Files of built-in and installed packs are left out: nobody edits them here.
        """
        changed: dict[Path, bytes | None] = {}
        is_first = not self._now
        current = {path for folder in request.templates for path in _pack_files(folder)}
        # A file that was deleted is no longer in its folder.
        known = {path for path in self._now if _is_template(path, request)}
        for path in {request.case, *current, *known}:
            state = stamp(path)
            if path in self._stamps and self._stamps[path] == state:
                continue
            self._stamps[path] = state
            content = _read(path)
            # A case is recorded when it is opened; a template that is not known yet is new.
            default = content if is_first or path == request.case else None
            before = self._now.get(path, default)
            self._now[path] = content
            if before != content:
                changed[path] = before
        if changed:
            self._before = changed

    def before_last_save(self, request: LetterRequest, folder: Path) -> LetterRequest:
        """Return the request for a letter as it was before the last save.

        Args:
            request: The letter as it is.
            folder: The folder in which the earlier files are written.

        Raises:
            CaseError: The case file was not UTF-8 then.
            PreviewError: Nothing has been saved since the preview was started.
        """
        if not self._before:
            raise PreviewError.of(
                codes.NOTHING_TO_COMPARE,
                "nothing was saved since the preview was started; save a file, or compare with "
                "something else",
            )
        case = self._before.get(request.case)
        draft = request.draft
        if case is not None:
            draft = decode_text(case, str(request.case), CaseError)
        templates = tuple(
            str(self._restore(root, folder / str(number) / root.resolve().name))
            for number, root in enumerate(request.templates)
        )
        options = msgspec.structs.replace(request.options, templates=templates)
        return LetterRequest(case=request.case, options=options, draft=draft)

    def _restore(self, root: Path, copy: Path) -> Path:
        """Return a copy of a folder as it was before the last save; the folder if that is empty."""
        for path in {*_pack_files(root), *self._before}:
            if not path.is_relative_to(root):
                continue
            content = self._before[path] if path in self._before else path.read_bytes()
            if content is not None:
                target = copy / path.relative_to(root)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
        return copy if copy.exists() else root


def _pack_files(folder: Path) -> set[Path]:
    """Return the files of the packs in a folder, as far as the folder can be read."""
    files: set[Path] = set()
    with contextlib.suppress(PackError):
        files.update(path for _, path in walk(folder))
    return files


def _is_template(path: Path, request: LetterRequest) -> bool:
    return any(path.is_relative_to(folder) for folder in request.templates)


def _read(path: Path) -> bytes | None:
    """Return a file's content; `None` if there is no such file, or it is too large to keep."""
    try:
        return path.read_bytes() if path.stat().st_size <= _MAX_BYTES else None
    except OSError:
        return None
