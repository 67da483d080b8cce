"""What `imrgen plan` and `imrgen review` share: two states of letters compared over many cases."""

from __future__ import annotations

import contextlib
import functools
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from imrgen.batch import (
    FolderPlan,
    Plan,
    PlanRun,
    PlanSettings,
    is_batch_folder,
    is_folder_of_letters,
)
from imrgen.case import decode_text
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

_HEAD = "# Changes of letters that were accepted; `imrgen plan --accept` leaves them out.\n"

_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--against",
        metavar="OLD",
        required=True,
        help="What the letters are compared with: git:REVISION for the templates as they are "
        "there, pack:NAME for another pack, the folder of one, or the folder that a batch has "
        "written. If CASE is a folder of letters itself, another one.",
    ),
    letters_options,
    click.option(
        "--no-pages",
        is_flag=True,
        help="Do not set PDFs where HTML or style sheets differ: faster, but moved page breaks "
        "and a changed look are not found.",
    ),
    click.option(
        "--jobs",
        type=click.IntRange(min=1),
        metavar="N",
        help="Use N worker processes. Default: as many as cores, or none for a few cases.",
    ),
    limits_options(timeout=300),
    click.option(
        "--resume",
        type=click.Path(dir_okay=False),
        metavar="FILE",
        help="Keep in FILE what was compared, and go on from there if FILE is there already.",
    ),
)


class Comparison(msgspec.Struct):
    """Letters that were compared.

    Args:
        plan: What becomes of them.
        run: What has compared them.
        notes: What was not done, for the end of a summary.
        letters: By case, the changes of its letters: where they are wanted.
    """

    plan: Plan
    run: PlanRun | FolderPlan
    notes: str = ""
    letters: dict[str, list[tuple[str, str]]] = {}

    def summary(self, accepted: frozenset[str]) -> str:
        """Return the counts in a sentence."""
        return summary(self.plan, accepted) + self.notes


def comparison_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a comparison; the command is given a function that makes it.

    The command receives it as `compare`, and the options of the letters as `options`.
    """

    @functools.wraps(command)
    def with_comparison(
        cases: tuple[str, ...],
        against: str,
        options: Options,
        letters: tuple[str, ...],
        no_pages: bool,
        jobs: int | None,
        timeout: float,
        memory: int,
        resume: str | None,
        **values: Any,
    ) -> Any:
        @contextlib.contextmanager
        def compare(*, shows_values: bool) -> Iterator[Comparison]:
            limits = Limits(timeout, memory)
            with tempfile.TemporaryDirectory(dir=temporary_folder()) as folder:
                run: PlanRun | FolderPlan
                if len(cases) == 1 and is_folder_of_letters(cases[0]):
                    _refuse_hidden(shows_values)
                    if resume is not None:
                        raise click.UsageError(
                            "--resume is for letters that are made, not for two folders of them"
                        )
                    run = FolderPlan(against, cases[0], has_pages=not no_pages, limits=limits)
                else:
                    before = _earlier(options, against, Path(folder))
                    settings = PlanSettings(before, options, letters, not no_pages, resume)
                    with limited(limits):  # templates are compiled here
                        run = PlanRun(
                            list(cases),
                            settings,
                            jobs=jobs,
                            limits=limits_if_given(),
                            standard=sys.stdin.buffer,
                        )
                yield _compared(run, no_pages=no_pages)

        return command(cases=cases, compare=compare, options=options, **values)

    wrapped: Callable[..., Any] = with_comparison
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return cases_argument(wrapped)


def _compared(run: PlanRun | FolderPlan, *, no_pages: bool) -> Comparison:
    plan = Plan()
    letters: dict[str, list[tuple[str, str]]] = {}
    reporter = Reporter("short", sys.stderr, False)
    missing: tuple[Diagnostic, ...] = ()
    with progress(run, reporter) as display:
        for compared in run:
            display.update(compared)
            plan.count(compared)
            if compared.changes:
                letters[compared.case.origin] = [
                    (change.letter, change.id) for change, _ in compared.changes
                ]
            # What is missing for every case is reported once.
            found = [*(() if missing else compared.missing), *compared.diagnostics]
            missing = missing or compared.missing
            reporter.write(found, compared.case)
    reporter.close()
    if not plan.cases:
        raise CaseError.of(codes.NO_INPUT, "the input holds no case")
    pages = "; pages were not set" if no_pages or missing else ""
    return Comparison(plan, run, f"{pages}{describe_left_out(run.left_out)}", letters)


def _refuse_hidden(shows_values: bool) -> None:
    if not shows_values:
        raise OptionError.of(
            codes.NOTHING_TO_COMPARE,
            "nobody knows which words of finished letters are a case's, so they cannot be hidden",
            "add --show-values, and treat the output as confidentially as the letters",
        )


def summary(plan: Plan, accepted: frozenset[str]) -> str:
    """Return the counts of a plan in a sentence.

    Args:
        plan: The plan.
        accepted: The changes that were accepted before.
    """
    known = len(plan.groups) - len(plan.remaining(accepted))
    return "".join(
        (
            f"{count_of(len(plan.groups), 'change')} in {plan.changed} of ",
            f"{count_of(plan.letters, 'letter')} of {count_of(plan.cases, 'case')}",
            f"; {known} accepted before" if known else "",
            f"; {count_of(plan.refused, 'letter')} refused before and after"
            if plan.refused
            else "",
            f"; {count_of(plan.failed, 'case')} could not be compared" if plan.failed else "",
        )
    )


def _earlier(options: Options, against: str, folder: Path) -> Options | str:
    """Return the options of the letters as they were, or the folder of a batch.

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
    if is_batch_folder(against):
        return against
    is_pack = (Path(against) / MANIFEST).exists()
    if not is_pack and is_folder_of_letters(against):
        raise OptionError.of(
            codes.NOTHING_TO_COMPARE,
            f"--against {against}: this folder of letters has no manifest.jsonl, so nobody knows "
            "which case a letter is of",
            "compare with the folder that `imrgen batch` wrote, or name another folder of letters "
            "in place of the cases",
        )
    kept = () if is_pack else options.templates[1:]
    return msgspec.structs.replace(
        options, templates=(against, *kept), pack=None if is_pack else options.pack
    )


def read_accepted(file: Path | None) -> frozenset[str]:
    """Return the changes that a file lists: the first word of each line.

    Args:
        file: The file; `None` for none.
    """
    if file is None:
        return frozenset()
    lines = decode_text(file.read_bytes(), str(file), OptionError).splitlines()
    return frozenset(line.split()[0] for line in lines if line.strip() and line[0] != "#")


def write_accepted(file: Path, plan: Plan, accepted: Iterable[str]) -> None:
    """Write the changes that are accepted; those of an earlier plan stay.

    Args:
        file: The file.
        plan: What becomes of the letters.
        accepted: The changes.
    """
    titles = {
        group.change.id: f"  {group.change.letter}: {group.title}" for group in plan.remaining()
    }
    earlier = decode_text(file.read_bytes(), str(file), OptionError) if file.is_file() else _HEAD
    known = {line.split()[0] for line in earlier.splitlines() if line.strip()}
    added = [f"{each}{titles.get(each, '')}\n" for each in accepted if each not in known]
    end = "" if earlier.endswith("\n") else "\n"
    write(file, "".join([earlier, end, *added]).encode())
