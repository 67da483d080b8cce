"""The fields of a pack's cases: what `[fields]` and `core` of its manifests make of the core's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from imrgen.case import CORE, Case, Declaration, Fault, Model, declaration_faults, extend
from imrgen.diagnostics import codes, nearest
from imrgen.pack.manifest import Manifest

TEMPLATE_NAMES = frozenset(
    re.findall(
        r"\w+",
        """
        letter language decisions priorities notices organization words recipient packet parts
        range dict namespace cycler joiner loop self super caller varargs kwargs
        true false none and or not if else in is
        """,
    )
)
"""What templates know under these names, so that no table of a case may have one of them."""


def case_model(lineage: Sequence[Manifest]) -> Model[Case]:
    """Return the fields of the cases that a pack's letters are made of.

    Args:
        lineage: The pack's manifest and those that it extends, the nearest first, without a fault.
    """
    return extend(CORE, _declared(lineage), _kept(lineage))


def field_faults(lineage: Sequence[Manifest]) -> Iterator[Fault]:
    """Find what is wrong with the declarations of a manifest.

    Args:
        lineage: The manifest and those that it extends, the nearest first.
    """
    manifest = lineage[0]
    known = [pattern for pattern, _ in CORE.patterns()]
    for number, pattern in enumerate(manifest.core or ()):
        if CORE.find(pattern) is None:
            message = "no field that every case file may have is called so"
            hints = nearest(pattern, known) or ("`imrgen schema --markdown` lists them",)
            yield Fault(codes.FIELD_UNUSABLE, message, ("core", number), hints)
    for fault in declaration_faults(CORE, _declared(lineage), manifest.fields, TEMPLATE_NAMES):
        fault.path = ("fields", *fault.path)
        yield fault


def _declared(lineage: Sequence[Manifest]) -> dict[str, Declaration]:
    declared: dict[str, Declaration] = {}
    for manifest in reversed(lineage):
        for pattern, declaration in manifest.fields.items():
            declared[pattern] = declaration.over(declared.get(pattern))
    return declared


def _kept(lineage: Sequence[Manifest]) -> tuple[str, ...] | None:
    return next((each.core for each in lineage if each.core is not None), None)
