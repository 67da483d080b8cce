"""What people call a field, and what they are told of its type: in pages, lists and forms."""

from __future__ import annotations

import json
import re
from typing import Any

from imrgen.case.fields import Field, Model

_WORDS = {
    "narrative": "Markdown text",
    "table": "table",
    "date": "date",
    "number": "number",
    "money": "amount of money",
}
"""What a field's value is, by its kind."""


def type_of(field: Field) -> str:
    """Return what a field's value is, in plain words."""
    if field.item:
        return f"list of {type_of(field.item)}s"
    if field.kind == "amount" and not field.is_part:
        return "text, or a table of `quantity` and `unit`"
    if field.choices:
        *others, last = [f"`{json.dumps(choice)}`" for choice in field.choices]
        return f"{', '.join(others)} or {last}"
    if field.types == (int,):
        return "whole number"
    return _WORDS.get(field.kind, "text")


def abbreviations(model: Model[Any]) -> frozenset[str]:
    """Return the abbreviations that the descriptions of a model's fields explain, such as UR."""
    texts = (field.description for _, field in model.patterns())
    return frozenset(word for text in texts for word in re.findall(r"\b[A-Z]{2,}\b", text))


def label_of(key: str, abbreviations: frozenset[str]) -> str:
    """Return a field's label: its key as words, `UR decision date` for `ur_decision_date`.

    Args:
        key: The key.
        abbreviations: The words that are written in capitals.
    """
    words = [
        word.upper() if word.upper() in abbreviations else word
        for word in key.strip("_").split("_")
    ]
    label = " ".join(words)
    return label[:1].upper() + label[1:]
