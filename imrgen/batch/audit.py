"""Whether a batch's folder still holds what its manifest says: every file, and every line of the manifest itself."""

from __future__ import annotations

import io
import os
from pathlib import Path

from imrgen.batch.manifest import read_ledger
from imrgen.batch.outputs import MANIFEST, Target, open_target
from imrgen.diagnostics import Diagnostic, ManifestError, Span, codes


def verify_folder(folder: str | os.PathLike[str]) -> list[Diagnostic]:
    """Find what is not as a batch left it.

    Args:
        folder: The folder of a batch, or its URL.

    Returns:
        What is at fault: a line that was changed, removed, put in or cut off; a file that was
        changed, is missing, or is told of by no line; a batch that did not come to its end. Empty
        where all is as it was.

    Raises:
        ManifestError: The folder holds no manifest.
    """
    target = open_target(os.fspath(folder))
    lines = target.manifest()
    name = f"{os.fspath(folder).rstrip('/')}/{MANIFEST}"
    if not lines:
        hint = "a folder that `imrgen batch` wrote holds one"
        raise ManifestError(
            [Diagnostic(codes.NO_BATCH, f"{name} does not exist, or is empty", hints=(hint,))]
        )
    made: dict[str, tuple[int, str, int]] = {}
    last, length, number = None, 0, 0
    try:
        for number, (record, _, size) in enumerate(read_ledger(io.BytesIO(lines), name), 1):
            last, length = record, length + size
            if record.outcome == "made":
                made[record.file] = number, record.sha256, record.size
    except ManifestError as error:
        return list(error.diagnostics)
    found = []
    if length != len(lines) or last is None or last.outcome != "ended":
        hint = "run `imrgen batch` again; it goes on where it was"
        message = "the batch did not come to its end, or the last lines are missing"
        found.append(
            Diagnostic(
                codes.BATCH_UNFINISHED, message, span=Span(name, number + 1, 1), hints=(hint,)
            )
        )
    return [*found, *_files(target, made, name)]


def _files(target: Target, made: dict[str, tuple[int, str, int]], name: str) -> list[Diagnostic]:
    found = []
    for file, (line, *wanted) in made.items():
        digest = target.digest(file)
        if digest is None or list(digest) != wanted:
            what = "is missing" if digest is None else "is not what was written"
            hint = "run `imrgen batch` again; it makes the letter anew"
            found.append(
                Diagnostic(
                    codes.LETTER_CHANGED, f"{file} {what}", span=Span(name, line, 1), hints=(hint,)
                )
            )
    strange = sorted(set(target.files()) - set(made))
    hint = "take it away; a letter that a batch was stopped at is made anew by the next"
    found += [
        Diagnostic(
            codes.STRAY_FILE,
            f"{Path(name).parent / file}: no line tells of this file",
            hints=(hint,),
        )
        for file in strange
    ]
    return found
