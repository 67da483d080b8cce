"""A field that is declared as data, as a pack's manifest declares fields.

`extension` makes of it a part of a model.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from imrgen.case.fields import Table, Text


class Declaration(Table, frozen=True):
    """A field that is declared as data (`[fields."PATTERN"]` of a manifest).

    Args:
        type: What its value is; `None` for a field that the model has already. An `outcome` is a
            choice of the pack's outcomes.
        description: What it is for; `None` for what the model says.
        example: A value that it may have.
        choices: The values that a `choice` may have.
        pattern: A regular expression that the whole of a text must match.
        refusal: What to say of a text that does not match it.
        confidential: Whether it is left out when a determination is published; `None` for what the
            table above it says; a name and an identifier are.
    """

    type: (
        Literal[
            "text",
            "markdown",
            "name",
            "identifier",
            "code",
            "date",
            "integer",
            "number",
            "money",
            "amount",
            "boolean",
            "choice",
            "outcome",
            "table",
        ]
        | None
    ) = None
    description: Text | None = None
    example: Any = None
    choices: tuple[Text, ...] = ()
    pattern: Text | None = None
    refusal: Text | None = None
    confidential: bool | None = None

    def over(self, other: Declaration | None) -> Declaration:
        """Return another declaration of the same field, in which this one's values replace its."""
        keys = msgspec.structs.asdict(self).items()
        stated = {key: value for key, value in keys if value not in (None, ())}
        return msgspec.structs.replace(other or Declaration(), **stated)
