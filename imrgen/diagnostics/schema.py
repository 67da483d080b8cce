"""The JSON Schema of a diagnostic, and what a docstring says of each key of a schema."""

import inspect
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from imrgen.diagnostics.diagnostic import Diagnostic

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ARGUMENT = re.compile(r"^    (\w+): (.+(?:\n        .+)*)", re.MULTILINE)


def diagnostic_schema(*, ref_template: str = "#/$defs/{name}") -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a diagnostic, as `Diagnostic.to_dict` writes it.

    Args:
        ref_template: Where references lead to the schema of a part, `{name}` for its name. The
            parts are in `$defs`; in an OpenAPI document, they are in `#/components/schemas/{name}`.

    Raises:
        ValueError: The template has no `{name}`.
    """
    if "{name}" not in ref_template:
        raise ValueError("`ref_template` holds {name}, for the name of a part")
    _, parts = msgspec.json.schema_components([Diagnostic], ref_template=ref_template)
    for part in parts.values():
        part["description"], meanings = documented(part["description"])
        for key, value in part["properties"].items():
            value.pop("default", None)
            value["description"] = meanings[key]
        part["required"] = list(part["properties"])  # all of them are written
    body = parts.pop(Diagnostic.__name__)
    about = "The path as text: `issues[0].rationale`."
    body["properties"]["field"] = {"type": "string", "description": about}
    body["required"].append("field")
    return {"$schema": DIALECT, **body, "$defs": parts}


def documented(docstring: str) -> tuple[str, Mapping[str, str]]:
    """Return what a docstring says of a class, and of each of its arguments."""
    text, _, arguments = inspect.cleandoc(docstring).partition("\n\nArgs:\n")
    meanings = {key: " ".join(about.split()) for key, about in _ARGUMENT.findall(arguments)}
    return text, meanings
