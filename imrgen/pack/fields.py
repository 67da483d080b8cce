"""The fields of a pack's cases: what its manifests make of the core's.

`[fields]` and `core` say which fields these are, and `[outcomes]` what can be decided on an item.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from imrgen.case import CORE, OUTCOMES, Case, Declaration, Fault, Model
from imrgen.diagnostics import codes, nearest
from imrgen.pack.manifest import Manifest, Outcome

TEMPLATE_NAMES = frozenset(
    re.findall(
        r"\w+",
        """
        letter language outcomes priorities notices organization words recipient packet parts
        context
        range dict namespace cycler joiner loop self super caller varargs kwargs
        true false none and or not if else in is
        """,
    )
)
"""What templates know under these names, so that no table of a case may have one of them."""


_DECISIONS = {
    "issues[].decision": "What was decided: one of the pack's outcomes.",
    "reviewers[].vote": "This reviewer's vote, where several decided: one of the pack's outcomes.",
}
"""The fields whose values are the pack's outcomes, and what they are where these are not the core's
(whose description explains those).
"""


def merge_outcomes(lineage: Sequence[Manifest]) -> dict[str, Outcome]:
    """Return what can be decided on an item, by name.

    Args:
        lineage: The pack's manifest and those that it extends, the nearest first.
    """
    merged: dict[str, Outcome] = {}
    for manifest in reversed(lineage):
        for name, outcome in manifest.outcomes.items():
            means = outcome.means or (merged[name].means if name in merged else None)
            merged[name] = Outcome(words=outcome.words, means=means)
    return merged


def case_model(lineage: Sequence[Manifest]) -> Model[Case]:
    """Return the fields of the cases that a pack's letters are made of.

    Args:
        lineage: The pack's manifest and those that it extends, the nearest first, without a fault.
    """
    declared, kept = _declared(lineage), _kept(lineage)
    if not declared and kept is None:
        return CORE
    from imrgen.case import extend  # few packs declare fields

    return extend(CORE, declared, kept)


def field_faults(lineage: Sequence[Manifest]) -> Iterator[Fault]:
    """Find what is wrong with the declarations of a manifest.

    Args:
        lineage: The manifest and those that it extends, the nearest first.
    """
    manifest = lineage[0]
    for number, pattern in enumerate(manifest.core or ()):
        if CORE.find(pattern) is None:
            message = "no field that every case file may have is called so"
            known = nearest(pattern, (each for each, _ in CORE.patterns()))
            hints = known or ("`imrgen schema --markdown` lists them",)
            yield Fault(codes.FIELD_UNUSABLE, message, ("core", number), hints)
    for pattern in _DECISIONS:
        if pattern in manifest.fields and manifest.fields[pattern].choices:
            message = "the values of this field are the pack's outcomes"
            hints = ("write a table `[outcomes.NAME]` for each",)
            yield Fault(codes.FIELD_UNUSABLE, message, ("fields", pattern, "choices"), hints)
    if not manifest.fields:
        return
    from imrgen.case import declaration_faults  # few packs declare fields

    for fault in declaration_faults(CORE, _declared(lineage), manifest.fields, TEMPLATE_NAMES):
        fault.path = ("fields", *fault.path)
        yield fault


def _declared(lineage: Sequence[Manifest]) -> dict[str, Declaration]:
    declared: dict[str, Declaration] = {}
    for manifest in reversed(lineage):
        for pattern, declaration in manifest.fields.items():
            declared[pattern] = declaration.over(declared.get(pattern))
    outcomes = tuple(merge_outcomes(lineage)) or OUTCOMES
    for pattern, declaration in declared.items():
        if declaration.type == "outcome":
            declared[pattern] = msgspec.structs.replace(
                declaration, type="choice", choices=outcomes
            )
    for pattern, description in _DECISIONS.items() if {*outcomes} != {*OUTCOMES} else ():
        if pattern in declared or _is_kept(pattern, _kept(lineage)):
            own = declared.get(pattern) or Declaration()
            choices = Declaration(choices=outcomes, example=outcomes[0])
            declared[pattern] = choices.over(own.over(Declaration(description=description)))
    return declared


def _is_kept(pattern: str, kept: Sequence[str] | None) -> bool:
    return kept is None or any(
        pattern == each or pattern.startswith((f"{each}.", f"{each}[].")) for each in kept
    )


def _kept(lineage: Sequence[Manifest]) -> tuple[str, ...] | None:
    return next((each.core for each in lineage if each.core is not None), None)
