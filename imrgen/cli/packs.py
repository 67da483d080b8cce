"""`imrgen packs`: list, show and create template packs."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
import msgspec

from imrgen.case import Field, type_of
from imrgen.cli import pack_check
from imrgen.cli.options import RENDERING, complete_pack, templates_option
from imrgen.cli.starter import starter_of
from imrgen.compose import Composer
from imrgen.compose.template_fields import FieldRead
from imrgen.diagnostics import LibraryError, PackError, Span, codes, nearest
from imrgen.export import write
from imrgen.pack import MANIFEST, EngineName, TemplatePack, load_pack, pack_names
from imrgen.pipeline import Renderer, check_pack, settings

_PACK = """\
# A template pack. `imrgen packs show {name} --templates .` shows what it has and what it inherits.
name = "{name}"
title = "{name}"
version = "0.1.0"
extends = "{extends}"
styles = ["{name}.css"]

# Whose letters these are; `name` is required. `letterhead` lists what each letter begins with.
[organization]
name = {organization}
# short_name = "Example"
# address = '''
# 100 Example Street
# Sacramento, CA 95814'''
# phone = "(916) 555-0100"      # and: fax, email, website, logo, medical_director
letterhead = ["name"]
{pdf}
# Words of your own, for your templates:   {{{{ words.ombudsman_phone }}}}
# [words]
# ombudsman_phone = "(916) 555-0101"

# To reword a sentence, extend the file of {extends} that has it by a file of the same name, such as
# blocks/how_made.html, and state its block anew:
#   {{% extends "{extends}:blocks/how_made.html" %}}
#   {{% block practice %}}Each reviewer is in active practice.{{% endblock %}}
# docs/packs.md lists the blocks, and shows what else a pack can do.
"""
_PDF = """
# What sets the PDFs.
[pdf]
engine = "{engine}"
"""
_TESTS = """\
\"\"\"Each letter of pack `{name}` of each case in `cases`, as it was accepted.

    pytest                      compares the letters with those that were accepted
    pytest --snapshot-update    accepts them as they are now
\"\"\"

from pathlib import Path

from imrgen.testing import letters

HERE = Path(__file__).parent


@letters(HERE / "cases", templates=[HERE.parent / {folder}])
def test_{identifier}(letter, letter_snapshot):
    assert letter == letter_snapshot
