"""Checks: what a person would look for before a letter is issued.

A check is a function with an id, a title, a severity, its source in law or guideline, and a manual
in its docstring: what it finds, why, an example that fails, and one that passes. It reads a
`Subject` and yields `Finding`s. An error is reserved for what cannot be right; what a person should
look at is a warning. Where a check cannot tell, it is silent.

The families stand in the modules beside this one. Installed packages add theirs through entry
points of the group `imrgen.checks`, each naming a module: both enter by the same door, which takes
every `Check` that a module holds.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterable
from typing import Literal

import msgspec

from imrgen.case import NO_SOURCE, Fault
from imrgen.checks.subject import Finding, Subject
from imrgen.diagnostics import Diagnostic, Severity, in_file_order
from imrgen.pack import modules

FAMILIES = (
    "content",
    "outcome",
    "dates",
    "evidence",
    "consistency",
    "confidentiality",
    "characters",
)
"""The modules of this package that hold checks, in the order of their ids."""


class Check(msgspec.Struct, frozen=True):
    """A check; made with `check`.

    Args:
        id: `IMR` and three digits.
        title: A few words.
        severity: `error` stops the letter, `warning` does not.
        source: The law, regulation or standard it comes from.
        find: Reads a subject and yields what it found.
    """

    id: str
    title: str
    severity: Severity
    source: str
    find: Callable[[Subject], Iterable[Finding]]

    @property
    def manual(self) -> str:
        """The docstring of the check's function: what, why, an example that fails, one that passes."""
        import inspect

        return inspect.getdoc(self.find) or ""


def check(
    id: str,  # noqa: A002 - it is the id
    title: str,
    severity: Literal["error", "warning"],
    source: str,
) -> Callable[[Callable[[Subject], Iterable[Finding]]], Check]:
    """Make a check of a function.

    Args:
        id: `IMR` and three digits.
        title: A few words.
        severity: The weight of its findings.
        source: The law, regulation or standard it comes from.
    """

    def made(find: Callable[[Subject], Iterable[Finding]]) -> Check:
        return Check(id, title, severity, source, find)

    return made


@functools.cache
def all_checks() -> tuple[Check, ...]:
    """Give all checks, the built-in ones and those of installed packages, by id.

    Raises:
        ValueError: Two checks have one id.
    """
    names = [*(f"imrgen.checks.rules.{family}" for family in FAMILIES), *modules("imrgen.checks")]
    found = [
        value
        for module in map(importlib.import_module, names)
        for value in vars(module).values()
        if isinstance(value, Check)
    ]
    ids = [each.id for each in found]
    if len(set(ids)) < len(ids):
        raise ValueError(
            f"two checks have one id: {sorted(i for i in set(ids) if ids.count(i) > 1)}"
        )
    return tuple(sorted(found, key=lambda each: each.id))


def run_checks(subject: Subject, chosen: Iterable[Check] | None = None) -> list[Diagnostic]:
    """Run checks and give what they found, in the order of the file.

    Args:
        subject: What to look at.
        chosen: The checks; `None` for all.
    """
    source = subject.case.source or NO_SOURCE
    found: list[Diagnostic] = []
    for each in all_checks() if chosen is None else chosen:
        for finding in each.find(subject):
            fault = Fault(
                each.id, finding.message, finding.path, finding.hints, start=finding.start
            )
            diagnostic = source.diagnose(fault, finding.length)
            found.append(
                msgspec.structs.replace(diagnostic, severity=finding.severity or each.severity)
            )
    return in_file_order(found)
