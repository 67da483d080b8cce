"""Which checks run: written alike in a pack's manifest and in a project's settings."""

import msgspec

from imrgen.case import Text


class CheckSelection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which checks run.

    Args:
        select: Only these: ids, or what ids begin with; empty for all.
        ignore: Not these.
    """

    select: tuple[Text, ...] = ()
    ignore: tuple[Text, ...] = ()
