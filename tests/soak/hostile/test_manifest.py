"""Every edit of a batch's manifest, and of its folder, is found."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import imrgen
from imrgen.batch import verify_folder
from tests.batches import write_cases
from tests.soak.hostile.counting import Count


def _lines(change: Callable[[list[str]], object]) -> Callable[[Path], object]:
    def edit(folder: Path) -> None:
        path = folder / "manifest.jsonl"
        lines = path.read_text().splitlines(keepends=True)
        change(lines)
        path.write_text("".join(lines))

    return edit


def _replaced(number: int, before: str, after: str) -> Callable[[list[str]], object]:
    def change(lines: list[str]) -> None:
        assert before in lines[number]
        lines[number] = lines[number].replace(before, after, 1)

    return change


def _without(number: int, key: str) -> Callable[[list[str]], object]:
    def change(lines: list[str]) -> None:
        record = json.loads(lines[number])
        del record[key]
        lines[number] = json.dumps(record) + "\n"

    return change


EDITS: list[Callable[[Path], object]] = [
    _lines(lambda lines: lines.pop(0)),
    _lines(lambda lines: lines.pop(1)),
    _lines(lambda lines: lines.pop()),
    _lines(lambda lines: lines.insert(1, lines[1])),
    _lines(lambda lines: lines.reverse()),
    _lines(lambda lines: lines.append(lines[1])),
    _lines(lambda lines: lines.append("{}\n")),
    _lines(lambda lines: lines.append("not JSON\n")),
    _lines(lambda lines: lines.insert(0, "\N{ZERO WIDTH NO-BREAK SPACE}\n")),
    _lines(_replaced(1, '"made"', '"failed"')),
    _lines(_replaced(0, '"outcome"', '"Outcome"')),
    _lines(_without(0, "asked")),
    _lines(lambda lines: lines.clear()),
    lambda folder: (folder / "manifest.jsonl").unlink(),
    lambda folder: (folder / "stray.txt").write_text("x"),
    lambda folder: next(folder.glob("*.txt")).unlink(),
    lambda folder: next(folder.glob("*.txt")).write_text("x"),
]


def test_every_edit_of_a_manifest_is_found(tmp_path: Path) -> None:
    cases = write_cases(tmp_path / "cases", 3)
    imrgen.render_batch(cases, imrgen.Renderer(), to=tmp_path / "letters", formats=["text"])
    assert not [*verify_folder(tmp_path / "letters")]
    with Count("edits of a manifest", 13) as count:
        for number, edit in enumerate(EDITS):
            folder = tmp_path / f"edited-{number}"
            shutil.copytree(tmp_path / "letters", folder)
            edit(folder)
            try:
                found = [*verify_folder(folder)]
            except imrgen.ManifestError as error:
                found = [*error.diagnostics]
            count.add(number, bool(found))
