"""`imrgen new`: write an example case file to start from."""

from __future__ import annotations

import json
from pathlib import Path

import click
import tomli

from imrgen.cli.options import RENDERING, templates_option
from imrgen.cli.output import write_output
from imrgen.cli.starter import starter_of
from imrgen.pack import load_pack


@click.command(
    name="new",
    epilog="\b\nExamples:\n"
    "  imrgen new case.toml      with comments\n"
    "  imrgen new case.json      without, since JSON has none\n"
    "  imrgen new case.toml --templates acme      with the fields of a pack",
)
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@RENDERING["pack"]
@templates_option
def command(path: Path, pack: str | None, templates: tuple[Path, ...]) -> None:
    """Write an example case file with comments; it can be rendered as it is."""
    if path.exists():
        raise click.UsageError(f"{path} exists; choose another name")
    text = starter_of(load_pack(pack, templates))
    suffix = path.suffix.lower()
    if suffix == ".json":
        text = json.dumps(tomli.loads(text), indent=2, ensure_ascii=False, default=str) + "\n"
    elif suffix != ".toml":
        raise click.UsageError(f"{path}: expected a name that ends in .toml or .json")
    write_output(path, text.encode())
