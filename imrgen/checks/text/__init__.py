"""Reading prose: what the checks understand of a narrative."""

from imrgen.checks.text.calendar import WrittenDate, written_dates
from imrgen.checks.text.conclusion import conclude
from imrgen.checks.text.folding import fold
from imrgen.checks.text.identifiers import Hit, is_cited, merge_hits
from imrgen.checks.text.patterns import Pattern
from imrgen.checks.text.sentences import Sentence, sentences
from imrgen.checks.text.surnames import is_everyday, is_surname
from imrgen.checks.text.treatments import BODY, speaks_of

__all__ = [
    "BODY",
    "Hit",
    "Pattern",
    "Sentence",
    "WrittenDate",
    "conclude",
    "fold",
    "is_cited",
    "is_everyday",
    "is_surname",
    "merge_hits",
    "sentences",
    "speaks_of",
    "written_dates",
]
