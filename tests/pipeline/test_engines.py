"""What sets PDFs: who chooses it, and where it is named."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import get_args

import pytest

import imrgen
from imrgen.diagnostics import SettingsError
from imrgen.export import FORMATS, engine_versions, engines, unseal
from imrgen.pack import DEFAULT_ENGINE, EngineName
from imrgen.pipeline import provenance, settings
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"


def test_the_engines_are_those_that_can_be_named() -> None:
    assert set(engines) == set(get_args(EngineName))
    assert DEFAULT_ENGINE in engines


@pytest.mark.parametrize("name", ["imrgen.toml", "pyproject.toml"])
def test_the_project_s_settings_name_the_engine(name: str, tmp_path: Path) -> None:
    table = "tool.imrgen.pdf" if name == "pyproject.toml" else "pdf"
    (tmp_path / name).write_text(f'[{table}]\nengine = "{DEFAULT_ENGINE}"\n')
    assert settings(tmp_path)[0].pdf.engine == DEFAULT_ENGINE
    (tmp_path / name).write_text(f'[{table}]\nengine = "word"\n')
    with pytest.raises(SettingsError) as error:
        settings(tmp_path)
    assert [found.code for found in error.value.diagnostics] == ["IMR103"]


def test_no_option_is_an_engine_that_does_not_exist() -> None:
    with pytest.raises(TypeError, match="engine"):
        imrgen.Renderer(engine="word")  # type: ignore[arg-type]


def test_only_what_made_a_file_is_named_in_its_provenance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text and HTML are made without what only a PDF needs."""
    version = importlib.metadata.version
    of_engines = {package for kind in engines.values() for package in kind.packages}

    def find(package: str) -> str:
        assert package not in of_engines
        return version(package)

    provenance._versions.cache_clear()
    monkeypatch.setattr(importlib.metadata, "version", find)
    letter = imrgen.render(STARTER)
    assert letter.text
    sealed = unseal(letter.encoded("html"))
    assert sealed is not None
    assert not of_engines & set(sealed.provenance)
    assert not of_engines & set(letter.provenance)
    monkeypatch.undo()
    renderer = imrgen.Renderer()
    for name in FORMATS:
        stated = renderer.provenance_of([name])
        assert set(stated) & of_engines == (
            set(engine_versions(DEFAULT_ENGINE)) if name == "pdf" else set()
        )
