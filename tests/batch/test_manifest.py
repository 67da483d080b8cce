"""Whatever is changed in a batch's folder is found."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest
from click.testing import CliRunner

import imrgen
from imrgen.cli import cli
from tests.batches import letters, make_case

COUNT = 5


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    cases = [make_case(number) for number in range(1, COUNT + 1)]
    imrgen.render_batch(cases, imrgen.Renderer(), to=tmp_path, formats=["text", "html"])
    assert len(letters(tmp_path)) == 2 * COUNT
    return tmp_path


def codes(folder: Path) -> set[str]:
    """Return the codes that verification finds."""
    return {diagnostic.code for diagnostic in imrgen.verify_folder(folder)}


def test_a_folder_that_nobody_touched_is_as_it_was(folder: Path) -> None:
    assert codes(folder) == set()


def test_a_changed_byte_of_a_letter_is_found_and_the_file_named(folder: Path) -> None:
    dice = random.Random(4)
    for name, content in letters(folder).items():
        place = dice.randrange(len(content))
        (folder / name).write_bytes(
            content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        )
        (found,) = imrgen.verify_folder(folder)
        assert found.code == "IMR508"
        assert found.message == f"{name} is not what was written"
        (folder / name).write_bytes(content)


@pytest.mark.slow
def test_any_changed_byte_of_the_manifest_is_found(folder: Path) -> None:
    manifest = folder / "manifest.jsonl"
    whole = manifest.read_bytes()
    dice = random.Random(5)
    for place in [0, len(whole) - 1, len(whole) - 2, *dice.sample(range(len(whole)), 300)]:
        manifest.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert codes(folder) & {"IMR507", "IMR510"}, place


def test_any_removed_moved_or_doubled_line_is_found(folder: Path) -> None:
    manifest = folder / "manifest.jsonl"
    lines = manifest.read_bytes().splitlines(keepends=True)
    assert len(lines) == 2 * COUNT + 2
    for number in range(len(lines)):
        for changed in (
            lines[:number] + lines[number + 1 :],
            [*lines[: number + 1], *lines[number:]],
            [*lines[:number], *reversed(lines[number : number + 2]), *lines[number + 2 :]],
        ):
            if changed != lines:
                manifest.write_bytes(b"".join(changed))
                assert codes(folder), number


def test_a_missing_and_a_strange_file_are_found(folder: Path) -> None:
    (folder / "CM16-0000001-determination.txt").rename(folder / "CM16-0000009-determination.txt")
    assert codes(folder) == {"IMR508", "IMR509"}


def test_a_batch_does_not_go_on_from_a_manifest_that_was_changed(folder: Path) -> None:
    manifest = folder / "manifest.jsonl"
    manifest.write_bytes(manifest.read_bytes().replace(b'"size":', b'"size":1', 1))
    with pytest.raises(imrgen.OutputError, match="IMR507"):
        imrgen.render_batch([make_case(1)], imrgen.Renderer(), to=folder, formats=["text"])


@pytest.mark.parametrize(
    "content", [b'{"my":"own data"}', b"secret", b'{"outcome":"made"', b"\0" * 9, b'{"a":1}\n{"b"']
)
def test_a_manifest_that_is_not_a_batchs_stays_as_it_is(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "manifest.jsonl").write_bytes(content)
    with pytest.raises(imrgen.ManifestError, match="IMR507"):
        imrgen.render_batch([make_case(1)], imrgen.Renderer(), to=tmp_path, formats=["text"])
    assert (tmp_path / "manifest.jsonl").read_bytes() == content
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("size", [0, 1, 9, 18, 19, 40, 200])
def test_a_first_line_that_was_not_written_completely_is_written_again(
    size: int, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    target = tmp_path_factory.mktemp("out")
    begun = (folder / "manifest.jsonl").read_bytes()[:size]
    assert b"\n" not in begun
    (target / "manifest.jsonl").write_bytes(begun)
    imrgen.render_batch([make_case(1)], imrgen.Renderer(), to=target, formats=["text"])
    assert codes(target) == set()


@pytest.mark.parametrize(
    "asked",
    [
        "{}",
        '{"folder":1}',
        '{"folder":"/","inputs":"a"}',
        '{"folder":"/","spec":{"pack":1},"inputs":["a"]}',
    ],
)
def test_arguments_that_no_batch_wrote_are_refused(asked: str, tmp_path: Path) -> None:
    body = f'{{"outcome":"begun","asked":{asked}'.encode()
    chain = hashlib.sha256(b"0" * 64 + body).hexdigest()
    (tmp_path / "manifest.jsonl").write_bytes(body + f',"chain":"{chain}"}}\n'.encode())
    run = CliRunner().invoke(cli, ["batch", "--retry-failed", str(tmp_path)])
    assert isinstance(run.exception, imrgen.ManifestError)


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(imrgen.OutputError, match="IMR506"):
        imrgen.verify_folder(tmp_path)
