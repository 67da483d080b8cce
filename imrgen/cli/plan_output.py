"""The changes of letters as text, JSON, Markdown, or annotations of GitHub's."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from imrgen.batch import Change, Detail, Group, Plan
from imrgen.cli.comparison import summary
from imrgen.cli.options import count_of

_Details = Mapping[Change, Detail]


def as_text(plan: Plan, accepted: frozenset[str], details: _Details, _: tuple[str, ...]) -> str:
    """Return the changes for people."""
    return "".join(
        f"{describe(group, details.get(group.change))}\n" for group in plan.remaining(accepted)
    )


def describe(group: Group, detail: Detail | None = None) -> str:
    """Return a change for people.

    Args:
        group: The change.
        detail: An example in full, which is confidential like the case; `None` for none.
    """
    change = group.change
    lines = [group.title]
    lines += [f"  - {change.removed}"] if change.removed else []
    lines += [f"  + {change.added}"] if change.added else []
    lines.append(
        f"  {count_of(group.cases, 'case')} of letter `{change.letter}`, "
        f"such as {', '.join(group.examples)}"
    )
    lines += [f"  {group.pages}"] if group.pages else []
    for words in detail.words if detail else ():
        lost = [f"[-{words.removed}-]"] if words.removed else []
        gained = [f"{{+{words.added}+}}"] if words.added else []
        lines.append(f"  > {' '.join([words.before, *lost, *gained, words.after])}")
    return "".join(f"{line}\n" for line in lines)


def _json(plan: Plan, accepted: frozenset[str], details: _Details, _: tuple[str, ...]) -> str:
    found = {
        "cases": plan.cases,
        "failed": plan.failed,
        "letters": plan.letters,
        "changed": plan.changed,
        "refused": plan.refused,
        "accepted": len(plan.groups) - len(plan.remaining(accepted)),
        "changes": [
            as_data(group, details.get(group.change)) for group in plan.remaining(accepted)
        ],
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def as_data(group: Group, detail: Detail | None = None) -> dict[str, object]:
    """Return a change for programs.

    Args:
        group: The change.
        detail: An example in full, which is confidential like the case; `None` for none.
    """
    words = {"words": [*map(msgspec.structs.asdict, detail.words)]} if detail else {}
    return group.to_dict() | words


def _markdown(
    plan: Plan, accepted: frozenset[str], details: _Details, templates: tuple[str, ...]
) -> str:
    groups = plan.remaining(accepted)
    head = f"**{summary(plan, accepted)}**\n"
    if not groups:
        return head
    rows = ["\n| cases | letter | change | was | is |\n", "|---:|---|---|---|---|\n"]
    for group in groups:
        change = group.change
        title = "; ".join(filter(None, (group.title, group.pages)))
        removed, added = change.removed, change.added
        detail = details.get(change)
        if detail is not None and detail.words:
            removed, added = detail.words[0].removed, detail.words[0].added
        cells = (change.letter, title, removed, added)
        rows.append(f"| {group.cases} | {' | '.join(map(_cell, cells))} |\n")
    return head + "".join(rows)


def _cell(text: str) -> str:
    """Return a text in which nothing is a mark of Markdown's or HTML's, or calls somebody."""
    marks = {ord(sign): f"\\{sign}" for sign in "\\`*_[]|~#"}
    entities = {ord(sign): f"&#{ord(sign)};" for sign in "<>&@"}
    return text.translate({**marks, **entities})


def _github(
    plan: Plan, accepted: frozenset[str], details: _Details, templates: tuple[str, ...]
) -> str:
    """Return commands of GitHub's, which annotate the templates."""
    lines = []
    for group in plan.remaining(accepted):
        change = group.change
        name, line = change.place
        file = next(_files(name, templates), None)
        place = f" file={_property(file)},line={line or 1}" if file else ""
        words = [f"- {change.removed}"] if change.removed else []
        words += [f"+ {change.added}"] if change.added else []
        title = f"{group.title} ({count_of(group.cases, 'case')} of letter {change.letter})"
        parts = [title, *words, *([group.pages] if group.pages else [])]
        lines.append(f"::notice{place}::{_escaped(chr(10).join(parts))}\n")
    return "".join(lines)


def _files(name: str, templates: tuple[str, ...]) -> Iterator[str]:
    """Yield the files of a template's name, as seen from the current folder."""
    for folder in templates:
        path = Path(folder) / name
        if path.is_file():
            yield os.path.relpath(path)


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


WRITERS: Mapping[str, Callable[[Plan, frozenset[str], _Details, tuple[str, ...]], str]] = {
    "text": as_text,
    "json": _json,
    "markdown": _markdown,
    "github": _github,
}
"""How a plan is written, by the name of the format."""
