"""How many of something a text asks for: “#60”, “x 12”, “2 times a week for 6 weeks”."""

import itertools
import re
from collections.abc import Iterator

import msgspec

from imrgen.checks.text.patterns import Pattern

_NUMBER_NAMES = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
)
_NUMBER_WORDS = {word: str(number) for number, word in enumerate(_NUMBER_NAMES.split(), start=1)}
_NUMBER = "{N}"
_COUNTED = (
    r"(?:sessions?|visits?|treatments?|tablets?|tabs?|capsules?|caps?|pills?|units?|injections?|"
    r"patch(?:es)?|refills?)"
)
_TIME = r"(?:weeks?|wks?|months?|hours?|days?)"
_ANY_NUMBER = Pattern(rf"\d+(?:\.\d+)?|\b(?:{'|'.join(_NUMBER_WORDS)})\b", re.IGNORECASE)
_PATTERN = (
    r"#\s?(?P<sign>\d{1,4})\b(?![.,/-]\d)"
    r"|\b[xX×]\s?(?P<times>\d{1,3})\b(?!\s?(?:[cm]m\b|[./]\d|years?|months?|weeks?|days?|hours?))"
    rf"|\bq(?:uantity|ty)\.?(?:\s+of|:|\s+#)?\s*(?P<quantity>{_NUMBER})\b"
    rf"|(?<![\w./])(?P<number>{_NUMBER})(?:"
    r"\s?[xX×]\s?(?P<second>\d{1,2})(?![\w.,/]?\d|\s?[cm]m\b)"
    r"|\s*(?:times|x|visits|sessions)?\s*(?:per|a|each|every|/)\s*(?:week|wk|month)\b"
    rf"(?:\s*(?:for|x|times|over)\s*(?P<long>{_NUMBER})\s*{_TIME}\b)?"
    rf"|[\s-]+(?:(?!of\b|to\b|or\b|and\b|out\b)[\w-]+\s+){{0,3}}?{_COUNTED}\b"
    rf"|\b(?<=\brequest for \d)\s+{_TIME}\b|\b(?<=\brequest for \d\d)\s+{_TIME}\b)"
)
_DIGIT = Pattern(r"\d")
# “One” is hardly ever a quantity that a heading has; the other words are rare, and slow to find.
_WORDS = "|".join(list(_NUMBER_WORDS)[1:])
_WORD = Pattern(
    rf"\b(?:{_WORDS})\b",
    re.IGNORECASE,
    needs=tuple(f" {word}" for word in list(_NUMBER_WORDS)[1:]),
)
_IN_DIGITS = Pattern(_PATTERN.replace("{N}", r"\d{1,4}"), re.IGNORECASE)
_IN_WORDS = Pattern(_PATTERN.replace("{N}", rf"(?:\d{{1,4}}|{_WORDS})"), re.IGNORECASE)


class Quantity(msgspec.Struct, frozen=True):
    """A number of a quantity in a text.

    Args:
        number: In digits.
        start: Where it begins in the text.
        length: In characters.
    """

    number: str
    start: int
    length: int


def quantities(text: str) -> Iterator[Quantity]:
    """Find the numbers of quantities in a text."""
    has_words = _WORD.search(text) is not None
    if not has_words and _DIGIT.search(text) is None:
        return
    pattern = _IN_WORDS if has_words else _IN_DIGITS
    for match in pattern.finditer(text):
        for name, word in match.groupdict().items():
            if word:
                number = _NUMBER_WORDS.get(word.lower(), word)
                yield Quantity(number, match.start(name), len(word))


def numbers(texts: list[str]) -> set[str]:
    """Return all numbers of texts in digits, and the sums and products of two (2 × 6 weeks)."""
    words = [word for text in texts for word in _ANY_NUMBER.findall(text)]
    found = [_NUMBER_WORDS.get(word.lower(), word) for word in words]
    pairs = list(itertools.combinations([int(each) for each in found if each.isdigit()][:12], 2))
    return {*found, *(str(a * b) for a, b in pairs), *(str(a + b) for a, b in pairs)}
