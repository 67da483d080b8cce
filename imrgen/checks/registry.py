"""The registry of checks.

A check is a function with an id, a title, a severity, its source in law or guideline, and a manual
in its docstring: what it finds, why, an example that fails, and one that passes. It reads a
`Subject` and yields `Finding`s. An error is something that cannot be right; what a person should
look at is a warning. Where a check cannot decide, it reports nothing.

`@check` registers a check, and its id as a code. The built-in families are the modules of
`imrgen.checks.rules`; installed packages add theirs through entry points of the group
`imrgen.checks`, each naming a module. It is imported only where its checks are asked for: by a
selection (see `imrgen.checks.selection`), or in the list of all codes.
"""

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
        "content": "Checks: contents of a determination",
        "outcome": "Checks: decisions, votes and amounts",
        "dates": "Checks: dates and deadlines",
        "evidence": "Checks: guidelines and evidence",
        "consistency": "Checks: the worker and the disputed item",
        "confidentiality": "Checks: confidentiality",
        "characters": "Checks: characters",
        "damage": "Checks: damaged text",
    }.items()
}
"""The modules of the built-in checks, one for each family, in the order of their ids."""

BUILT_IN = "IMR"
"""What the ids of the built-in checks begin with, and those of installed packages do not."""

_INSTALLED = codes.Family("Checks of installed packages", "checks")


class Check(codes.Code, frozen=True, kw_only=True):
    """A check, which is also a code; created by `check`.

    Args:
        find: Reads a subject and yields findings; its docstring is the manual.
    """

    find: Callable[[Subject], Iterable[Finding]]


def check(
    id: str,  # noqa: A002 - it is the id
    title: str,
    severity: Severity,
    source: str,
) -> Callable[[Callable[[Subject], Iterable[Finding]]], Check]:
    """Return a decorator that makes a check of a function, and registers it.

    Args:
        id: `IMR` and three digits; the ids of an installed package begin otherwise.
        title: A few words.
        severity: The severity of its findings.
        source: The law, regulation or standard that it is based on.

    Raises:
        ValueError: The id is already registered, or is one of imrgen's own.
    """

    def register(find: Callable[[Subject], Iterable[Finding]]) -> Check:
        family = FAMILIES.get(find.__module__, _INSTALLED)
        if family is _INSTALLED and id.startswith(BUILT_IN):
            raise ValueError(f"the ids that begin with {BUILT_IN} are imrgen's own, such as {id}")
        registered = Check(id, title, severity, family, find.__doc__ or "", source, find=find)
        codes.register(registered)
        return registered

    return register


@functools.cache
def built_in_checks() -> tuple[Check, ...]:
    """Return the checks that come with imrgen, by id."""
    return tuple(check for check in _load(FAMILIES) if check.family is not _INSTALLED)


@functools.cache
def all_checks() -> tuple[Check, ...]:
    """Return all checks, the built-in ones and those of installed packages, by id.

    Raises:
        ValueError: Two checks have the same id.
    """
    return _load((*FAMILIES, *entry_point_modules("imrgen.checks")))


@functools.cache
def all_codes() -> Mapping[str, codes.Code]:
    """Return all codes by id, in the order of the ids, including those of checks."""
    all_checks()
    return dict(sorted(codes.registry.items()))


def _load(modules: Iterable[str]) -> tuple[Check, ...]:
    for name in modules:
        importlib.import_module(name)
    checks = (code for code in codes.registry.values() if isinstance(code, Check))
    return tuple(sorted(checks, key=lambda check: check.id))


def run_checks(subject: Subject, selection: Iterable[Check] | None = None) -> list[Diagnostic]:
    """Run checks and return their findings as diagnostics, in the order of the file.

    Args:
        subject: The case and its pack.
        selection: The checks to run; `None` for the built-in ones.
    """
    source = subject.case.source or NO_SOURCE
    diagnostics: list[Diagnostic] = []
    for check in built_in_checks() if selection is None else selection:
        for found in check.find(subject):
            fault = Fault(check.id, found.message, found.path, found.hints, start=found.start)
            diagnostic = source.diagnose(fault, found.length)
            severity = found.severity or check.severity
            diagnostics.append(msgspec.structs.replace(diagnostic, severity=severity))
    return in_file_order(diagnostics)
