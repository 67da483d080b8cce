"""The classes of errors: their tree, what users may catch, and the exit codes."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

import imrgen
from imrgen import diagnostics
from imrgen.cli import exit_code
from imrgen.diagnostics import Diagnostic, Excerpt, ImrgenError, Span, codes, errors
from tests.command_line import invoke
from tests.conftest import ROOT

STARTER = str(ROOT / "imrgen" / "starter.toml")


def tree(error: type[ImrgenError]) -> list[type[ImrgenError]]:
    """List a class and all below it; each once, below the first of its bases."""
    below = [each for each in error.__subclasses__() if each.__bases__[0] is error]
    return [error, *(inner for each in below for inner in tree(each))]


CLASSES = tree(ImrgenError)
DIAGNOSTIC = Diagnostic(codes.UNKNOWN_KEY, "unknown key", path=("case",), span=Span("a.toml", 1, 2))


def test_the_tree_is_as_it_is_drawn() -> None:
    drawn = re.findall(r"^ {4}([│├└─ ]*)(\w+Error)", errors.__doc__ or "", re.MULTILINE)
    assert [(name, len(branch) // 4) for branch, name in drawn] == [
        (error.__name__, _depth(error)) for error in CLASSES
    ]


def _depth(error: type) -> int:
    return 0 if error is ImrgenError else 1 + _depth(error.__bases__[0])


@pytest.mark.parametrize("error", CLASSES)
def test_an_error_is_exported_and_survives_pickling(error: type[ImrgenError]) -> None:
    assert getattr(imrgen, error.__name__) is error
    assert error.__name__ in imrgen.__all__
    assert error.__name__ in diagnostics.__all__
    raised = error([DIAGNOSTIC])
    copy = pickle.loads(pickle.dumps(raised))
    assert type(copy) is error
    assert copy.diagnostics == raised.diagnostics == (DIAGNOSTIC,)
    assert str(copy) == str(raised)


@pytest.mark.parametrize("error", CLASSES)
def test_an_error_survives_the_json_of_a_task_queue(error: type[ImrgenError]) -> None:
    """Which makes an exception again of its arguments, as JSON or as a text."""
    raised = error([DIAGNOSTIC, DIAGNOSTIC])
    copied = error(*json.loads(json.dumps(raised.args)))
    assert copied.diagnostics == raised.diagnostics
    assert str(copied) == str(raised)
    copied = error(str(raised.args[0]))
    assert copied.diagnostics == ()
    assert DIAGNOSTIC.code in str(copied)
    assert DIAGNOSTIC.code in str(pickle.loads(pickle.dumps(copied)))


def test_a_diagnostic_is_read_back_from_what_it_writes() -> None:
    found = imrgen.check({"issues": [{"item": 1}]}, formats=())
    assert found
    whole = msgspec.structs.replace(DIAGNOSTIC, hints=("a",), excerpt=Excerpt("…", 0, 1))
    whole = msgspec.structs.replace(whole, path=("a", 0), trace=(Span("b", 1, 1),))
    for each in (*found, DIAGNOSTIC, whole):
        assert Diagnostic.from_dict(json.loads(json.dumps(each.to_dict()))) == each
    for wrong in ({}, {"code": 1, "message": "x"}):
        with pytest.raises(ValueError, match=r"Object|Expected"):
            Diagnostic.from_dict(wrong)


@pytest.mark.parametrize("error", CLASSES)
def test_an_error_is_read_back_from_what_it_writes(error: type[ImrgenError]) -> None:
    for raised in (error([DIAGNOSTIC, DIAGNOSTIC]), error("a text of a task queue's")):
        copied = ImrgenError.from_dict(json.loads(json.dumps(raised.to_dict())))
        assert type(copied) is error
        assert copied.diagnostics == raised.diagnostics
        assert str(copied) == str(raised)
    later = {**error([DIAGNOSTIC]).to_dict(), "error": "LaterError"}
    assert type(ImrgenError.from_dict(later)) is ImrgenError
    wrong: list[Any] = [{}, [], None, {"error": error.__name__}]
    for each in [*wrong, {**later, "diagnostics": [{}]}]:
        with pytest.raises(ValueError, match=r"to_dict|Object"):
            ImrgenError.from_dict(each)


def test_the_schema_of_a_diagnostic_describes_what_is_written() -> None:
    schema = imrgen.diagnostic_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    excerpt, span = Excerpt("…", 0, 1), Span("b", 1, 1)
    whole = msgspec.structs.replace(DIAGNOSTIC, path=("a", 0), excerpt=excerpt, trace=(span,))
    for each in (*imrgen.check({"issues": [{"item": 1}]}, formats=()), DIAGNOSTIC, whole):
        written = json.loads(json.dumps(each.to_dict()))
        validator.validate(written)
        for key in written:
            assert not validator.is_valid({k: v for k, v in written.items() if k != key}), key
    for part in (schema, *schema["$defs"].values()):
        assert all(each["description"] for each in part["properties"].values())


@pytest.mark.parametrize("error", CLASSES)
def test_the_exit_code_is_the_class_s(error: type[ImrgenError]) -> None:
    assert exit_code(error([DIAGNOSTIC])) == (2 if issubclass(error, imrgen.OptionError) else 1)


CAUSES: dict[str, tuple[Callable[[Path], object], type[ImrgenError], type[ImrgenError], str]] = {
    "unknown pack": (
        lambda folder: imrgen.load_pack("acme"),
        imrgen.UnknownNameError,
        imrgen.PackError,
        codes.UNKNOWN_PACK,
    ),
    "unknown letter": (
        lambda folder: imrgen.Renderer(letter="nope"),
        imrgen.UnknownNameError,
        imrgen.PackError,
        codes.UNKNOWN_LETTER,
    ),
    "unknown check": (
        lambda folder: imrgen.Renderer(select=["NOPE"]),
        imrgen.UnknownNameError,
        imrgen.PackError,
        codes.UNKNOWN_CHECK,
    ),
    "no folder of templates": (
        lambda folder: imrgen.load_pack(templates=[folder / "nope"]),
        imrgen.UnknownNameError,
        imrgen.PackError,
        codes.TEMPLATES_NOT_A_FOLDER,
    ),
    "unknown suffix": (
        lambda folder: imrgen.render(STARTER).save(folder / "letter.docx"),
        imrgen.FileNameError,
        imrgen.OutputError,
        codes.UNKNOWN_FORMAT,
    ),
    "pattern of file names": (
        lambda folder: imrgen.Batch([STARTER], imrgen.Options(), name="{employee.name}"),
        imrgen.FileNameError,
        imrgen.OutputError,
        codes.BAD_NAME_PATTERN,
    ),
    "no batch": (
        lambda folder: imrgen.verify_folder(folder),
        imrgen.ManifestError,
        imrgen.OutputError,
        codes.NO_BATCH,
    ),
    "no input": (
        lambda folder: imrgen.Batch([str(folder / "nope")], imrgen.Options()),
        imrgen.CaseError,
        imrgen.CaseError,
        codes.NO_INPUT,
    ),
}


@pytest.mark.parametrize(("cause", "error", "base", "code"), CAUSES.values(), ids=CAUSES)
def test_a_class_says_the_cause(
    cause: Callable[[Path], object],
    error: type[ImrgenError],
    base: type[ImrgenError],
    code: str,
    tmp_path: Path,
) -> None:
    with pytest.raises(base) as caught:
        cause(tmp_path)
    assert type(caught.value) is error
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == [code]


def test_a_pack_that_extends_an_unknown_one_is_itself_at_fault(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_text(
        'name = "a"\ntitle = "a"\nversion = "1"\nextends = "nope"\n'
    )
    with pytest.raises(imrgen.PackError, match=codes.UNKNOWN_PACK) as caught:
        imrgen.load_pack(templates=[tmp_path])
    assert type(caught.value) is imrgen.PackError


def test_data_of_a_type_that_no_field_takes_is_not_called_invalid_json() -> None:
    (outcome,) = imrgen.Batch([{"case": object()}], imrgen.Renderer(), formats=["text"])
    assert [diagnostic.code for diagnostic in outcome.diagnostics] == [codes.WRONG_TYPE]


COMMANDS: dict[str, tuple[list[str], int, str]] = {
    "unknown pack": (["render", STARTER, "--pack", "acme"], 2, codes.UNKNOWN_PACK),
    "unknown letter": (["render", STARTER, "--letter", "nope"], 2, codes.UNKNOWN_LETTER),
    "unknown check": (["check", STARTER, "--select", "NOPE"], 2, codes.UNKNOWN_CHECK),
    "no templates": (["render", STARTER, "--templates", "x"], 2, codes.TEMPLATES_NOT_A_FOLDER),
    "pattern": (["batch", STARTER, "-o", "out", "--name", "{x}"], 2, codes.BAD_NAME_PATTERN),
    "settings": (["check", STARTER], 2, codes.UNKNOWN_KEY),
    "no case": (["render", "nope.toml"], 1, codes.CASE_UNREADABLE),
    "no letter to verify": (["verify", "nope.pdf"], 1, codes.LETTER_UNREADABLE),
    "no letter to read": (["extract", "nope.pdf"], 1, codes.LETTER_UNREADABLE),
    "no key": (["sign", "a.pdf", "--pkcs12", "b.p12"], 1, codes.SIGNING_FILE_UNREADABLE),
    "no batch": (["batch", "--retry-failed", "nope"], 1, codes.NO_BATCH),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_command_line_exits_by_the_cause(name: str, tmp_path: Path) -> None:
    arguments, status, code = COMMANDS[name]
    if name == "settings":
        (tmp_path / "imrgen.toml").write_text('ignroe = ["IMR320"]\n')
    run = invoke(*arguments, cwd=tmp_path)
    assert (run.returncode, f"error[{code}]" in run.stderr) == (status, True), run.stderr
