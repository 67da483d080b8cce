"""Packs that are in no folder: the same letters, within the same limits."""

from __future__ import annotations

import importlib.resources
import io
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path, PureWindowsPath
from typing import Any

import pytest

import imrgen
from imrgen.pack import contents
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
MANIFEST = """
name = "acme"
title = "Acme"
version = "1"
extends = "imr"
"""
FILES = {
    "pack.toml": MANIFEST,
    "blocks/clinical_summary.html": "<p>Words of Acme.</p>",
    ".git/config": "of no pack",
}


def folder(place: Path) -> Path:
    for name, text in FILES.items():
        path = place / "acme" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return place / "acme"


def archive(place: Path, prefix: str = "", separator: str = "/") -> Path:
    with zipfile.ZipFile(place / "acme.zip", "w") as written:
        for name, text in FILES.items():
            written.writestr(prefix + name.replace("/", separator), text)
    return place / "acme.zip"


def module(place: Path) -> Any:
    folder(place)
    return importlib.resources.files("acme")


WAYS: dict[str, Callable[[Path], Any]] = {
    "a folder": folder,
    "its name": lambda place: str(folder(place)),
    "a zip file": archive,
    "a folder in a zip file": lambda place: zipfile.Path(archive(place, "acme/"), "acme/"),
    "a package": module,
    "a zip file of Windows": lambda place: archive(place, separator="\\"),
    "texts": lambda _: FILES,
    "texts of Windows": lambda _: {str(PureWindowsPath(name)): FILES[name] for name in FILES},
    "contents": lambda _: {name: text.encode() for name, text in FILES.items()},
}


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("is_alone", [True, False])
def test_a_pack_is_the_same_wherever_it_is(
    name: str, is_alone: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    wanted = imrgen.Renderer(templates=[folder(tmp_path / "other")]).render(STARTER)
    given = WAYS[name](tmp_path)
    renderer = imrgen.Renderer(templates=given if is_alone else iter([given]))
    assert renderer.pack.name == "acme"
    letter = renderer.render(STARTER)
    assert letter.html == wanted.html
    assert "Words of Acme." in letter.text
    assert pickle.loads(pickle.dumps(letter)).html == wanted.html
    assert imrgen.load_pack("acme", given) == renderer.pack == wanted._exporter.pack


def test_a_loaded_pack_makes_letters_and_is_not_taken_for_one_of_its_name() -> None:
    overlay = {"blocks/clinical_summary.html": "<p>Words of Acme.</p>"}
    pack = imrgen.load_pack("imr", overlay)
    renderers = [imrgen.Renderer(pack=pack), imrgen.Renderer(pack="imr", templates=overlay)]
    for renderer in renderers:
        assert renderer.options.pack == "imr"
        assert "Words of Acme." in renderer.render(STARTER).text
        assert renderer.pack == pack
        with pytest.raises(imrgen.UnknownNameError, match="is not a folder"):
            imrgen.Renderer(renderer.options)
    with pytest.raises(TypeError, match="load_pack"):
        imrgen.Renderer(pack=pack, templates=overlay)
    assert "Words of Acme." in imrgen.render(STARTER, pack=pack).text
    assert imrgen.check(STARTER, pack=pack, formats=()) == renderers[0].check(STARTER, formats=())


def encrypted(path: Path) -> None:
    content = bytearray(archive(path.parent).read_bytes())
    for sign, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = -1
        while (at := content.find(sign, at + 1)) >= 0:
            content[at + flags] |= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    content = archive(path.parent).read_bytes()
    path.write_bytes(content.replace(b"Words of Acme", b"Wards of Acme"))


BROKEN: dict[str, Callable[[Path], object]] = {
    "encrypted": encrypted,
    "another content than its checksum": cut,
    "no zip file": lambda path: path.write_text("PK"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_no_usable_archive_is_an_error_of_the_pack(
    name: str, tmp_path: Path
) -> None:
    path = tmp_path / "broken.zip"
    BROKEN[name](path)
    with pytest.raises(imrgen.PackError, match=r"broken\.zip"):
        imrgen.load_pack(templates=path)


def test_what_is_in_no_folder_has_the_limits_of_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "MOST_BYTES", 1000)
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr("pack.toml", MANIFEST)
        written.writestr("large.html", b"x" * 100_000)
    assert bomb.stat().st_size < 1000
    for templates in (bomb, zipfile.Path(bomb), {"large.html": b"x" * 1001}):
        with pytest.raises(imrgen.PackError, match="IMR004"):
            imrgen.load_pack(templates=templates)
    monkeypatch.setattr(contents, "MOST_FILES", 3)
    with pytest.raises(imrgen.PackError, match="IMR004"):
        imrgen.load_pack(templates={f"{number}.html": "x" for number in range(4)})


def test_an_open_archive_is_read_at_once() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as written:
        for name, text in FILES.items():
            written.writestr(name, text)
    with zipfile.ZipFile(stream) as opened:
        renderer = imrgen.Renderer(templates=zipfile.Path(opened))
    assert "Words of Acme." in renderer.render(STARTER).text
