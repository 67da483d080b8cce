"""One value holds the options of a rendering, for the library and for every command."""

from __future__ import annotations

import importlib
import pickle
import typing

import msgspec
import pytest

import imrgen
from imrgen.cli.options import RENDERING
from imrgen.pipeline import OptionFields, Options, options_of

COMMANDS = ("batch", "check", "preview", "render")
FIELDS = msgspec.structs.fields(Options)


def test_the_keyword_arguments_are_the_fields() -> None:
    hints = typing.get_type_hints(OptionFields)
    assert set(hints) == {field.name for field in FIELDS} == set(RENDERING)
    for field in FIELDS:
        assert isinstance(field.default, bool | int | str | tuple | None), field.name
        if field.name == "pack":  # the options name a pack that is loaded already
            assert hints["pack"] == field.type | imrgen.TemplatePack
        elif field.name != "context" and not isinstance(field.default, tuple):
            assert hints[field.name] == field.type, field.name


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_that_makes_letters_takes_every_option(name: str) -> None:
    command = importlib.import_module(f"imrgen.cli.{name}").command
    assert {field.name for field in FIELDS} <= {parameter.name for parameter in command.params}


def test_options_are_changed_by_keyword_and_travel() -> None:
    options = options_of(Options(pack="imr"), {"templates": ["a"], "select": iter(["IMR32"])})
    assert options == Options(pack="imr", templates=("a",), select=("IMR32",))
    assert pickle.loads(pickle.dumps(options)) == options
    with pytest.raises(TypeError, match="wide"):
        options_of(None, {"wide": 70})  # type: ignore[typeddict-unknown-key]


def test_a_renderer_starts_from_options_and_takes_changes() -> None:
    renderer = imrgen.Renderer(Options(pack="imr-2015", width=60), check=False)
    assert renderer.options == Options(
        pack="imr-2015", letter="determination", width=60, check=False
    )
