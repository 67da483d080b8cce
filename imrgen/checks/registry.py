"""Checks: what a person would look for before a letter is issued.

A check is a function with an id, a title, a severity, its source in law or guideline, and a manual
in its docstring: what it finds, why, an example that fails, and one that passes. It reads a
`Subject` and yields `Finding`s. An error is reserved for what cannot be right; what a person should
look at is a warning. Where a check cannot tell, it is silent.

`@check` registers a check, and its id as a code. The built-in families are the modules of
`imrgen.checks.rules`; installed packages add theirs through entry points of the group
`imrgen.checks`, each naming a module, which is imported.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterable, Mapping

import msgspec

from imrgen.case import NO_SOURCE, Fault
from imrgen.checks.subject import Finding, Subject
from imrgen.diagnostics import Diagnostic, Severity, codes, in_file_order
from imrgen.pack import entry_point_modules

FAMILIES = {
    f"imrgen.checks.rules.{name}": codes.Family(title, "checks")
    for name, title in {
        "content": "Checks: what a determination must hold",
        "outcome": "Checks: decisions, votes and amounts",
        "dates": "Checks: dates and deadlines",
        "evidence": "Checks: guidelines and evidence",
        "consistency": "Checks: the worker and the disputed item",
        "confidentiality": "Checks: confidentiality",
        "characters": "Checks: characters",
    }.items()
}
"""The modules that hold the built-in checks, a family each, in the order of their ids."""

_INSTALLED = codes.Family("Checks of installed packages", "checks")


class Check(codes.Code, frozen=True, kw_only=True):
    """A check, which is a code, too; made with `check`.

    Args:
        find: Reads a subject and yields what it found; its docstring is the manual.
    """

    find: Callable[[Subject], Iterable[Finding]]


def check(
    id: str,  # noqa: A002 - it is the id
    title: str,
    severity: Severity,
    source: str,
) -> Callable[[Callable[[Subject], Iterable[Finding]]], Check]:
    """Make a check of a function, and register it.

    Args:
        id: `IMR` and three digits, or an id of the package's own.
        title: A few words.
        severity: The weight of its findings.
        source: The law, regulation or standard it comes from.

    Raises:
        ValueError: The id is registered already.
    """

    def register(find: Callable[[Subject], Iterable[Finding]]) -> Check:
        family = FAMILIES.get(find.__module__, _INSTALLED)
        made = Check(id, title, severity, family, find.__doc__ or "", source, find=find)
        codes.register(made)
        return made

    return register


@functools.cache
def all_checks() -> tuple[Check, ...]:
    """Return all checks, the built-in ones and those of installed packages, by id.

    Raises:
        ValueError: Two checks have one id.
    """
    for name in (*FAMILIES, *entry_point_modules("imrgen.checks")):
        importlib.import_module(name)
    found = (code for code in codes.registry.values() if isinstance(code, Check))
    return tuple(sorted(found, key=lambda each: each.id))


@functools.cache
def all_codes() -> Mapping[str, codes.Code]:
    """Return all codes by id, in the order of the ids, those of checks included."""
    all_checks()
    return dict(sorted(codes.registry.items()))


def run_checks(subject: Subject, chosen: Iterable[Check] | None = None) -> list[Diagnostic]:
    """Run checks and return their findings as diagnostics, in the order of the file.

    Args:
        subject: The case and its pack.
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
