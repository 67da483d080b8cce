"""`imrgen plan`: what a change of templates does to every letter, before it does it."""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import msgspec

from imrgen.batch import Change, ComparedCase, PlanRun, PlanSettings
from imrgen.case import decode_text
from imrgen.cli import EXIT_CODES
from imrgen.cli.options import (
    Reporter,
    cases_argument,
    count_of,
    describe_left_out,
    letters_options,
    limits_if_given,
    limits_options,
)
from imrgen.cli.progress import progress
from imrgen.diagnostics import CaseError, Diagnostic, OptionError, codes
from imrgen.export import write
from imrgen.pack import MANIFEST, extract_revision
from imrgen.pipeline import Options
from imrgen.workers import Limits, limited, temporary_folder

_EXAMPLES = 3
_PAGES = {
    "more": "with more pages",
    "fewer": "with fewer pages",
    "moved": "with pages that begin elsewhere",
    "looks": "that look different",
}
_KINDS = {
    "words": "words changed",
    "refused": "refused now",
    "made": "refused no longer",
    "findings": "other findings",
    "style": "HTML or style sheets changed; pages were not set",
    "pages": "pages changed",
}


class Group(msgspec.Struct):
    """The letters that share a change.

    Args:
        change: The change.
        cases: How many cases have such a letter.
        ways: For pages, how many changed in which way.
        examples: The first cases.
    """

    change: Change
    cases: int = 0
    ways: Counter[str] = msgspec.field(default_factory=Counter)
    examples: list[str] = []

    def count(self, compared: ComparedCase, way: str) -> None:
        """Count a case."""
        self.cases += 1
        if way:
            self.ways[way] += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.append(compared.case.origin)

    @property
    def title(self) -> str:
        """What has changed, and where."""
        change = self.change
        places = " → ".join(dict.fromkeys(filter(None, (change.was, change.now))))
        ways = ", ".join(f"{self.ways[way]} {_PAGES[way]}" for way in _PAGES if self.ways[way])
        detail = places or ways
        return f"{_KINDS[change.kind]}{f': {detail}' if detail else ''}"

    def to_dict(self) -> dict[str, Any]:
        """Return it for a program."""
        return {
            "id": self.change.id,
            **msgspec.structs.asdict(self.change),
            "cases": self.cases,
            "ways": dict(self.ways),
            "examples": self.examples,
        }


class Plan(msgspec.Struct):
    """What becomes of all letters.

    Args:
        letters: How many letters were compared.
        changed: How many of them differ.
        cases: How many cases were compared.
        failed: How many cases could not be compared.
        groups: The changes, each with its letters.
    """

    letters: int = 0
    changed: int = 0
    cases: int = 0
    failed: int = 0
    groups: dict[Change, Group] = {}

    def count(self, compared: ComparedCase) -> None:
        """Count a case."""
        self.cases += 1
        self.failed += compared.failed
        self.letters += compared.letters
        self.changed += compared.changed
        for change, way in compared.changes:
            self.groups.setdefault(change, Group(change)).count(compared, way)

    def remaining(self, accepted: frozenset[str]) -> list[Group]:
        """Return the changes that were not accepted before, the most frequent first."""
        found = (group for group in self.groups.values() if group.change.id not in accepted)
        return sorted(found, key=lambda group: (-group.cases, group.change))

    def summary(self, accepted: frozenset[str]) -> str:
        """Return the counts in a sentence."""
        known = len(self.groups) - len(self.remaining(accepted))
        return "".join(
            (
                f"{count_of(len(self.groups), 'change')} in {self.changed} of ",
                f"{count_of(self.letters, 'letter')} of {count_of(self.cases, 'case')}",
                f"; {known} accepted before" if known else "",
                f"; {count_of(self.failed, 'case')} could not be compared" if self.failed else "",
            )
        )


