"""`imrgen schema`: print the JSON Schema of a case file, or a page about its fields."""

import json
from pathlib import Path

import click

from imrgen.case import CORE, case_schema
from imrgen.cli.case_page import case_page
from imrgen.cli.options import RENDERING, templates_option
from imrgen.cli.output import write_output
from imrgen.pack import load_pack, manifest_schema, pack_names


@click.command(
    name="schema",
    epilog="\b\nFor an editor:\n"
    "  imrgen schema -o case.schema.json\n"
    "  and as the first line of a TOML case file:  #:schema case.schema.json\n"
    '  or as the first key of a JSON case file:    "$schema": "case.schema.json"',
)
@click.option(
    "--markdown",
    "as_markdown",
    is_flag=True,
    help="Print a page for people in place of the schema: what each field is for, an example, and "
    "which letters show it.",
)
@click.option(
    "--manifest",
    "is_of_manifest",
    is_flag=True,
    help="Print the schema of the manifest of a template pack, pack.toml.",
)
@RENDERING["pack"]
@templates_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A file. Default: standard output.",
)
def command(
    output: Path | None,
    as_markdown: bool,
    is_of_manifest: bool,
    pack: str | None,
    templates: tuple[Path, ...],
) -> None:
    """Print the JSON Schema (2020-12) of a case file, or a page that explains its fields.

    A pack may declare fields of its own: name it for those of its cases.
    """
    if is_of_manifest and (as_markdown or pack is not None):
        raise click.UsageError("--manifest is about every pack, and has no page; omit the others")
    is_plain = pack is None and (as_markdown or not templates)
    chosen = None if is_plain else load_pack(pack, templates)
    model = CORE if chosen is None else chosen.model
    if not as_markdown:
        schema = manifest_schema() if is_of_manifest else case_schema(model)
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    elif model is CORE:
        packs = [load_pack(name, templates) for name in pack_names(templates)]
        text = case_page(CORE, [each for each in packs if each.model is CORE])
    else:
        text = case_page(model, [chosen] if chosen else [])
    if output is None:
        click.echo(text, nl=False)
    else:
        write_output(output, text.encode())
