"""The cases of a pack: read by the fields that its manifest leaves of the core's and adds."""

from __future__ import annotations

from collections.abc import Iterable

from imrgen.case import CORE, Case, Readable, Source, TextFormat
from imrgen.case import load_case as read_case
from imrgen.diagnostics import OptionError, codes
from imrgen.pack.contents import Templates
from imrgen.pack.pack import TemplatePack, load_pack


def load_case(
    origin: Case | Readable | Source,
    pack: TemplatePack | str | None = None,
    templates: Templates | Iterable[Templates] = (),
    *,
    format: TextFormat | None = None,  # noqa: A002 - as in `Letter.save`
) -> Case:
    """Read and validate a case.

    Args:
        origin: A path to a TOML or JSON file, its bytes, an open stream, a mapping, a source that
            was read already, or a case, which is validated again.
        pack: The pack by whose fields it is read, or the pack's name; `None` for the fields that
            every case file may have.
        templates: Where a pack is looked up by its name; see `load_pack`.
        format: `json` or `toml`, to refuse a text in the other; `None` for what its name says, or
            its beginning. Data that is no text has no format.

    Raises:
        CaseError: With every fault of the file.
        PackError: No such pack, or one of its files is at fault.
        OptionError: There is no such format.
        TypeError: The origin is something else.
    """
    if format not in (None, "json", "toml"):
        message = f"there is no format `{format}` of case files"
        raise OptionError.of(codes.UNKNOWN_FORMAT, message, 'write format="json", or "toml"')
    if isinstance(pack, str) or templates:
        pack = load_pack(pack if isinstance(pack, str) else None, templates)
    return read_case(origin, CORE if pack is None else pack.model, format)
