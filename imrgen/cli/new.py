"""`imrgen new`: write an example case file to start from."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import click
import tomli

from imrgen.case import readable_text
from imrgen.cli.output import write_output


@click.command(
    name="new",
    epilog="\b\nExamples:\n"
    "  imrgen new case.toml      with comments\n"
    "  imrgen new case.json      without, since JSON has none",
)
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
def command(path: Path) -> None:
    """Write an example case file with comments; it can be rendered as it is."""
    if path.exists():
        raise click.UsageError(f"{path} exists; choose another name")
    text = readable_text((files("imrgen") / "starter.toml").read_bytes())
    suffix = path.suffix.lower()
    if suffix == ".json":
        text = json.dumps(tomli.loads(text), indent=2, ensure_ascii=False, default=str) + "\n"
    elif suffix != ".toml":
        raise click.UsageError(f"{path}: expected a name that ends in .toml or .json")
    write_output(path, text.encode())
