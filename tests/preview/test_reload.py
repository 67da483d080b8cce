"""The preview makes a renderer anew whenever, and only when, its pack would be another one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from imrgen.diagnostics import PackError
from imrgen.pack import Sources, stamp
from imrgen.preview.history import History
from imrgen.preview.watch import Watch
from imrgen.preview.worker import Desk, Job
from imrgen.preview.workspace import Workspace
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
SUMMARY = "blocks/clinical_summary.html"
MANIFEST = 'name = "acme"\ntitle = "t"\nversion = "1"\nextends = "imr"\n'


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    folder = tmp_path / "packs" / "acme"
    write(folder / "pack.toml", MANIFEST)
    write(folder / SUMMARY, '{% include "blocks/part.html" %}')
    write(folder / "blocks/part.html", "<p>One.</p>")
    return folder


def job(acme: Path) -> Job:
    return Job(kind="text", case=STARTER, pack="acme", templates=(acme.parent,))


def stale(sources: Sources) -> bool:
    return any(stamp(path) != before for path, before in sources.items())


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "edited": (lambda acme: write(acme / "blocks/part.html", "<p>Two.</p>"), "Two."),
    "new override": (lambda acme: write(acme / "blocks/how_made.html", "<p>New.</p>"), "New."),
    "deleted": (lambda acme: (acme / SUMMARY).unlink(), "activity modification"),
    "manifest": (
        lambda acme: write(acme / "pack.toml", f'{MANIFEST}[letterhead]\nname = "Head"\n'),
        "Head",
    ),
    "pack before it": (
        lambda acme: [
            write(acme.parent / "aaa/pack.toml", MANIFEST),
            write(acme.parent / "aaa" / SUMMARY, "<p>First.</p>"),
        ],
        "First.",
    ),
}


@pytest.mark.parametrize(("change", "words"), CHANGES.values(), ids=CHANGES)
def test_a_change_makes_another_letter(
    change: Callable[[Path], object], words: str, acme: Path
) -> None:
    desk = Desk()
    before = desk(job(acme))
    assert words not in before.content["text"]
    assert not stale(before.stamps)
    change(acme)
    assert stale(before.stamps)
    after = desk(job(acme))
    assert words in after.content["text"]
    assert not stale(after.stamps)


def test_a_pack_is_loaded_again_only_when_it_has_changed(
    acme: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk()
    desk(job(acme))
    monkeypatch.setattr("imrgen.preview.worker.load_pack", None)
    write(acme / "blocks/.part.html.swp", "")
    assert "One." in desk(job(acme)).content["text"]


def test_a_pack_that_does_not_load_is_tried_again_once_it_is_mended(acme: Path) -> None:
    desk = Desk()
    write(acme / "pack.toml", f'{MANIFEST}styles = ["acme.css"]\n')
    failed = desk(job(acme))
    assert [each.code for each in failed.diagnostics] == ["IMR204"]
    assert not stale(failed.stamps)
    write(acme / "acme.css", "")
    assert stale(failed.stamps)
    assert "One." in desk(job(acme)).content["text"]


def test_every_folder_of_a_pack_is_watched(acme: Path) -> None:
    (acme / "images").mkdir()
    watch = Watch(lambda: [])
    watch.note("tab", Desk()(job(acme)).stamps)
    assert {acme.parent, acme, acme / "blocks", acme / "images"} <= watch._watched()


def test_the_last_save_knows_new_and_deleted_files(acme: Path, tmp_path: Path) -> None:
    history = History()
    history.note(job(acme))
    write(acme / "blocks/how_made.html", "<p>New.</p>")
    (acme / "blocks/part.html").unlink()
    history.note(job(acme))
    earlier = history.job(job(acme), tmp_path / "earlier")
    assert Desk()(earlier).content["text"].count("One.") == 1
    assert "New." not in Desk()(earlier).content["text"]


def test_files_of_a_pack_at_fault_can_be_opened(acme: Path, tmp_path: Path) -> None:
    (acme / "blocks/aaa.html").symlink_to(tmp_path)
    workspace = Workspace((), (acme.parent,))
    with pytest.raises(PackError, match="is a link that leads out"):
        workspace.load("acme")
    for path in (acme / "pack.toml", acme / "blocks/part.html"):
        assert workspace.file(str(path)) == path
