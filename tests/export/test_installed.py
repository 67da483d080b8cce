"""The versions of installed packages."""

from __future__ import annotations

import importlib.metadata
import sys
import zipfile
from pathlib import Path

import pytest

from imrgen.export import installed_version


@pytest.mark.slow
def test_versions_are_those_that_importlib_reads() -> None:
    named = {each.name for each in importlib.metadata.distributions()}
    assert len(named) > 50
    for name in named:
        assert installed_version(name) == importlib.metadata.version(name)
        assert installed_version(name.upper().replace("-", "_")) == importlib.metadata.version(name)


def test_a_package_in_a_zip_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "packages.zip", "w") as file:
        file.writestr("one_of-2.dist-info/METADATA", "Name: one.of\nVersion: 2.0+here\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "packages.zip")])
    assert installed_version("one-of") == "2.0+here"


def test_a_package_that_is_not_installed_is_named() -> None:
    with pytest.raises(ModuleNotFoundError) as error:
        installed_version("no-such-package")
    assert error.value.name == "no-such-package"
