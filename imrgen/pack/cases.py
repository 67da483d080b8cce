"""The cases of a pack: read by the fields that its manifest leaves of the core's and adds."""

from __future__ import annotations

from collections.abc import Iterable

from imrgen.case import CORE, Case, Readable, Source
from imrgen.case import load_case as read_case
from imrgen.pack.pack import TemplatePack, load_pack
from imrgen.pack.search import Templates


def load_case(
    origin: Case | Readable | Source,
    pack: TemplatePack | str | None = None,
    templates: Iterable[Templates] = (),
) -> Case:
    """Read and validate a case.

    Args:
        origin: A path to a TOML or JSON file, an open stream, a mapping, a source that was read
            already, or a case, which is validated again.
        pack: The pack by whose fields it is read, or the pack's name; `None` for the fields that
            every case file may have.
        templates: Where a pack is looked up by its name; see `load_pack`.

    Raises:
        CaseError: With every fault of the file.
        PackError: No such pack, or one of its files is at fault.
        TypeError: The origin is something else.
    """
    if isinstance(pack, str) or templates:
        pack = load_pack(pack if isinstance(pack, str) else None, templates)
    return read_case(origin, CORE if pack is None else pack.model)
