"""`imrgen review`: the changes of letters one by one, to accept those that are meant."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import click
import msgspec

from imrgen.batch import Change, Detail, Group
from imrgen.cli import EXIT_CODES
from imrgen.cli.comparison import Comparison, comparison_options, read_accepted, write_accepted
from imrgen.cli.plan_output import as_data, describe
from imrgen.cli.snapshots import update_snapshots
from imrgen.pipeline import Options

_ACCEPTED = "accepted-changes.txt"
_KEYS = """\
  a  accept: it is meant
  r  reject: it is to be corrected
  s  skip it for now
  w  show an example in full, which is confidential like the case
  o  open the example in the preview
  q  end; what was accepted stays accepted
"""


class _Decisions(msgspec.Struct):
    """What was decided of the changes.

    Args:
        accepted: The changes that are meant.
        rejected: Those that are to be corrected.
        skipped: How many were left for another time.
    """

    accepted: list[Group] = []
    rejected: list[Group] = []
    skipped: int = 0


@click.command(
    name="review",
    epilog="\b\nExamples:\n"
    "  imrgen review cases/ --templates acme --against git:main\n"
    "  imrgen review tests/cases --templates acme --against git:main --tests tests\n"
    "  imrgen review cases/ --templates acme --against git:main --list --json\n"
    "  imrgen review cases/ --templates acme --against git:main --accept 6f1c2ab09d3e\n\n"
    + EXIT_CODES.replace("a letter could not be rendered", "a change is not accepted"),
)
@comparison_options
@click.option(
    "--accepted",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=_ACCEPTED,
    show_default=True,
    metavar="FILE",
    help="The list of accepted changes, which `imrgen plan --accept` leaves out.",
)
@click.option(
    "--list", "only_list", is_flag=True, help="Only list the changes that are not accepted."
)
@click.option("--json", "as_json", is_flag=True, help="With --list: as JSON.")
@click.option(
    "--show-values",
    is_flag=True,
    help="Show an example of each change in full, and the words of finished letters; the output is "
    "then as confidential as the case.",
)
@click.option("--accept-all", is_flag=True, help="Accept all changes, without asking.")
@click.option(
    "--accept",
    "wanted",
    multiple=True,
    metavar="ID",
    help="Accept the change with this id, without asking. May be repeated.",
)
@click.option(
    "--tests",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="The folder of the pack's tests, whose code is run: once all changes of a letter of a "
    "case in it are accepted, its snapshots are written.",
)
def command(
    cases: tuple[str, ...],
    compare: Callable[..., AbstractContextManager[Comparison]],
    options: Options,
    file: Path,
    only_list: bool,
    as_json: bool,
    show_values: bool,
    accept_all: bool,
    wanted: tuple[str, ...],
    tests: Path | None,
) -> None:
    """Go through what a change of templates does to letters, and accept what is meant.

    The changes are those of `imrgen plan`, the most frequent first. One key decides about each:
    accept, reject, or skip. What is accepted is written to a list, with which `imrgen plan
    --accept` and this command leave it out from then on. Without a terminal, say what to do with
    --list, --accept or --accept-all. The exit code is 0 once all changes are accepted.
    """
    if as_json and not only_list:
        raise click.UsageError("--json is for --list")
    if sum((only_list, accept_all, bool(wanted))) > 1:
        raise click.UsageError("choose one of --list, --accept-all and --accept")
    asks = not (only_list or accept_all or wanted)
    if asks and not sys.stdin.isatty():
        raise click.UsageError(
            "standard input is not a terminal; write --list, --accept ID or --accept-all"
        )
    accepted = read_accepted(file if file.is_file() else None)
    with compare(shows_values=asks or show_values) as compared:
        groups = compared.plan.remaining(accepted)
        if only_list:
            details = compared.run.details(groups, has_pictures=False) if show_values else {}
            _list(groups, details, as_json)
            sys.exit(1 if groups or compared.plan.failed else 0)
        if asks:
            decisions = _ask(compared, groups, file, options, shows_values=show_values)
        else:
            chosen = groups if accept_all else _chosen(groups, wanted, accepted)
            rest = len(groups) - len(chosen)
            decisions = _Decisions(chosen, [], rest)
            write_accepted(file, compared.plan, [group.change.id for group in chosen])
    click.echo(
        f"{len(decisions.accepted)} accepted, {len(decisions.rejected)} rejected, "
        f"{decisions.skipped} left; {compared.summary(accepted)}",
        err=True,
    )
    if decisions.rejected:
        click.echo("to be corrected:", err=True)
    for group in decisions.rejected:
        click.echo(f"  {group.title}", err=True)
    known = accepted | {group.change.id for group in decisions.accepted}
    are_written = tests is None or update_snapshots(tests, compared.letters, known)
    is_done = not decisions.rejected and not decisions.skipped and not compared.plan.failed
    sys.exit(0 if is_done and are_written else 1)


def _list(groups: Sequence[Group], details: Mapping[Change, Detail], as_json: bool) -> None:
    if as_json:
        listed = [as_data(group, details.get(group.change)) for group in groups]
        click.echo(json.dumps(listed, indent=2, ensure_ascii=False))
        return
    for group in groups:
        click.echo(f"{group.change.id}  {describe(group, details.get(group.change))}")


def _chosen(
    groups: Sequence[Group], wanted: Sequence[str], accepted: frozenset[str]
) -> list[Group]:
    """Return the changes that are named; one that was accepted before is none to accept."""
    by_id = {group.change.id: group for group in groups}
    unknown = [each for each in wanted if each not in by_id and each not in accepted]
    if unknown:
        raise click.BadParameter(
            f"there is no change {', '.join(unknown)}; --list shows those there are",
            param_hint="--accept",
        )
    return [by_id[each] for each in dict.fromkeys(wanted) if each in by_id]


def _ask(
    compared: Comparison,
    groups: Sequence[Group],
    file: Path,
    options: Options,
    *,
    shows_values: bool,
) -> _Decisions:
    """Ask about each change; what is accepted is written at once."""
    decisions = _Decisions()
    for number, group in enumerate(groups, 1):
        example = (
            compared.run.details([group], has_pictures=False)[group.change]
            if shows_values
            else None
        )
        click.echo(f"\n{number} of {len(groups)}: {describe(group, example)}", nl=False)
        key = _decision(compared, group, options)
        if key == "q":
            decisions.skipped += len(groups) - number + 1
            break
        if key == "a":
            write_accepted(file, compared.plan, [group.change.id])
            decisions.accepted.append(group)
        elif key == "r":
            decisions.rejected.append(group)
        else:
            decisions.skipped += 1
    return decisions


def _decision(compared: Comparison, group: Group, options: Options) -> str:
    """Return the key that decides about a change."""
    while True:
        click.echo("accept, reject, skip, words, open, quit? [arswoq?] ", nl=False)
        try:
            key = click.getchar().lower()
        except (EOFError, KeyboardInterrupt):
            key = "q"
        click.echo(key if key.isprintable() else "")
        if key in ("a", "r", "s", "q"):
            return key
        if key == "w":
            details = compared.run.details([group], has_pictures=False)
            click.echo(describe(group, details[group.change]), nl=False)
        elif key == "o":
            _open(group, options)
        else:
            click.echo(_KEYS, nl=False)


def _open(group: Group, options: Options) -> None:
    """Show the example of a change in the preview, until Ctrl-C ends that."""
    example = group.example
    if example is None or example.line or not Path(example.name).is_file():
        click.echo("the example is no case file of its own, which the preview could show")
        return
    arguments = ["preview", example.name, "--letter", group.change.letter]
    arguments += [part for each in options.templates for part in ("--templates", each)]
    arguments += ["--pack", options.pack] if options.pack else []
    arguments += [part for key, text in options.overrides for part in ("--set", f"{key}={text}")]
    arguments += ["--draft"] if options.draft else []
    command = [sys.executable, "-m", "imrgen", *arguments]
    with _uninterrupted(), subprocess.Popen(command) as preview:  # noqa: S603 - no shell
        preview.wait()


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Leave Ctrl-C to the program that is started, which ends by it."""
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
