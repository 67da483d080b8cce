"""Modules that installed packages name, wherever the packages are installed."""

from __future__ import annotations

import importlib.metadata
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from imrgen.pack import entry_point_modules

_DECLARED = "[imrgen.checks]\nmine = acme_checks\n"
_METADATA = "Metadata-Version: 2.1\nName: acme\nVersion: 1\n"


class _Finder:
    """A finder of packages that are in no folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        return None

    def find_distributions(self, context: object) -> Iterable[importlib.metadata.Distribution]:
        yield importlib.metadata.PathDistribution(self._folder / "acme-1.dist-info")


def _install(folder: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written = {"METADATA": _METADATA, "entry_points.txt": _DECLARED}
    if way == "zip":
        with zipfile.ZipFile(folder / "acme.zip", "w") as archive:
            for name, text in written.items():
                archive.writestr(f"acme-1.dist-info/{name}", text)
        monkeypatch.syspath_prepend(folder / "acme.zip")
        return
    inner = folder / "acme-1.dist-info"
    inner.mkdir()
    for name, text in written.items():
        (inner / name).write_text(text)
    if way == "folder":
        monkeypatch.syspath_prepend(folder)
    else:
        monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, _Finder(folder)])


@pytest.mark.parametrize("way", ["folder", "zip", "finder"])
def test_modules_of_packages_are_found(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = ("mine", "acme_checks")
    assert checks not in entry_point_modules("imrgen.checks")
    _install(tmp_path, way, monkeypatch)
    assert checks in entry_point_modules("imrgen.checks")
    assert checks not in entry_point_modules("imrgen.packs")
