"""What letters were made with: versions, and the pack with all that it uses."""

import functools
import hashlib
import json
from collections.abc import Mapping

import msgspec

from imrgen._version import __version__
from imrgen.export import DRAFT, engines, installed_version
from imrgen.pack import EngineName, TemplatePack
from imrgen.pipeline.options import Options


def made_with(
    pack: TemplatePack, options: Options, versions: Mapping[str, str] | None = None
) -> Mapping[str, str]:
    """Return what every letter of a pack comes from; no value of a case.

    Args:
        pack: The pack.
        options: How its letters are asked for.
        versions: Those of what only some formats are made with.
    """
    return {
        "imrgen": __version__,
        "pack": f"{pack.name} {pack.version}",
        "pack_sha256": pack.digest(),
        "letter": options.letter,
        # By number: a name would be a value of the case.
        **({"recipient": str(options.recipient)} if options.recipient else {}),
        **({"overrides": json.dumps(dict(pack.overrides))} if pack.overrides else {}),
        **_of_host(options),
        **({"fonts": "embedded"} if options.embed_fonts else {}),
        **_left_out(options),
        **({DRAFT: "true"} if options.draft else {}),
        **dict(sorted({**_versions(), **(versions or {})}.items())),
    }


def checked_as(options: Options, provenance: Mapping[str, str]) -> Options:
    """Return options with the choice of checks that a provenance states."""
    return msgspec.structs.replace(
        options,
        check="checks" not in provenance,
        select=tuple(provenance.get("checks_selected", "").split()),
        ignore=tuple(provenance.get("checks_ignored", "").split()),
    )


def engine_of(provenance: Mapping[str, str]) -> EngineName | None:
    """Return the engine that a PDF was set with; `None` for a file that was set with none."""
    return next((name for name in engines if name in provenance), None)


def _of_host(options: Options) -> dict[str, str]:
    """Return what the program gave to templates: values by their digest, functions by name."""
    given = {}
    if options.context:
        given["context_sha256"] = hashlib.sha256(options.context.encode()).hexdigest()
    for name, functions in (("filters", options.filters), ("globals", options.globals)):
        if functions:
            from imrgen.compose import versioned  # few programs bring their own

            said = (f"{each}={versioned(path)}" for each, path in functions)
            given[name] = "; ".join(said)
    return given


def _left_out(options: Options) -> dict[str, str]:
    """Return which checks the options choose or leave out; the pack's choice is in its digest."""
    if not options.check:
        return {"checks": "none"}
    chosen = {"checks_selected": options.select, "checks_ignored": options.ignore}
    return {name: " ".join(codes) for name, codes in chosen.items() if codes}


@functools.cache
def _versions() -> Mapping[str, str]:
    names = ("jinja2", "markdown-it-py", "selectolax")
    return {name: installed_version(name) for name in names}
