"""`imrgen new`: write an example case file to start from."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import click
import tomli

from imrgen.cli.options import RENDERING, complete_letter, templates_option
from imrgen.cli.output import write_output
from imrgen.cli.starter import starter_of
from imrgen.diagnostics import LibraryError, codes
from imrgen.export import write_to
from imrgen.pack import ALL_LETTERS, TemplatePack, load_pack


@click.command(
    name="new",
    epilog="\b\nExamples:\n"
    "  imrgen new case.toml      with comments\n"
    "  imrgen new case.json      without, since JSON has none\n"
    "  imrgen new case.toml --templates acme      with the fields of a pack\n"
    "  imrgen new cases --random 100 --templates acme      invented cases, for tests",
)
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@RENDERING["pack"]
@templates_option
@click.option(
    "--random",
    "count",
    type=click.IntRange(1, 100_000),
    metavar="N",
    help="Write N invented cases into the folder FILE. The first of them cover the most of the "
    "pack's templates and fields. It needs: pip install 'imrgen[testing]'.",
)
@click.option(
    "--seed",
    type=int,
    metavar="NUMBER",
    help="The same number gives the same invented cases, with the same versions. Default: 0.",
)
@click.option(
    "--letter",
    "letters",
    multiple=True,
    metavar="NAME",
    shell_complete=complete_letter,
    help="The letters that can be made of each invented case. May be repeated. Default: all.",
)
def command(
    path: Path,
    pack: str | None,
    templates: tuple[Path, ...],
    count: int | None,
    seed: int | None,
    letters: tuple[str, ...],
) -> None:
    """Write an example case file with comments; it can be rendered as it is.

    With --random, write a folder of invented cases, short and long, with odd characters, for tests
    of a pack. Nobody in them exists, and no check finds an error in them; what else checks warn of
    is in them on purpose.
    """
    if count is None and (letters or seed is not None):
        raise click.UsageError("--seed and --letter are for invented cases: add --random N")
    if path.exists() and not (count and path.is_dir() and not any(path.iterdir())):
        raise click.UsageError(f"{path} exists; choose another name")
    found = load_pack(pack, templates)
    if count is not None:
        _write_invented(path, found, count, seed or 0, letters or (ALL_LETTERS,))
        return
    text = starter_of(found)
    suffix = path.suffix.lower()
    if suffix == ".json":
        text = json.dumps(tomli.loads(text), indent=2, ensure_ascii=False, default=str) + "\n"
    elif suffix != ".toml":
        raise click.UsageError(f"{path}: expected a name that ends in .toml or .json")
    write_output(path, text.encode())


def _write_invented(
    folder: Path, pack: TemplatePack, count: int, seed: int, letters: tuple[str, ...]
) -> None:
    """Write invented cases into a folder.

    Raises:
        LibraryError: Hypothesis is not installed.
    """
    if importlib.util.find_spec("hypothesis") is None:
        raise LibraryError.of(
            codes.EXTRA_MISSING,
            "invented cases need Hypothesis, which is not installed",
            "install it with `pip install 'imrgen[testing]'`",
        )
    from imrgen.testing import invent  # it loads Hypothesis

    cases = invent(pack, count, seed, letters=letters)
    folder.mkdir(parents=True, exist_ok=True)
    width = max(4, len(str(count)))
    for number, case in enumerate(cases, start=1):
        write_to(folder / f"case-{number:0{width}}.toml", case.text.encode())
    click.echo(str(folder))
