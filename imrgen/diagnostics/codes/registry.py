"""What is known of a code, and all codes by their ids."""

from __future__ import annotations

from typing import Literal

import msgspec

from imrgen.diagnostics.diagnostic import Severity

Group = Literal["schema", "template", "accessibility", "checks", "preview"]
"""Under which heading the preview lists a diagnostic."""


class Family(msgspec.Struct, frozen=True):
    """Codes about the same subject.

    Args:
        title: The heading over the family's codes.
        group: Under which heading the preview lists them.
    """

    title: str
    group: Group

    def code(self, id_: str, title: str, text: str, severity: Severity = "error") -> str:
        """Register a code of this family, and return its id."""
        register(Code(id_, title, severity, self, text))
        return id_


class Code(msgspec.Struct, frozen=True):
    """What is known of a code.

    Args:
        id: `IMR` and three digits; checks of other packages may begin otherwise.
        title: A few words.
        severity: `error` stops the letter, `warning` does not; a check's finding may deviate.
        family: The codes that it belongs to.
        text: The manual as it stands in the source, indented.
        source: The law, regulation or standard that it comes from; empty for none.
    """

    id: str
    title: str
    severity: Severity
    family: Family
    text: str
    source: str = ""

    @property
    def manual(self) -> str:
        """What the code means, why, how to mend it, and an example."""
        import inspect  # slow to import, and only needed where a manual is shown

        return inspect.cleandoc(self.text)


registry: dict[str, Code] = {}
"""All codes by id; those of checks once their modules have been imported."""


def register(code: Code) -> None:
    """Add a code to the registry.

    Raises:
        ValueError: The id is registered already.
    """
    if code.id in registry:
        raise ValueError(f"the code {code.id} is registered twice")
    registry[code.id] = code
