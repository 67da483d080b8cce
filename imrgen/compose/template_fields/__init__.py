"""Which fields of the case a letter's templates read, found without a case.

The walk follows a letter from its template through what it extends, includes and imports, and
computes for each expression which values of the case it may have: "issues[]" for the variable of a
loop over the issues. What cannot be told is unknown, so that a field that is found missing is
missing for every case.

walk          templates and their statements
impossible    whether anything is read that no case can have
misses        what is said of it
expressions   expressions
values        the values that an expression may have
reads         the result
"""

from typing import TYPE_CHECKING

from imrgen._lazy import on_demand
from imrgen.compose.template_fields.impossible import impossible_reads
from imrgen.compose.template_fields.reads import FieldRead, LetterFields
from imrgen.compose.template_fields.walk import letter_fields

if TYPE_CHECKING:
    from imrgen.compose.template_fields.misses import impossible_anywhere

__all__ = ["FieldRead", "LetterFields", "impossible_anywhere", "impossible_reads", "letter_fields"]

# No letter that is made without a fault needs it.
__getattr__ = on_demand(__name__, {"misses": ("impossible_anywhere",)})