@click.command(
    name="plan",
    epilog="\b\nExamples:\n"
    "  imrgen plan cases/ --templates acme --against git:main      what my edits change\n"
    "  imrgen plan cases/ --templates acme --against ../acme-1.2   from one version to the next\n"
    "  imrgen plan cases/ --pack acme --against pack:imr           from one pack to another\n"
    "  imrgen plan cases/ --templates acme --against git:main --output-format markdown\n\n"
    + EXIT_CODES.replace("a letter could not be rendered", "a letter changes"),
)
@cases_argument
@click.option(
    "--against",
    metavar="OLD",
    required=True,
    help="What the letters are compared with: git:REVISION for the templates as they are there, "
    "pack:NAME for another pack, or the folder of one.",
)
@letters_options
@click.option(
    "--no-pages",
    is_flag=True,
    help="Do not set PDFs where HTML or style sheets differ: faster, but moved page breaks and a "
    "changed look are not found.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Use N worker processes. Default: as many as cores, or none for a few cases.",
)
@limits_options(timeout=300)
@click.option(
    "--accept",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Leave out the changes that FILE lists, as --save has written them.",
)
@click.option(
    "--save",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write all changes to FILE, which accepts them with --accept.",
)
@click.option(
    "--output-format",
    type=click.Choice(["text", "json", "markdown", "github"]),
    default="text",
    show_default=True,
    help="How the changes are printed.",
)
def command(
    cases: tuple[str, ...],
    against: str,
    options: Options,
    letters: tuple[str, ...],
    no_pages: bool,
    jobs: int | None,
    timeout: float,
    memory: int,
    accept: Path | None,
    save: Path | None,
    output_format: str,
) -> None:
    """Show what a change of templates does to every letter.

    Each letter of each case is made with the templates as they were and as they are. Letters that
    change in the same way are one entry: the words that were lost and gained, with the template's
    line, the fields of the case in place of what they hold, and how many cases it is for. CASE is a
    case file, a folder, a glob, a .jsonl file, or - for standard input. No value of a case is
    printed. Letters are made without writing them. The exit code is 0 if nothing changes that was
    not accepted.
    """
    accepted = _read_accepted(accept)
    plan = Plan()
    reporter = Reporter("short", sys.stderr, False)
    missing: tuple[Diagnostic, ...] = ()
    with tempfile.TemporaryDirectory(dir=temporary_folder()) as folder:
        before = _earlier(options, against, Path(folder))
        settings = PlanSettings(before, options, letters, has_pages=not no_pages)
        with limited(Limits(timeout, memory)):  # templates are compiled here
            run = PlanRun(
                list(cases),
                settings,
                jobs=jobs,
                limits=limits_if_given(),
                standard=sys.stdin.buffer,
            )
        with progress(run, reporter) as display:
            for compared in run:
                display.update(compared)
                plan.count(compared)
                # What is missing for every case is reported once.
                found = [*(() if missing else compared.missing), *compared.diagnostics]
                missing = missing or compared.missing
                reporter.write(found, compared.case)
    reporter.close()
    if not plan.cases:
        raise CaseError.of(codes.NO_INPUT, "the input holds no case")
    click.echo(_WRITERS[output_format](plan, accepted), nl=False)
    if save is not None:
        write(save, "".join(_accepted_lines(plan)).encode())
    if output_format == "text":
        pages = "; pages were not set" if no_pages or missing else ""
        click.echo(f"{plan.summary(accepted)}{pages}{describe_left_out(run.left_out)}", err=True)
    sys.exit(1 if plan.remaining(accepted) or plan.failed else 0)


