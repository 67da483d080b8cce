"""`imrgen schema`: print the JSON Schema of a case file, for editors."""

import json
from pathlib import Path

import click

from imrgen.case import case_schema
from imrgen.cli.output import write_output


@click.command(
    name="schema",
    epilog="\b\nFor an editor:\n"
    "  imrgen schema -o case.schema.json\n"
    "  and as the first line of a TOML case file:  #:schema case.schema.json\n"
    '  or as the first key of a JSON case file:    "$schema": "case.schema.json"',
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file. Default: standard output.",
)
def command(output: Path | None) -> None:
    """Print the JSON Schema (2020-12) of a case file."""
    text = json.dumps(case_schema(), indent=2, ensure_ascii=False) + "\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        write_output(output, text.encode())
