"""The letter as an HTML document: what COMPOSE makes and EXPORT takes.

document     the document, parsed once
parsing      HTML text becomes a tree
visible      the characters that a reader sees, in reading order
well_formed  tags that are misspelt, not closed, or not where they may stand
written_out  what elements say without words: markers of lists, raised digits, addresses of links
tables       the rows and columns of tables, how large they are, tables set row by row
addresses    the addresses that links go to, as programs and as readers need them
long_words   where addresses and paths may be broken over two lines
active       what browsers would run or load, and no letter has
references   the files that it refers to: inlined, or refused
positions/   where in the markup each element and each visible character stands
faults       what is wrong with a document, and where
differences  which words of a text became which
style_sheets what is wrong with a style sheet, and where
"""

from typing import TYPE_CHECKING

from imrgen._lazy import on_demand
from imrgen.document.active import active_faults
from imrgen.document.addresses import in_ascii
from imrgen.document.document import Document
from imrgen.document.faults import (
    MOST_NESTING,
    ConformanceFault,
    element_fault,
    nesting_faults,
)
from imrgen.document.parsing import FOREIGN_ATTRIBUTES, SVG, parse_html
from imrgen.document.references import find_files, is_self_contained, self_contained
from imrgen.document.visible import (
    IGNORABLE,
    INLINE,
    VisibleText,
    all_text,
    alternate_text,
    as_read_back,
    cell_span,
    first_difference,
    is_silent,
    marker_of,
    visible_characters,
    visible_texts,
    words_outside_items,
)
from imrgen.document.well_formed import is_bottomless, markup_faults
from imrgen.document.written_out import write_out

if TYPE_CHECKING:
    from imrgen.document.differences import word_changes
    from imrgen.document.long_words import with_breaks
    from imrgen.document.style_sheets import style_attributes, style_fault, style_sheet_faults
    from imrgen.document.tables import (
        FRAME,
        MOST_LINES,
        PAGE_WIDTH,
        ROW_BY_ROW,
        Cell,
        cell_plans,
        column_widths,
        ems,
        set_row_by_row,
        split_head,
        table_rows,
    )

__all__ = [
    "FOREIGN_ATTRIBUTES",
    "FRAME",
    "IGNORABLE",
    "INLINE",
    "MOST_LINES",
    "MOST_NESTING",
    "PAGE_WIDTH",
    "ROW_BY_ROW",
    "SVG",
    "Cell",
    "ConformanceFault",
    "Document",
    "VisibleText",
    "active_faults",
    "all_text",
    "alternate_text",
    "as_read_back",
    "cell_plans",
    "cell_span",
    "column_widths",
    "element_fault",
    "ems",
    "find_files",
    "first_difference",
    "in_ascii",
    "is_bottomless",
    "is_self_contained",
    "is_silent",
    "marker_of",
    "markup_faults",
    "nesting_faults",
    "parse_html",
    "self_contained",
    "set_row_by_row",
    "split_head",
    "style_attributes",
    "style_fault",
    "style_sheet_faults",
    "table_rows",
    "visible_characters",
    "visible_texts",
    "with_breaks",
    "word_changes",
    "words_outside_items",
    "write_out",
]

__getattr__ = on_demand(
    __name__,
    {
        "differences": ("word_changes",),
        "long_words": ("with_breaks",),
        "style_sheets": ("style_attributes", "style_fault", "style_sheet_faults"),
        "tables": (
            "FRAME",
            "MOST_LINES",
            "PAGE_WIDTH",
            "ROW_BY_ROW",
            "Cell",
            "cell_plans",
            "column_widths",
            "ems",
            "set_row_by_row",
            "split_head",
            "table_rows",
        ),
    },
)
