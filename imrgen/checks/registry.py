"""The registry of checks.

A check is a function with an id, a title, a severity, its source in law or guideline, and a manual
in its docstring: what it finds, why, an example that fails, and one that passes. It reads a
`Subject` and yields `Finding`s. An error is something that cannot be right; what a person should
look at is a warning. Where a check cannot decide, it reports nothing.

`@check` registers a check, and its id as a code. Each check belongs to a family, by its module. The
built-in families are the modules of `imrgen.checks.rules`; those of installed packages are modules
that entry points of the group `imrgen.checks` name. A module is imported only where its checks are
asked for: by a pack or a selection (see `imrgen.checks.selection`), or in the list of all codes.
"""

import functools
import importlib
from collections.abc import Callable, Iterable, Mapping

import msgspec

from imrgen.case import NO_SOURCE, Fault
from imrgen.checks.subject import Finding, Subject
from imrgen.diagnostics import Diagnostic, Severity, UnknownNameError, codes, in_file_order, nearest

_RULES = "imrgen.checks.rules."
FAMILIES = {
    name: codes.Family(f"Checks of family `{name}`: {about}", "checks", name)
    for name, about in {
        "general": "any letter",
        "medical": "decisions on the medical necessity of treatment",
        "confidentiality": "letters that are published",
        "california": "Independent Medical Review in California",
    }.items()
}
"""The built-in families by name."""

BUILT_IN = "IMR"
"""What the ids of the built-in checks begin with, and those of installed packages do not."""


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
        family = _family_of(find.__module__)
        if family.name not in FAMILIES and id.startswith(BUILT_IN):
            raise ValueError(f"the ids that begin with {BUILT_IN} are imrgen's own, such as {id}")
        registered = Check(id, title, severity, family, find.__doc__ or "", source, find=find)
        codes.register(registered)
        return registered

    return register


def _family_of(module: str) -> codes.Family:
    if module.startswith(_RULES):
        return FAMILIES[module.removeprefix(_RULES).partition(".")[0]]
    modules = _installed_families().items()
    names = [name for name, each in modules if f"{module}.".startswith(f"{each}.")]
    about = f"Checks of family `{names[0]}`, of an installed package" if names else "Other checks"
    return codes.Family(about, "checks", *names[:1])


@functools.cache
def _installed_families() -> Mapping[str, str]:
    """Map the families of installed packages to their modules."""
    from imrgen.pack import entry_point_modules  # few letters ask for such a family

    return dict(entry_point_modules("imrgen.checks"))


@functools.cache
def family_checks(name: str) -> tuple[Check, ...]:
    """Return the checks of a family, by id.

    Raises:
        UnknownNameError: There is no such family.
        ValueError: Two checks have the same id.
    """
    module = f"{_RULES}{name}" if name in FAMILIES else _installed_families().get(name)
    if module is None:
        families = [*FAMILIES, *_installed_families()]
        hints = nearest(name, families) or (f"the families are: {', '.join(families)}",)
        message = f"there is no family of checks `{name}`"
        raise UnknownNameError.of(codes.UNKNOWN_CHECK, message, *hints)
    importlib.import_module(module)
    registered = (code for code in codes.registry.values() if isinstance(code, Check))
    members = (check for check in registered if check.family.name == name)
    return tuple(sorted(members, key=lambda check: check.id))


@functools.cache
def built_in_checks() -> tuple[Check, ...]:
    """Return the checks that come with imrgen, by id."""
    return _of_families(FAMILIES)


@functools.cache
def all_checks() -> tuple[Check, ...]:
    """Return all checks, the built-in ones and those of installed packages, by id.

    Raises:
        ValueError: Two checks have the same id.
    """
    return _of_families((*FAMILIES, *_installed_families()))


def _of_families(names: Iterable[str]) -> tuple[Check, ...]:
    checks = (check for name in names for check in family_checks(name))
    return tuple(sorted(checks, key=lambda check: check.id))


@functools.cache
def all_codes() -> Mapping[str, codes.Code]:
    """Return all codes by id, in the order of the ids, including those of checks."""
    all_checks()
    return dict(sorted(codes.registry.items()))


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
