"""Step 1, READ: a case file becomes a value that has been validated.

source       a TOML or JSON text, its data
positions    the line and column of every key and value
model        what a case file may hold
validation   from data to the model; every fault of a file at once
faults       what does not fit a model, its JSON Schema
"""

from imrgen.case.model import Amount, Basis, Case, Issue, Table, Text, case_schema, load_case
from imrgen.case.positions import within
from imrgen.case.source import MOST_BYTES, Fault, Origin, Source, parse, read
from imrgen.case.validation import decode, report

__all__ = [
    "MOST_BYTES",
    "Amount",
    "Basis",
    "Case",
    "Fault",
    "Issue",
    "Origin",
    "Source",
    "Table",
    "Text",
    "case_schema",
    "decode",
    "load_case",
    "parse",
    "read",
    "report",
    "within",
]
