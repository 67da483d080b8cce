"""Whose letters a pack makes (`[organization]`), its words (`[words]`), and what overrides them.

A letter that names another organization than the one that sends it is worse than none. So a pack
with an `[organization]` of its own takes nothing from that of the pack that it extends, unless it
says that it inherits. A pack without one, like an overlay, makes letters of the other pack's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from imrgen.case import Fault, Text
from imrgen.diagnostics import Diagnostic, codes, nearest
from imrgen.pack.manifest import Manifest, Organization

ORGANIZATION_TEXTS = tuple(
    field.name
    for field in msgspec.structs.fields(Organization)
    if field.name not in ("inherit", "letterhead")
)
"""The keys of `[organization]` that are texts."""


def merge_organization(
    lineage: Iterable[Manifest], overrides: Mapping[str, str] | None = None
) -> Organization | None:
    """Merge `[organization]` key by key, as far as the manifests say that they inherit.

    Args:
        lineage: The manifests, the nearest first.
        overrides: The texts that replace those of the manifests.

    Returns:
        `None` if no manifest states an organization.
    """
    merged: dict[str, Any] = {}
    for manifest in lineage:
        if manifest.organization is not None:
            stated = msgspec.structs.asdict(manifest.organization)
            merged = {key: value for key, value in stated.items() if value is not None} | merged
            if not manifest.organization.inherit:
                break
    overrides = overrides or {}
    if not merged and not overrides:
        return None
    if "name" in overrides:
        # A short name of another organization would be wrong.
        merged.pop("short_name", None)
    return Organization(**(merged | dict(overrides) | {"inherit": False}))


def organization_faults(lineage: Sequence[Manifest]) -> Iterator[Fault]:
    """Find what leaves open whose letters a pack makes.

    Args:
        lineage: The pack's manifest and those that it extends, the nearest first.
    """
    manifest, *parents = lineage
    own, other = manifest.organization, merge_organization(parents)
    hints = ['add `name = "…"` to [organization]']
    if other is not None:
        hints.append(f"or `inherit = true` for the organization of pack `{manifest.extends}`")
    code = codes.ORGANIZATION_UNCLEAR
    if own is None:
        return
    if own.inherit and own.name is not None:
        message = "`name` states an organization, and `inherit` takes another pack's"
        yield Fault(code, message, ("organization", "inherit"), ("leave out one of them",))
    elif own.inherit and other is None:
        message = "there is no organization to inherit"
        yield Fault(code, message, ("organization", "inherit"), tuple(hints))
    elif not own.inherit and own.name is None:
        message = "`name` is missing: whose letters does the pack make?"
        yield Fault(code, message, ("organization", "name"), tuple(hints))
    elif own.name is not None and not _is_text(own.name):
        message = "this is not the name of the organization whose letters the pack makes"
        hint = "write it without control characters" if own.name.strip() else "fill it in"
        yield Fault(code, message, ("organization", "name"), (hint,))
    merged = merge_organization(lineage)
    for number, key in enumerate(own.letterhead or ()):
        if getattr(merged, key) is None:
            message = f"the letterhead shows `{key}`, which is not stated"
            path = ("organization", "letterhead", number)
            yield Fault(codes.UNKNOWN_WORD, message, path, (f"add `{key}` to [organization]",))


def overridable_faults(manifest: Manifest, words: Iterable[str]) -> Iterator[Fault]:
    """Find the keys in `overridable` of a manifest that the pack does not have.

    Args:
        manifest: The manifest.
        words: The pack's words.
    """
    known = [
        *(f"organization.{key}" for key in ORGANIZATION_TEXTS),
        *(f"words.{name}" for name in words),
    ]
    for number, key in enumerate(manifest.overridable or ()):
        if key not in known:
            hints = nearest(key, known) or ("write `words.NAME` or `organization.KEY`",)
            message = "the pack has no text of this name"
            yield Fault(codes.UNKNOWN_WORD, message, ("overridable", number), hints)


def override_faults(
    overrides: Mapping[str, str], allowed: Collection[str], pack: str
) -> Iterator[Diagnostic]:
    """Find what a pack does not allow to be overridden, and texts that no manifest could state.

    Args:
        overrides: The texts by key, such as `words.ombudsman_phone`.
        allowed: The keys that the pack allows.
        pack: The pack's name.
    """
    known = f"it allows {', '.join(allowed)}" if allowed else "it allows none"
    for key, text in overrides.items():
        if key not in allowed:
            message = f"pack `{pack}` does not allow `{key}` to be overridden"
            hints = nearest(key, allowed) or (f"{known} (`overridable` in its manifest)",)
            yield Diagnostic(codes.OVERRIDE_REFUSED, message, hints=hints)
        elif not _is_text(text):
            message = f"the text for `{key}` must not be blank or hold control characters"
            yield Diagnostic(codes.WRONG_VALUE, message)


def split(overrides: Mapping[str, str], table: str) -> dict[str, str]:
    """Return the overrides of one table, by the keys in it."""
    return {
        key.removeprefix(f"{table}."): text
        for key, text in overrides.items()
        if key.startswith(f"{table}.")
    }


def _is_text(text: str) -> bool:
    """Return whether a manifest could state a text; an argument may hold bytes that are no text."""
    try:
        msgspec.convert(text, Text)
        text.encode()
    except (msgspec.ValidationError, UnicodeEncodeError):
        return False
    return True