"""
_CSS = """\
/* Comes after the styles of {extends}, and overrides them. */
h1 {{ text-align: center; }}
"""


class _Packs(click.Group):
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            hints = nearest(args[0], self.commands) or ("`imrgen packs` alone lists the packs",)
            raise click.UsageError(f"there is no command '{args[0]}'; {'; '.join(hints)}", ctx)
        return super().resolve_command(ctx, args)


@click.group(name="packs", cls=_Packs, invoke_without_command=True)
@templates_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(ctx: click.Context, templates: tuple[Path, ...], as_json: bool) -> None:
    """List the template packs; with a command, show or create one."""
    if ctx.invoked_subcommand is not None:
        return
    packs = [load_pack(name, templates) for name in pack_names(templates)]
    if as_json:
        click.echo(json.dumps([_summary(pack) for pack in packs], indent=2, ensure_ascii=False))
        return
    _table(
        (pack.name, pack.version, ", ".join(pack.merged("letters")) or "(no letters)", pack.title)
        for pack in packs
    )


command.add_command(pack_check.command)


@command.command(name="show")
@click.argument("name", metavar="NAME", shell_complete=complete_pack)
@templates_option
@click.option(
    "--fields",
    "only_fields",
    is_flag=True,
    help="Show which fields of a case the letters require, print or ask for, and where.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(name: str, templates: tuple[Path, ...], only_fields: bool, as_json: bool) -> None:
    """Show what a pack contains and inherits, and what its letters require of a case."""
    pack = load_pack(name, templates)
    errors = [each for each in check_pack(pack, pages=False) if each.severity == "error"]
    if errors:
        raise PackError(errors)
    if as_json:
        details = _letters_fields(pack) if only_fields else _details(pack)
        click.echo(json.dumps(details, indent=2, ensure_ascii=False))
        return
    if only_fields:
        _show_fields(pack)
        return
    click.echo(f"{pack.name} {pack.version}: {pack.title}")
    lineage = " → ".join(manifest.name for manifest in pack.lineage)
    click.echo(f"\nExtends\n  {lineage}" if len(pack.lineage) > 1 else "\nExtends\n  nothing")
    for letter, spec in pack.merged("letters").items():
        click.echo(f"\nLetter {letter}: {spec.title}")
        if spec.letters:
            click.echo(f"  consists of {', '.join(spec.letters)}")
        if pack.is_per_recipient(letter):
            click.echo("  made once for each of the recipients")
        requires = pack.requires(letter) or ("nothing",)
        click.echo("  requires " + "\n           ".join(requires))
    if pack.outcomes:
        click.echo("\nOutcomes")
        _table(
            (f"  {name}", outcome.words, outcome.means or "")
            for name, outcome in pack.outcomes.items()
        )
    if pack.merged("priorities"):
        click.echo("\nPriorities")
        _table((f"  {name}", label) for name, label in pack.merged("priorities").items())
    if pack.organization is not None:
        click.echo("\nOrganization")
        stated = msgspec.structs.asdict(pack.organization)
        _table((f"  {key}", _line(value)) for key, value in stated.items() if value)
    if pack.words:
        click.echo("\nWords")
        _table((f"  {name}", _line(text)) for name, text in pack.words.items())
    if pack.overridable:
        click.echo("\nMay be overridden by --set")
        _table((f"  {key}",) for key in pack.overridable)
    if pack.merged("notices"):
        click.echo("\nNotices")
        _table(
            (f"  {name}", _line(text)[:80] + "…") for name, text in pack.merged("notices").items()
        )
    click.echo("\nFiles")
    _table((f"  {name}", pack.require(name).place) for name in pack.files())
    click.echo("\nFonts")
    _table((f"  {font.family}", f"{font.weight} {font.style}", font.file) for font in pack.fonts)


@command.command(
    name="new",
    epilog="\b\nExample:\n"
    '  imrgen packs new acme --extends imr --organization "Example Review"\n'
    "  imrgen render case.toml --templates acme",
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--extends",
    metavar="NAME",
    default="imr",
    show_default=True,
    shell_complete=complete_pack,
    help="The pack to build on.",
)
@click.option(
    "--organization",
    metavar="NAME",
    default="",
    help="The organization whose letters these are. Without it, write its name into the manifest "
    "before you render a letter.",
)
@click.option(
    "--tests",
    "has_tests",
    is_flag=True,
    help="Also create tests, which compare each letter with how it was accepted; needs pytest and "
    "syrupy: pip install 'imrgen[testing]'.",
)
@RENDERING["engine"]
@templates_option
def new(
    folder: Path,
    extends: str,
    organization: str,
    has_tests: bool,
    engine: EngineName | None,
    templates: tuple[Path, ...],
) -> None:
    """Create a pack in a new folder; it has the folder's name.

    Its manifest names the engine of PDFs if that is chosen here or in imrgen.toml, and differs from
    that of the pack to build on.
    """
    tests = folder.resolve().parent / "tests" if has_tests else None
    if tests:
        _require_tests(tests, organization, templates)
    base = load_pack(extends, templates)
    engine = engine or settings(Path.cwd())[0].pdf.engine or base.engine
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise click.UsageError(f"{folder} exists and is not an empty folder")
    name = re.sub(r"[^a-z0-9._-]+", "-", folder.resolve().name.lower()).strip("-._")
    if not name:
        raise click.UsageError(
            f"{folder}: the folder's name is the pack's, and must contain a letter or a digit"
        )
    if name in pack_names(templates):
        raise click.UsageError(f"a pack `{name}` already exists; choose another folder name")
    # What JSON escapes, TOML escapes alike.
    values = {
        "name": name,
        "extends": extends,
        "organization": json.dumps(organization, ensure_ascii=False),
        "pdf": "" if engine == base.engine else _PDF.format(engine=engine),
    }
    files = {
        file: text.format(**values).encode("utf-8", "surrogateescape")
        for file, text in ((MANIFEST, _PACK), (f"{name}.css", _CSS))
    }
    if organization:
        pack = load_pack(None, [files, *templates])
    if tests:
        Renderer(loaded_pack=pack).warm()  # else its letters could not be made
    folder.mkdir(parents=True, exist_ok=True)
    for file, content in files.items():
        write(folder / file, content)
        click.echo(str(folder / file))
    if tests:
        _write_tests(tests, folder, pack)
    if not organization:
        click.echo(f"Write the organization's name into {folder / MANIFEST} first.", err=True)


def _require_tests(tests: Path, organization: str, templates: tuple[Path, ...]) -> None:
    """Refuse tests where they could not pass, or would take the place of others."""
    if not organization:
        raise click.UsageError("--tests makes letters, which need --organization NAME")
    if templates:
        raise click.UsageError("--tests is for packs that extend an installed one, not --templates")
    if tests.exists():
        raise click.UsageError(f"{tests} exists; write the pack's tests there yourself")
    if not all(map(importlib.util.find_spec, ("pytest", "syrupy"))):
        raise LibraryError.of(
            codes.EXTRA_MISSING,
            "--tests needs packages that are not installed: pytest, syrupy",
            'install them with `pip install "imrgen[testing]"`',
        )


def _write_tests(tests: Path, folder: Path, pack: TemplatePack) -> None:
    """Write tests of a pack beside it, and keep its letters as they are.

    In its folder they would be a part of it, and of the digest that its letters state.
    """
    identifier = re.sub(r"\W", "_", pack.name)
    quoted = json.dumps(folder.resolve().name)
    text = _TESTS.format(name=pack.name, folder=quoted, identifier=identifier)
    (tests / "cases").mkdir(parents=True)
    write(tests / "cases" / "case.toml", starter_of(pack).encode())
    write(tests / f"test_{identifier}.py", text.encode("utf-8", "surrogateescape"))
    command = [sys.executable, "-m", "pytest", "-q", "--snapshot-update", str(tests)]
    made = subprocess.run(command, capture_output=True, text=True)  # noqa: S603 - no shell
    if made.returncode:
        click.echo(made.stdout, err=True)
        raise click.ClickException("the letters of the tests could not be made")
    shown = os.path.relpath(tests)
    click.echo(f"{shown}/cases/case.toml\n{shown}/test_{identifier}.py")
    click.echo(f"{shown}/__snapshots__")
    click.echo("`pytest` compares each letter with what is kept in __snapshots__.", err=True)


def _summary(pack: TemplatePack) -> dict[str, Any]:
    return {
        "name": pack.name,
        "version": pack.version,
        "title": pack.title,
        "letters": list(pack.merged("letters")),
    }


def _details(pack: TemplatePack) -> dict[str, Any]:
    letters = pack.merged("letters").items()
    return {
        **_summary(pack),
        "extends": [manifest.name for manifest in pack.lineage[1:]],
        "letters": {
            name: {
                "title": spec.title,
                "letters": list(spec.letters),
                "per_recipient": pack.is_per_recipient(name),
                "requires": list(pack.requires(name)),
            }
            for name, spec in letters
        },
        "outcomes": msgspec.to_builtins(pack.outcomes),
        **{key: pack.merged(key) for key in ("priorities", "notices")},
        "organization": pack.organization and msgspec.structs.asdict(pack.organization),
        "words": pack.words,
        "overridable": pack.overridable,
        "files": {name: pack.require(name).place for name in pack.files()},
        "fonts": [
            {"family": f.family, "weight": f.weight, "style": f.style, "file": f.file}
            for f in pack.fonts
        ],
    }


def _line(value: str | tuple[str, ...]) -> str:
    return " ".join((value if isinstance(value, str) else ", ".join(value)).split())


def _letters_fields(pack: TemplatePack) -> dict[str, Any]:
    letters = pack.merged("letters")
    return {
        "name": pack.name,
        "version": pack.version,
        "letters": {name: {"fields": _fields(pack, name)} for name in letters},
        "declared": [
            {"field": pattern, "type": type_of(field), "description": field.description}
            for pattern, field in _declared(pack)
        ],
    }


def _fields(pack: TemplatePack, letter: str) -> list[dict[str, Any]]:
    """List what a letter reads: the fields of the model in its order, then what is none."""
    fields = Composer(pack, letter).fields
    requires = pack.requires(letter)
    found = [
        {
            "field": pattern,
            "status": "known",
            "required": pattern in requires,
            "printed": fields.is_printed(pattern),
            "places": msgspec.to_builtins(_shown_first(fields.of(pattern))),
        }
        for pattern, field in pack.model.patterns()
        if not field.is_part and (pattern in requires or fields.of(pattern))
    ]
    return found + [
        {
            "field": read.pattern,
            "status": read.status,
            "hints": list(read.hints),
            "required": False,
            "printed": read.is_printed,
            "places": [msgspec.to_builtins(read.span)],
        }
        for read in fields.reads
        if read.status != "known"
    ]


def _shown_first(reads: Iterable[FieldRead]) -> list[Span]:
    ordered = sorted(reads, key=lambda read: not read.is_printed)
    return [read.span for read in ordered]


def _show_fields(pack: TemplatePack) -> None:
    for letter, spec in pack.merged("letters").items():
        click.echo(f"Letter {letter}: {spec.title}")
        _table(
            (f"  {row['field']}", _use(row), _place(row["places"])) for row in _fields(pack, letter)
        )
        click.echo()
    declared = _declared(pack)
    if declared:
        click.echo("Declared by the pack, or by one that it extends")
        _table((f"  {pattern}", type_of(field), field.description) for pattern, field in declared)
        click.echo()


def _declared(pack: TemplatePack) -> list[tuple[str, Field]]:
    """Return the fields that a pack or one that it extends declares, with their patterns."""
    declared = {each for manifest in pack.lineage for each in manifest.fields}
    patterns = pack.model.patterns() if declared else ()
    return [
        (pattern, field)
        for pattern, field in patterns
        if pattern in declared or f"{pattern}[]" in declared
    ]


def _use(row: dict[str, Any]) -> str:
    """Return what a letter does with a field."""
    if row["status"] == "missing":
        return "; ".join(["no case can have it", *row["hints"]])
    if row["status"] == "unknown":
        return "cannot be told without a case"
    uses = {"required": row["required"], "printed": row["printed"]}
    return ", ".join(use for use, is_so in uses.items() if is_so) or "asked for"


def _place(places: list[dict[str, Any]]) -> str:
    if not places:
        return ""
    first, *others = places
    more = f" and {len(others)} more" if others else ""
    return f"{first['file']}:{first['line']}:{first['column']}{more}"


def _table(rows: Iterable[tuple[str, ...]]) -> None:
    cells = list(rows)
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        click.echo(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
