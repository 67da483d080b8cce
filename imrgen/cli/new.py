"""`imrgen new`: a case file to start from."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import click
import tomli

from imrgen.export import write


@click.command(
    name="new",
    epilog="\b\nExamples:\n  imrgen new case.toml      with comments\n  imrgen new case.json      JSON has none",
)
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
def command(path: Path) -> None:
    """Write a commented case file of an invented person, which renders as it stands."""
    if path.exists():
        raise click.UsageError(f"{path} exists; choose another name")
    text = (files("imrgen") / "starter.toml").read_text(encoding="utf-8")
    suffix = path.suffix.lower()
    if suffix == ".json":
        text = json.dumps(tomli.loads(text), indent=2, ensure_ascii=False, default=str) + "\n"
    elif suffix != ".toml":
        raise click.UsageError(f"{path}: end the name in .toml or .json")
    write(path, text.encode())
    click.echo(str(path))
