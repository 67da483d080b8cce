"""Reading prose: dates, sentences, names, treatments and conclusions in narratives.

calendar      dates as people write them
conclusion    what a rationale concludes
folding       text without case and diacritics
identifiers   personal identifiers: names, numbers, addresses
joined        lines that were typed apart and run together
mojibake      UTF-8 that was read as another encoding
patterns      regular expressions, compiled when they are first used
quantities    how many of something is asked for
sentences     sentences with their positions
surnames      which words may be a surname
treatments    names of the same treatment
"""

from imrgen.checks.text.calendar import WrittenDate, written_dates
from imrgen.checks.text.conclusion import conclude, second_doubt
from imrgen.checks.text.folding import fold
from imrgen.checks.text.identifiers import Hit, is_cited, merge_hits
from imrgen.checks.text.joined import joined_lines
from imrgen.checks.text.mojibake import find_mojibake
from imrgen.checks.text.patterns import Pattern
from imrgen.checks.text.quantities import numbers, quantities
from imrgen.checks.text.sentences import Sentence, ends_in_abbreviation, sentences
from imrgen.checks.text.surnames import is_everyday, is_surname, is_used_as_name
from imrgen.checks.text.treatments import BODY, drugs, lacks_drug, mentions

__all__ = [
    "BODY",
    "Hit",
    "Pattern",
    "Sentence",
    "WrittenDate",
    "conclude",
    "drugs",
    "ends_in_abbreviation",
    "find_mojibake",
    "fold",
    "is_cited",
    "is_everyday",
    "is_surname",
    "is_used_as_name",
    "joined_lines",
    "lacks_drug",
    "mentions",
    "merge_hits",
    "numbers",
    "quantities",
    "second_doubt",
    "sentences",
    "written_dates",
]
