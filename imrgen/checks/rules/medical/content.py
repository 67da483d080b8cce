"""Checks of content: who reviewed, and what the rationale consists of."""

import itertools
import re
from collections.abc import Iterator

from imrgen.case import Issue
from imrgen.checks import Finding, Subject, check
from imrgen.checks.text import Pattern
from imrgen.diagnostics import Path, nearest

_STATES = dict(
    re.findall(
        r"([A-Z][\w ]*) ([A-Z]{2})\b",
        "Alabama AL, Alaska AK, Arizona AZ, Arkansas AR, California CA, Colorado CO, Connecticut "
        "CT, Delaware DE, Florida FL, Georgia GA, Hawaii HI, Idaho ID, Illinois IL, Indiana IN, "
        "Iowa IA, Kansas KS, Kentucky KY, Louisiana LA, Maine ME, Maryland MD, Massachusetts MA, "
        "Michigan MI, Minnesota MN, Mississippi MS, Missouri MO, Montana MT, Nebraska NE, Nevada "
        "NV, New Hampshire NH, New Jersey NJ, New Mexico NM, New York NY, North Carolina NC, North "
        "Dakota ND, Ohio OH, Oklahoma OK, Oregon OR, Pennsylvania PA, Rhode Island RI, South "
        "Carolina SC, South Dakota SD, Tennessee TN, Texas TX, Utah UT, Vermont VT, Virginia VA, "
        "Washington WA, West Virginia WV, Wisconsin WI, Wyoming WY, District of Columbia DC, "
        "American Samoa AS, Guam GU, Northern Mariana Islands MP, Puerto Rico PR, "
        "Virgin Islands VI",
    )
)
_LICENSING = frozenset(name.lower() for pair in _STATES.items() for name in pair) | {
    "washington dc"
}
_STYLE = Pattern(
    r"^(?:the\s+)?(?:(?:state|commonwealth|territory)\s+of\s+(?:the\s+)?|(?:us|"
    r"united\s+states)\s+)?"
)
_SEVERAL = Pattern(r"\s*(?:[,;/&\n]|\band\b)\s*")


@check(
    "IMR311",
    "Licensed in no state",
    "warning",
    "Editorial: the states license physicians in the United States",
)
def licensed_in_no_state(subject: Subject) -> Iterator[Finding]:
    """Report a licensure that is not a state, district or territory of the United States.

    What: Each entry of `licensure` is compared with the names and postal abbreviations of the 50
    states, the District of Columbia and the five territories. An entry may name several.

    Why: A state that does not exist is a typing error, or a word that belongs to the
    certifications.

    Fails:
        licensure = ["Clorado"]

    Passes:
        licensure = ["Colorado", "District of Columbia"]
    """
    message = "this is not a state, district or territory of the United States"
    hint = "name a state, the District of Columbia or a territory"
    for number, reviewer in enumerate(subject.case.reviewers):
        for position, entry in enumerate(reviewer.licensure):
            names = [entry] if _is_licensing(entry) else filter(None, _SEVERAL.split(entry))
            unknown = next((name for name in names if not _is_licensing(name)), None)
            if unknown:
                path: Path = ("reviewers", number, "licensure", position)
                yield Finding(path, message, (*nearest(unknown.title(), _STATES), hint))


def _is_licensing(name: str) -> bool:
    plain = " ".join(name.lower().replace(".", "").split())
    return plain in _LICENSING or _STYLE.sub("", plain) in _LICENSING


_RATIONALE_WORD = Pattern(r"\w[\w'./-]*(?:’[\w'./-]*)*")
# Every sentence of a rationale contains one of these; twelve words without one are notes.
_VERB = Pattern(
    r"(?:\b(?:is|are|was|were|be|been|being|am|has|have|had|do|does|did|can|could|may|might|must|"
    r"shall|should|will|would|cannot|needs?|remains?|seems?|appears?|lacks?|meets?|fails?|exceeds?|"
    r"supports?|recommends?|states?|indicates?|shows?|requires?)\b|n['’]t\b)",
    re.IGNORECASE,
)
_FEWEST_WORDS = 12


@check(
    "IMR312",
    "Rationale of only a few words",
    "warning",
    "Editorial: a rationale states reasons, in sentences",
)
def rationale_of_a_few_words(subject: Subject) -> Iterator[Finding]:
    """Report a rationale that is only a few words long, or contains no sentence.

    What: A rationale should have at least twelve words, and a sentence among them. For an item that
    is ancillary to another one, a short sentence is enough.

    Why: A decision gives its reasons in plain terms. A few words state a result without
    a reason, and notes without a verb leave it to the reader to make sentences of them.

    Fails:
        rationale = "Not medically necessary, see above."

    Passes:
        rationale = "The guideline asks for a red flag before imaging. None is recorded, so the MRI
        is not necessary."
    """
    hints = ("state what the records show, what the guideline requires, and what follows",)
    for number, issue in enumerate(subject.case.issues):
        rationale = issue.rationale
        if rationale is None:
            continue
        words = itertools.islice(_RATIONALE_WORD.finditer(rationale), _FEWEST_WORDS)
        is_short = len([*words]) < _FEWEST_WORDS
        has_sentence = " is " in rationale or _VERB.search(rationale)
        path: Path = ("issues", number, "rationale")
        if is_short and not (has_sentence and is_ancillary(issue)):
            yield Finding(path, "this rationale is only a few words long", hints)
        elif not has_sentence:
            yield Finding(path, "this rationale contains no sentence", hints)


_ASSOCIATED = Pattern(
    r"\b(?:associated|ancillary|adjunct\w*|related)\s+(?:\w+\s+){0,2}(?:services?|procedures?|"
    r"requests?|items?|surger\w+)\b|\b(?:ancillary|secondary|contingent|dependent|"
    r"predicated)\s+(?:up)?(?:on|to)\b",
    re.IGNORECASE,
)
_OPERATION = (
    r"\b(?:surg\w+|procedures?|operat\w+|primary|arthroscop\w+|\w{3,}(?:ectomy|plasty|desis|otomy|"
    r"ostomy)|fusion|injections?|blocks?|trial|replacement|repair|reconstruction|decompression|"
    r"release|implant\w*|stimulator)\b"
)
_REFUSED = r"\b(?:not|denied|non-?certified|upheld|unnecessary|unsupported)\b"
_SINCE = Pattern(
    rf"\b(?:since|because|as|given|due\s+to)\b[^.]{{0,120}}?{_OPERATION}[^.]{{0,80}}?{_REFUSED}",
    re.IGNORECASE,
)
_OPERATION_REFUSED = Pattern(rf"{_OPERATION}[^.]{{0,60}}?{_REFUSED}", re.IGNORECASE)
_AN_OPERATION = Pattern(_OPERATION, re.IGNORECASE)
_ABOUT_AN_OPERATION = Pattern(
    r"\bassistant\s+surgeons?\b|\b(?:pre|post|peri)[ -]?(?:op\b|operative(?:ly)?|surgical|surgery|"
    r"procedure)",
    re.IGNORECASE,
)


def is_ancillary(issue: Issue) -> bool:
    """Return whether an issue, or its rationale, says that the item is ancillary to another one."""
    if issue.depends_on or _ASSOCIATED.search(issue.item):
        return True
    rationale = issue.rationale or ""
    if _ASSOCIATED.search(rationale) or _SINCE.search(rationale):
        return True
    operation = _AN_OPERATION.search(_ABOUT_AN_OPERATION.sub(" ", issue.item))
    return not operation and bool(_OPERATION_REFUSED.search(rationale))
