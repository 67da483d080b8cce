"""The preview makes a renderer anew whenever, and only when, its pack would be another one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

import imrgen
from imrgen.diagnostics import PackError
from imrgen.pack import Sources, stamp
from imrgen.preview.history import History
from imrgen.preview.tasks import LetterRequest, ShowLetter
from imrgen.preview.watch import Watch
from imrgen.preview.worker import TaskHandler
from imrgen.preview.workspace import Workspace
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
SUMMARY = "blocks/clinical_summary.html"
MANIFEST = (
    'name = "acme"\ntitle = "t"\nversion = "1"\nextends = "imr"\norganization.inherit = true\n'
)


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


def letter(acme: Path) -> LetterRequest:
    options = imrgen.Options(pack="acme", templates=(str(acme.parent),))
    return LetterRequest(case=STARTER, options=options)


def text(acme: Path) -> ShowLetter:
    return ShowLetter(letter(acme), "text")


def stale(sources: Sources) -> bool:
    return any(stamp(path) != before for path, before in sources.items())


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "edited": (lambda acme: write(acme / "blocks/part.html", "<p>Two.</p>"), "Two."),
    "new override": (lambda acme: write(acme / "blocks/how_made.html", "<p>New.</p>"), "New."),
    "deleted": (lambda acme: (acme / SUMMARY).unlink(), "activity modification"),
    "manifest": (
        lambda acme: write(acme / "pack.toml", f'{MANIFEST}organization.letterhead = ["name"]\n'),
        "MAXIMUS Federal Services\n",
    ),
    "pack before it": (
        lambda acme: [
            write(acme.parent / "aaa/pack.toml", MANIFEST),
            write(acme.parent / "aaa" / SUMMARY, "<p>First.</p>"),
        ],
        "First.",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(("change", "words"), CHANGES.values(), ids=CHANGES)
def test_a_change_makes_another_letter(
    change: Callable[[Path], object], words: str, acme: Path
) -> None:
    handler = TaskHandler()
    before = handler(text(acme))
    assert words not in before.content["text"]
    assert not stale(before.stamps)
    change(acme)
    assert stale(before.stamps)
    after = handler(text(acme))
    assert words in after.content["text"]
    assert not stale(after.stamps)


@pytest.mark.slow
def test_a_pack_is_loaded_again_only_when_it_has_changed(
    acme: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = TaskHandler()
    handler(text(acme))
    monkeypatch.setattr("imrgen.preview.worker.load_pack", None)
    write(acme / "blocks/.part.html.swp", "")
    assert "One." in handler(text(acme)).content["text"]


def test_a_pack_that_does_not_load_is_tried_again_once_it_is_mended(acme: Path) -> None:
    handler = TaskHandler()
    write(acme / "pack.toml", f'{MANIFEST}styles = ["acme.css"]\n')
    failed = handler(text(acme))
    assert [each.code for each in failed.diagnostics] == ["IMR204"]
    assert not stale(failed.stamps)
    write(acme / "acme.css", "")
    assert stale(failed.stamps)
    assert "One." in handler(text(acme)).content["text"]


@pytest.mark.slow
def test_every_folder_of_a_pack_is_watched(acme: Path) -> None:
    (acme / "images").mkdir()
    watch = Watch(lambda: [])
    watch.record("tab", TaskHandler()(text(acme)).stamps)
    assert {acme.parent, acme, acme / "blocks", acme / "images"} <= watch.folders()


@pytest.mark.slow
def test_a_tab_is_told_of_a_change_once_however_long_its_letter_takes(acme: Path) -> None:
    watch = Watch(lambda: [])
    watch.record("tab", TaskHandler()(text(acme)).stamps)
    tab = watch._tab("tab")
    for words in ("Two.", "Three."):
        write(acme / "blocks/part.html", f"<p>{words}</p>")
        watch._compare()
        assert tab.is_stale
        tab.is_stale = False  # it was told, and has asked for the letter
        watch._compare()
        assert not tab.is_stale
    # Whoever connects again may have missed it.
    assert tab.has_changed()
    # A worker that had to be killed does not say which files it has read.
    watch.record("tab", {})
    write(acme / "blocks/part.html", "<p>Four.</p>")
    watch._compare()
    assert tab.is_stale


def _retarget(folder: Path) -> None:
    (folder / "new").symlink_to(folder / "old")
    (folder / "new").rename(folder / "link")


SWAPS: dict[str, Callable[[Path], object]] = {
    "saved behind a link": lambda folder: write(folder / "real/blocks/part.html", "<p>Two.</p>"),
    "folder swapped": lambda folder: [
        (folder / "real").rename(folder / "old"),
        (folder / "other").rename(folder / "real"),
    ],
    "saved in the swapped folder": lambda folder: write(
        folder / "real/blocks/part.html", "<p>Three.</p>"
    ),
    "link leads elsewhere": _retarget,
}


@pytest.mark.slow
def test_links_and_swapped_folders_are_seen_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the look at all files every few seconds, which makes up for lost reports."""
    monkeypatch.setattr("imrgen.preview.watch.POLL", 600_000)
    for name in ("real", "other"):
        write(tmp_path / name / "blocks/part.html", f"<p>{name}</p>")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    part = tmp_path / "link/blocks/part.html"

    async def look() -> None:
        watch = Watch(lambda: [])
        watch.record("tab", {part: stamp(part)})
        running = asyncio.create_task(watch.run())
        events = watch.events("tab", watch.revision)
        assert not (await anext(events))["stale"]
        for change in SWAPS.values():
            change(tmp_path)
            assert (await anext(events))["stale"]
            watch.record("tab", {part: stamp(part)})
        running.cancel()

    asyncio.run(asyncio.wait_for(look(), 60))


@pytest.mark.slow
def test_the_last_save_knows_new_and_deleted_files(acme: Path, tmp_path: Path) -> None:
    history = History()
    history.record(letter(acme))
    write(acme / "blocks/how_made.html", "<p>New.</p>")
    (acme / "blocks/part.html").unlink()
    history.record(letter(acme))
    earlier = history.before_last_save(letter(acme), tmp_path / "earlier")
    words = TaskHandler()(ShowLetter(earlier, "text")).content["text"]
    assert words.count("One.") == 1
    assert "New." not in words


def test_files_of_a_pack_at_fault_can_be_opened(acme: Path, tmp_path: Path) -> None:
    (acme / "blocks/aaa.html").symlink_to(tmp_path)
    workspace = Workspace((), imrgen.Options(templates=(str(acme.parent),)))
    with pytest.raises(PackError, match="is a link that leads out"):
        workspace.load("acme")
    for path in (acme / "pack.toml", acme / "blocks/part.html"):
        assert workspace.find_file(str(path)) == path
