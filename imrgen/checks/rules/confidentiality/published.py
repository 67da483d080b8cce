"""What a letter publishes, and how the checks of confidentiality search it."""

import bisect
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

from imrgen.checks import Finding, Subject
from imrgen.checks.text import Hit, Pattern, fold, identifiers
from imrgen.diagnostics import Severity

SAFE_HARBOR = "45 CFR 164.514(b)(2): what de-identified health information leaves out"
"""The source of the checks: a list of identifiers, (A) to (R)."""

WITHIN_WORD = r"[\s'’`´.\-‐-―*_]{0,3}"
"""A pattern for what may stand between the parts of one name or number."""

_PUBLISHED_KINDS = frozenset(("narrative", "text", "amount"))
_SEPARATOR = "\n\0\n"
_NO_LETTER_OR_DIGIT = bytes(
    code for code in range(256) if not (48 <= code <= 57 or 97 <= code <= 122)
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_LETTER_SPACING = r"[ \xa0.\-*_]{1,2}"
_PREFIX = Pattern(r"^(de|del|van|von|mac|mc|o|d|st|la|le)(la|los|der|den)?(?=[a-z]{3})")


class PublishedText(identifiers.ScannedText):
    """All texts that a letter shows, joined by NULs so that each search runs once."""

    def __init__(self, subject: Subject) -> None:
        parts = [
            (path, text, field.kind)
            for path, text, field in subject.fields
            if field.kind in _PUBLISHED_KINDS and not field.confidential
        ]
        self.paths = [path for path, _, _ in parts]
        self.texts = [text for _, text, _ in parts]
        self.kinds = [kind for _, _, kind in parts]
        lengths = (len(text) + len(_SEPARATOR) for text in self.texts)
        self.starts = list(itertools.accumulate(lengths, initial=0))
        super().__init__(_SEPARATOR.join(self.texts))
        self.subject = subject
        self.folded, self.offsets = fold(self.text)
        self.squeezed = self.folded.encode("ascii", "ignore").translate(None, _NO_LETTER_OR_DIGIT)

    def part_of(self, hit: Hit) -> int:
        """Return the index of the text that a hit stands in."""
        return bisect.bisect_right(self.starts, hit.start, hi=len(self.paths)) - 1

    def is_narrative(self, hit: Hit) -> bool:
        """Return whether a hit stands in a narrative."""
        return self.kinds[self.part_of(hit)] == "narrative"

    def spellings(self, name: str) -> str | None:
        """Return a pattern for the spellings of a name that may occur; `None` if none can."""
        composed = unicodedata.normalize("NFC", name).lower()
        plain = fold(composed)[0]
        patterns = []
        # Müller is also spelled Muller and Mueller, and the other way round.
        for form in {
            plain,
            fold(composed.translate(_UMLAUTS))[0],
            re.sub("(?<=.[aou])e", "", plain),
        }:
            letters = "".join(re.findall(r"[^\W_]+", form))
            if letters and not (letters.isascii() and letters.encode() not in self.squeezed):
                # O'Brien is also spelled O Brien and OBrien; Delacruz, De La Cruz.
                parts = re.findall(r"[^\W_]+", _PREFIX.sub(r"\1 \2 ", form))
                patterns += [WITHIN_WORD.join(parts), _LETTER_SPACING.join(letters)]
        return f"(?:{'|'.join(sorted(patterns))})" if patterns else None

    def find(self, pattern: str) -> Iterator[tuple[int, int]]:
        """Yield the spans of whole words in the folded text that match a pattern."""
        for match in re.finditer(pattern, self.folded):
            start, stop = match.span()
            around = (self.folded[start - 1 : start], self.folded[stop : stop + 1])
            if not any(map(str.isalnum, around)):
                yield start, stop

    def is_capital(self, start: int) -> bool:
        """Return whether a character of the folded text was a capital."""
        return self.text[self.offsets[start]].isupper()

    def hit(self, start: int, stop: int, severity: Severity = "warning") -> Hit:
        """Return the hit for a span of the folded text."""
        return Hit(self.offsets[start], self.offsets[stop - 1] + 1, severity)


def published_findings(
    subject: Subject,
    search: Callable[[PublishedText], Iterable[Hit]],
    message: str,
    hint: str,
) -> Iterator[Finding]:
    """Search all texts that a letter shows.

    Args:
        subject: The case.
        search: Yields what it finds in them.
        message: What is wrong with it.
        hint: How to correct it.
    """
    text = subject.cached(PublishedText, lambda: PublishedText(subject))
    for hit in search(text):
        part = text.part_of(hit)
        start = hit.start - text.starts[part]
        yield Finding(text.paths[part], message, (hint,), start, hit.stop - hit.start, hit.severity)


def overlaps(hit: Hit, others: Sequence[Hit]) -> bool:
    """Return whether a hit shares a character with any of the others."""
    return any(hit.start < other.stop and other.start < hit.stop for other in others)
