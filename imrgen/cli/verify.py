"""`imrgen verify`: whether a letter is as it was made."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from imrgen.case import read
from imrgen.cli.options import complete_pack, templates_option
from imrgen.diagnostics import report
from imrgen.export import format_of, suffixes
from imrgen.verification import Verdict, VerdictOutcome, verify

SAYS: dict[VerdictOutcome, str] = {
    "identical": "identical: made again, it is the same to the byte",
    "intact": "intact: as it was written",
    "same words": "same words, other bytes",
    "altered": "altered: not as it was made",
    "foreign": "not a letter of imrgen's",
}
EXITS: dict[VerdictOutcome, int] = {
    "identical": 0,
    "intact": 0,
    "altered": 1,
    "same words": 3,
    "foreign": 4,
}


@click.command(
    name="verify",
    epilog="\b\nExamples:\n"
    "  imrgen verify letters/case.pdf                     its seal, and its case file if it brings one\n"
    "  imrgen verify letters/case.pdf --case case.toml    make it again, and compare\n"
    "  imrgen verify letters/*.pdf --json\n"
    "  imrgen verify letters/                             a batch's manifest, and every file that it names\n\n"
    "\b\nExit codes:\n"
    "  0  every letter is identical, or intact where there is no case file to make it again of\n"
    "  1  a letter is altered, or cannot be read\n"
    "  2  the command line is at fault\n"
    "  3  a letter has the same words and other bytes: other versions, pack or fonts made it\n"
    "  4  a file is not a letter of imrgen's; of several faults, the lowest code is told",
)
@click.argument(
    "letters", metavar="LETTER...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--case",
    "case",
    type=click.Path(),
    metavar="FILE",
    help="The case file that the letter was made of.",
)
@templates_option
@click.option(
    "--pack", metavar="NAME", shell_complete=complete_pack, help="The pack of a letter in text."
)
@click.option(
    "--root",
    "roots",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="A certificate that signatures may lead to (PEM or DER). May be repeated.",
)
@click.option(
    "--show-values", is_flag=True, help="Show the words that differ; they may be the case's."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    letters: tuple[Path, ...],
    case: str | None,
    templates: tuple[str, ...],
    pack: str | None,
    roots: tuple[Path, ...],
    show_values: bool,
    as_json: bool,
) -> None:
    """Tell whether letters are as they were made.

    A letter in HTML or PDF holds a seal, which any change breaks. With its case file, named or
    attached, the letter is also made again and compared byte by byte and word by word. LETTER may
    be the folder of a batch: then the chain of its manifest and every file that it names are looked
    at.
    """
    if case is not None and len(letters) > 1:
        raise click.UsageError("one case file makes one letter; verify the letters one by one")
    source = read(case) if case is not None else None
    trusted = [root.read_bytes() for root in roots]
    told: list[dict[str, Any]] = []
    exits = set()
    for path in letters:
        if path.is_dir():
            verdict = _folder(path)
            exits.add(EXITS[verdict.outcome])
            told += _tell(path, verdict, show_values, as_json)
            continue
        if format_of(path) is None:
            raise click.UsageError(f"{path}: the suffix is none of {suffixes()}")
        verdict = verify(path, case=source, templates=templates, pack=pack, roots=trusted)
        exits.add(EXITS[verdict.outcome])
        told += _tell(path, verdict, show_values, as_json)
    if as_json:
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    sys.exit(min(exits - {0}, default=0))


def _tell(path: Path, verdict: Verdict, show_values: bool, as_json: bool) -> list[dict[str, Any]]:
    if as_json:
        return [_plain(path, verdict, show_values)]
    click.echo(f"{path}: {SAYS[verdict.outcome]}")
    click.echo(report(verdict.reasons), nl=False)
    for signature in verdict.signatures:
        sound = "sound" if signature.sound else "not sound"
        trust = "trusted" if signature.trusted else "leads to no root that was named"
        click.echo(
            f"  signed by {signature.signer} at {signature.time} (as its computer said): {sound}; {trust}"
        )
    if show_values and verdict.difference:
        click.echo(
            f"  in the file: {verdict.difference[0]}\n  made again:  {verdict.difference[1]}"
        )
    return []


def _folder(path: Path) -> Verdict:
    """Hold a batch's folder against its manifest."""
    from imrgen.batch import verify_folder

    found = tuple(verify_folder(path))
    return Verdict("altered" if found else "intact", found)


def _plain(path: Path, verdict: Verdict, show_values: bool) -> dict[str, Any]:
    difference = {"difference": verdict.difference} if show_values and verdict.difference else {}
    held = [
        {"signer": s.signer, "time": str(s.time), "sound": s.sound, "trusted": s.trusted}
        for s in verdict.signatures
    ]
    signed = {"signatures": held} if held else {}
    return {
        "letter": str(path),
        "outcome": verdict.outcome,
        "reasons": [reason.to_dict() for reason in verdict.reasons],
        **signed,
        **difference,
    }