def _earlier(options: Options, against: str, folder: Path) -> Options:
    """Return the options of the letters as they were.

    Args:
        options: Those as they are.
        against: `git:REVISION`, `pack:NAME` or a folder.
        folder: Where the files of a revision are written.
    """
    kind, _, name = against.partition(":")
    if kind == "pack" and name:
        return msgspec.structs.replace(options, pack=name)
    if kind == "git" and name:
        if not options.templates:
            raise OptionError.of(
                codes.NOTHING_TO_COMPARE,
                "the templates of an installed pack are in no repository of yours",
                "name the folder of your templates with --templates",
            )
        templates = tuple(
            str(extract_revision(Path(path), name, folder / str(number)))
            for number, path in enumerate(options.templates)
        )
        return msgspec.structs.replace(options, templates=templates)
    if not Path(against).is_dir():
        raise OptionError.of(
            codes.NOTHING_TO_COMPARE,
            f"--against {against}: expected a folder, git:REVISION or pack:NAME",
        )
    is_pack = (Path(against) / MANIFEST).exists()
    kept = () if is_pack else options.templates[1:]
    return msgspec.structs.replace(
        options, templates=(against, *kept), pack=None if is_pack else options.pack
    )


def _read_accepted(file: Path | None) -> frozenset[str]:
    """Return the changes that a file lists: the first word of each line."""
    if file is None:
        return frozenset()
    lines = decode_text(file.read_bytes(), str(file), OptionError).splitlines()
    return frozenset(line.split()[0] for line in lines if line.strip() and line[0] != "#")


def _accepted_lines(plan: Plan) -> Iterator[str]:
    yield "# Changes of letters that were accepted; `imrgen plan --accept` leaves them out.\n"
    for group in plan.remaining(frozenset()):
        yield f"{group.change.id}  {group.change.letter}: {group.title}\n"


def _text(plan: Plan, accepted: frozenset[str]) -> str:
    lines = []
    for group in plan.remaining(accepted):
        change = group.change
        lines.append(f"{group.title}\n")
        lines += [f"  - {change.removed}\n"] if change.removed else []
        lines += [f"  + {change.added}\n"] if change.added else []
        cases = f"{count_of(group.cases, 'case')} of letter `{change.letter}`"
        lines.append(f"  {cases}, such as {', '.join(group.examples)}\n\n")
    return "".join(lines)


def _json(plan: Plan, accepted: frozenset[str]) -> str:
    found = {
        "cases": plan.cases,
        "failed": plan.failed,
        "letters": plan.letters,
        "changed": plan.changed,
        "accepted": len(plan.groups) - len(plan.remaining(accepted)),
        "changes": [group.to_dict() for group in plan.remaining(accepted)],
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _markdown(plan: Plan, accepted: frozenset[str]) -> str:
    groups = plan.remaining(accepted)
    head = f"**{plan.summary(accepted)}**\n"
    if not groups:
        return head
    rows = ["\n| cases | letter | change | was | is |\n", "|---:|---|---|---|---|\n"]
    for group in groups:
        change = group.change
        cells = (change.letter, group.title, change.removed, change.added)
        rows.append(f"| {group.cases} | {' | '.join(map(_cell, cells))} |\n")
    return head + "".join(rows)


def _cell(text: str) -> str:
    """Return a text in which nothing is a mark of Markdown's or HTML's."""
    marks = {ord(sign): f"\\{sign}" for sign in "\\`*_[]|~#"}
    return text.translate({**marks, ord("<"): "&lt;", ord("&"): "&amp;"})


def _github(plan: Plan, accepted: frozenset[str]) -> str:
    """Return commands of GitHub's, which annotate the templates."""
    lines = []
    for group in plan.remaining(accepted):
        change = group.change
        name, _, line = (change.now or change.was).rpartition(":")
        place = f" file={_escaped(name)},line={line}" if line.isdecimal() else ""
        words = [f"- {change.removed}"] if change.removed else []
        words += [f"+ {change.added}"] if change.added else []
        title = f"{group.title} ({count_of(group.cases, 'case')} of letter {change.letter})"
        lines.append(f"::notice{place}::{_escaped(chr(10).join([title, *words]))}\n")
    return "".join(lines)


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


_WRITERS: Mapping[str, Callable[[Plan, frozenset[str]], str]] = {
    "text": _text,
    "json": _json,
    "markdown": _markdown,
    "github": _github,
}
