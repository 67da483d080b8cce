"""Step 1, READ: a case file becomes a value that has been validated.

text         the one place where bytes become text, and text bytes
files        which files of a folder are cases
source       a TOML or JSON text, its data
syntax       what is wrong with a text that its parser refuses
positions    the line and column of every key and value
controls     the control characters that no text may hold
blocks       the paragraphs, lists and quotes of a narrative
fields       what a field is; the one walk over a case
model        the fields of a case
declarations the fields that a manifest adds to them
extension    the model with these, and with what the manifest leaves of its own
expressions  regular expressions that a manifest declares
validation   from data to the model
comparison   what in the data does not fit the model; every fault of a file at once
edits        one value of a text is changed, and nothing else
highlighting the parts of a text, for whoever shows it in colours
wording      what people call a field, and what they are told of its type
loading      the step itself: a source, validated, its contradictions found
"""

from typing import TYPE_CHECKING

from imrgen._lazy import on_demand
from imrgen.case.blocks import (
    Block,
    Item,
    Line,
    List,
    Paragraph,
    Quote,
    begins_with_word,
    is_glyph,
    read_blocks,
    read_marker,
)
from imrgen.case.controls import LINE_BREAK, control_faults
from imrgen.case.declarations import Declaration
from imrgen.case.fields import (
    Field,
    Model,
    Narrative,
    Table,
    Text,
    attributes,
    pattern_of,
)
from imrgen.case.loading import load_case, load_draft
from imrgen.case.model import CORE, OUTCOMES, Amount, Basis, Case, Issue, case_schema
from imrgen.case.source import (
    MOST_BYTES,
    NO_SOURCE,
    Fault,
    Readable,
    Source,
    TextFormat,
    parse,
    read,
    refuse_text,
    source_of,
)
from imrgen.case.text import (
    MARK,
    decode_text,
    encode_text,
    printable,
    readable_text,
    wide_encoding,
)
from imrgen.case.validation import decode

if TYPE_CHECKING:
    from imrgen.case.edits import EditError, remove_value, set_value, toml_literal
    from imrgen.case.expressions import matches
    from imrgen.case.extension import declaration_faults, extend
    from imrgen.case.files import LINES_SUFFIX, SUFFIXES, case_files, case_folders, no_cases
    from imrgen.case.highlighting import highlight
    from imrgen.case.positions import line_start, span_at, span_in_value
    from imrgen.case.wording import abbreviations, label_of, type_of

__all__ = [
    "CORE",
    "LINES_SUFFIX",
    "LINE_BREAK",
    "MARK",
    "MOST_BYTES",
    "NO_SOURCE",
    "OUTCOMES",
    "SUFFIXES",
    "Amount",
    "Basis",
    "Block",
    "Case",
    "Declaration",
    "EditError",
    "Fault",
    "Field",
    "Issue",
    "Item",
    "Line",
    "List",
    "Model",
    "Narrative",
    "Paragraph",
    "Quote",
    "Readable",
    "Source",
    "Table",
    "Text",
    "TextFormat",
    "abbreviations",
    "attributes",
    "begins_with_word",
    "case_files",
    "case_folders",
    "case_schema",
    "control_faults",
    "declaration_faults",
    "decode",
    "decode_text",
    "encode_text",
    "extend",
    "highlight",
    "is_glyph",
    "label_of",
    "line_start",
    "load_case",
    "load_draft",
    "matches",
    "no_cases",
    "parse",
    "pattern_of",
    "printable",
    "read",
    "read_blocks",
    "read_marker",
    "readable_text",
    "refuse_text",
    "remove_value",
    "set_value",
    "source_of",
    "span_at",
    "span_in_value",
    "toml_literal",
    "type_of",
    "wide_encoding",
]

__getattr__ = on_demand(
    __name__,
    {
        "edits": ("EditError", "remove_value", "set_value", "toml_literal"),
        "expressions": ("matches",),
        "extension": ("declaration_faults", "extend"),
        "files": ("LINES_SUFFIX", "SUFFIXES", "case_files", "case_folders", "no_cases"),
        "highlighting": ("highlight",),
        "positions": ("line_start", "span_at", "span_in_value"),
        "wording": ("abbreviations", "label_of", "type_of"),
    },
)
