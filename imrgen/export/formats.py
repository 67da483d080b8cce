"""The formats that letters come in, and the suffixes that name them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

Format = Literal["text", "html", "pdf"]
FORMATS: tuple[Format, ...] = get_args(Format)
"""The formats that letters come in."""
SUFFIXES: Mapping[str, Format] = {".txt": "text", ".html": "html", ".htm": "html", ".pdf": "pdf"}
"""The format that a file's suffix asks for."""
