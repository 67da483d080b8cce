"""The registry of codes."""

from typing import Literal

import msgspec

from imrgen.diagnostics.diagnostic import Severity

Group = Literal["schema", "template", "accessibility", "checks", "preview"]
"""The heading in the preview's list of diagnostics."""


class Family(msgspec.Struct, frozen=True):
    """Codes about the same subject.

    Args:
        title: The heading of the family's codes.
        group: The heading in the preview's list of diagnostics.
        name: What packs call a family of checks; empty for other codes.
    """

    title: str
    group: Group
    name: str = ""

    def code(self, id_: str, title: str, text: str, severity: Severity = "error") -> str:
        """Register a code of this family and return its id."""
        register(Code(id_, title, severity, self, text))
        return id_


class Code(msgspec.Struct, frozen=True):
    """A code of diagnostics.

    Args:
        id: `IMR` and three digits; checks of other packages may have another prefix.
        title: A few words.
        severity: `error` stops the letter, `warning` does not; a check's finding may differ.
        family: The codes about the same subject.
        text: The manual as in the source, indented.
        source: The law, regulation or standard that it is based on, if any.
    """

    id: str
    title: str
    severity: Severity
    family: Family
    text: str
    source: str = ""

    @property
    def manual(self) -> str:
        """What the code means, why, how to correct it, and an example."""
        import inspect  # takes 5 ms to import in a program that does not use click

        return inspect.cleandoc(self.text)


registry: dict[str, Code] = {}
"""All codes by id; those of checks only after their modules were imported."""


def register(code: Code) -> None:
    """Add a code to the registry.

    Raises:
        ValueError: The id is already registered.
    """
    if code.id in registry:
        raise ValueError(f"the code {code.id} is already registered")
    registry[code.id] = code
