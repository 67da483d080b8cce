"""`imrgen verify`: check whether letters are unaltered."""

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

import click

from imrgen.case import read
from imrgen.cli.options import (
    chosen_limits,
    complete_pack,
    count_of,
    host_options,
    limited_command,
    overrides_option,
    templates_option,
)
from imrgen.diagnostics import ManifestError, report
from imrgen.export import format_of, suffixes
from imrgen.verification import Verdict, VerdictOutcome, verify
from imrgen.workers import restart_clock, starts_workers

_DESCRIPTIONS: dict[VerdictOutcome, str] = {
    "identical": "identical: rendered again, it has the same bytes",
    "intact": "intact: unchanged since it was written",
    "same words": "same words, other bytes",
    "altered": "altered: changed since it was written",
    "foreign": "not a letter of imrgen's",
}
_EXIT_CODES: dict[VerdictOutcome, int] = {
    "identical": 0,
    "intact": 0,
    "altered": 1,
    "same words": 3,
    "foreign": 4,
}


@click.command(
    name="verify",
    epilog="\b\nExamples:\n"
    "  imrgen verify letters/case.pdf                     its seal, and its case file if attached\n"
    "  imrgen verify letters/case.pdf --case case.toml    render it again, and compare\n"
    "  imrgen verify letters/*.pdf --json\n"
    "  imrgen verify letters/                             a batch's manifest and all its files\n\n"
    "\b\nExit codes:\n"
    "  0  every letter is identical, or intact if there is no case file to render it again from\n"
    "  1  a letter is altered, or cannot be read\n"
    "  2  the command line is wrong\n"
    "  3  a letter has the same words in other bytes: other versions, pack or fonts made it\n"
    "  4  a file is not a letter of imrgen's; if there are several problems, the lowest code",
)
@limited_command
@click.argument(
    "letters", metavar="LETTER...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--case",
    "case",
    type=click.Path(),
    metavar="FILE",
    help="The case file that the letter was rendered from.",
)
@templates_option
@click.option(
    "--pack", metavar="NAME", shell_complete=complete_pack, help="The pack of a letter in text."
)
@click.option("--letter", "letter_name", metavar="NAME", help="The name of a letter in text.")
@click.option(
    "--recipient",
    type=click.IntRange(min=1),
    callback=lambda ctx, param, number: number or 0,
    metavar="N",
    help="The number of the recipient of a letter in text.",
)
@overrides_option
@host_options["context"]
@host_options["filters"]
@host_options["globals"]
@click.option(
    "--root",
    "roots",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="A root certificate to trust in signatures (PEM or DER). May be repeated.",
)
@click.option(
    "--show-values", is_flag=True, help="Show the words that differ; they may quote the case."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    letters: tuple[Path, ...],
    case: str | None,
    templates: tuple[str, ...],
    pack: str | None,
    letter_name: str | None,
    recipient: int,
    overrides: dict[str, str],
    context: dict[str, Any],
    filters: dict[str, str],
    globals: dict[str, str],  # noqa: A002 - as in `verify`
    roots: tuple[Path, ...],
    show_values: bool,
    as_json: bool,
) -> None:
    """Check whether letters are unaltered.

    A letter in HTML or PDF has a seal, which any change breaks. With its case file, named or
    attached, the letter is also rendered again and compared byte by byte and word by word. LETTER
    may be the folder of a batch: then the chain of its manifest and every file that it names are
    checked.
    """
    if case is not None and len(letters) > 1:
        raise click.UsageError("one case file makes one letter; verify the letters one by one")
    source = read(case) if case is not None else None
    trusted = [root.read_bytes() for root in roots]
    verdicts: list[tuple[Path, Verdict]] = []
    for path in letters:
        restart_clock()
        if path.is_dir():
            verdict = _verify_folder(path)
        elif format_of(path) is None:
            raise click.UsageError(f"{path}: expected a file that ends in one of {suffixes()}")
        else:
            verdict = verify(
                path,
                case=source,
                templates=templates,
                pack=pack,
                letter_name=letter_name,
                recipient=recipient,
                overrides=overrides,
                context=context,
                filters=filters,
                globals=globals,
                roots=trusted,
                # Without workers, within those of this process.
                limits=chosen_limits() if starts_workers() else None,
            )
        verdicts.append((path, verdict))
        if not as_json:
            _print(path, verdict, show_values)
    if as_json:
        plain = [_to_dict(path, verdict, show_values) for path, verdict in verdicts]
        click.echo(json.dumps(plain, indent=2, ensure_ascii=False))
    exit_codes = {_EXIT_CODES[verdict.outcome] for _, verdict in verdicts}
    sys.exit(min(exit_codes - {0}, default=0))


def _print(path: Path, verdict: Verdict, show_values: bool) -> None:
    count = f" ({count_of(_count_letters(path), 'letter')})" if path.is_dir() else ""
    click.echo(f"{path}: {_DESCRIPTIONS[verdict.outcome]}{count}")
    click.echo(report(verdict.reasons), nl=False)
    for signature in verdict.signatures:
        sound = "sound" if signature.sound else "not sound"
        trust = "trusted" if signature.trusted else "leads to no given root certificate"
        signer = f"{signature.signer} at {signature.time} (by the signer's clock)"
        click.echo(f"  signed by {signer}: {sound}; {trust}")
    if show_values and verdict.difference:
        in_file, again = verdict.difference
        click.echo(f"  in the file:    {in_file}\n  rendered again: {again}")


def _verify_folder(path: Path) -> Verdict:
    """Compare a batch's folder with its manifest."""
    from imrgen.batch import verify_folder  # takes 30 ms to import, and few need it

    diagnostics = tuple(verify_folder(path))
    return Verdict("altered" if diagnostics else "intact", diagnostics)


def _count_letters(folder: Path) -> int:
    """Count the letters of a batch's folder, as far as its manifest can be read."""
    from imrgen.batch import read_manifest
    from imrgen.batch.outputs import MANIFEST, open_target

    files = set()
    lines = io.BytesIO(open_target(str(folder)).manifest())
    with contextlib.suppress(ManifestError):
        for record, _, _ in read_manifest(lines, MANIFEST):
            files |= {record.file} if record.outcome == "made" else set()
    return len(files)


def _to_dict(path: Path, verdict: Verdict, show_values: bool) -> dict[str, Any]:
    difference = {"difference": verdict.difference} if show_values and verdict.difference else {}
    signatures = [
        {"signer": s.signer, "time": str(s.time), "sound": s.sound, "trusted": s.trusted}
        for s in verdict.signatures
    ]
    return {
        "letter": str(path),
        **({"letters": _count_letters(path)} if path.is_dir() else {}),
        "outcome": verdict.outcome,
        "reasons": [reason.to_dict() for reason in verdict.reasons],
        **({"signatures": signatures} if signatures else {}),
        **difference,
    }
