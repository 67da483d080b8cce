"""Checks of consistency: does what is said in one place agree with what is said in another?"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

import msgspec

from imrgen.case import Case, Issue
from imrgen.checks import Finding, Subject, check
from imrgen.checks.rules.content import is_ancillary
from imrgen.checks.text import BODY, Pattern, Sentence, sentences, speaks_of

_FACT = "Labor Code 4610.6(h)(5): a plainly erroneous finding of fact is a ground for appeal"


@check("IMR370", "The age differs from the date of birth", "warning", _FACT)
def age_against_birth(subject: Subject) -> Iterator[Finding]:
    """The employee's age is not the one that the date of birth gives.

    What: `employee.age` must be the age on some day between the utilization review decision and the
    determination. Where only one of these dates is known, a year is allowed on the other side.

    Why: One of the two is another person's, or was mistyped.

    Fails:
        date_of_birth = 1964-08-23
        age = 55
        decision_date = 2017-01-17

    Passes:
        age = 52
    """
    age, ages = subject.case.employee.age, _ages(subject.case)
    if age is not None and ages and not ages[0] <= age <= ages[1]:
        yield Finding(
            ("employee", "age"),
            "the age is not what `employee.date_of_birth` gives for the time of this review",
            ("mend `age` or `date_of_birth`",),
        )


def _ages(case: Case) -> tuple[int, int] | None:
    """Give the least and the greatest age that the date of birth allows; `None` where that cannot be told."""
    birth, first, last = (
        case.employee.date_of_birth,
        case.case.ur_decision_date,
        case.case.decision_date,
    )
    known = [_age(birth, day) for day in (first, last) if birth and day]
    if not known or min(known) < 0:
        return None
    return min(known) - (first is None), max(known) + (last is None)


def _age(birth: datetime.date, day: datetime.date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


_WORKER = (
    r"(?:(?:injured\s+worker|IW|patient|applicant|claimant|employee|"
    r"worker)\b(?:\s+\([^()]{1,20}\))?)"
)
_YEARS_OLD = (
    r"(?P<age>\d{1,3})(?:[\s‐‑–-]*(?:years?|yrs?|yr\.)[\s‐‑–-]*old\b|"
    r"[\s-]?y[./-]?\s?o\b|\s+years\s+of\s+age\b)"
)
_ADJECTIVES = (
    r"(?:(?!(?:his|her|their|of|for|with|to|the|by|in|on|and|who|whose|year)\b)[\w-]+,?\s+)"
)
_PERSON = rf"(?:male|female|man|woman|gentleman|lady|individual|[MF]\b|{_WORKER})"
_OWN_AGE = Pattern(
    rf"\b(?:{_WORKER}|he|she)\s+is\s+(?:an?\s+)?{_ADJECTIVES}{{0,3}}?{_YEARS_OLD}|"
    r"(?:^\W*|\bthis\s+is\s+)(?:(?:this|the|"
    rf"an?)\s+)?{_ADJECTIVES}{{0,2}}?{_YEARS_OLD.replace('?P<age>', '?P<age_2>')}"
    rf"(?=[\s,]+{_ADJECTIVES}{{0,4}}?{_PERSON})|"
    rf"\b{_WORKER},\s+(?:who\s+is\s+)?(?:an?\s+)?{_ADJECTIVES}{{0,2}}?"
    rf"{_YEARS_OLD.replace('?P<age>', '?P<age_3>')}|\b(?:{_WORKER},|(?:{_WORKER}|he|"
    rf"she)\s+is)\s+aged?\s+(?P<age_4>\d{{1,3}})\b(?!\s*(?:or|to|and|-|–))",
    re.IGNORECASE,
)
_MAYBE_AGE = Pattern(
    r"\d[\s‐‑–-]?\s?[yY]|[aA]ged?\s+\d", needs=("old", "y/o", "y.o", "yo", "y-o", "y o", " age")
)
_BREAK = Pattern(r"[.?!][\"”)\]]*\s+(?=[A-Z“\"(\[])|\n\s*\n")
_OTHER_THAN_NOW = Pattern(
    r"\b(?:19|20)\d\d\b|\d/\d|\bat\s+(?:the\s+)?(?:time|age)\b|\bthen\b|\bpreviously\b",
    re.IGNORECASE,
)
_THEN = Pattern(
    r"[\s,]*(?:[\w-]+,?\s+){0,3}?(?:at\s+(?:the\s+)?(?:time|age)|when)\b", re.IGNORECASE
)
_LITERATURE = Pattern(
    r"\b(?:stud(?:y|ies)|trials?|literature|et\s+al|case\s+(?:report|series)|cohort|subjects|"
    r"participants|guidelines?)\b",
    re.IGNORECASE,
)
_QUOTED = Pattern(r"[\"“][^\"“”\n]{0,600}[\"”]")
_YOUNGEST, _OLDEST = 14, 100


class _Said(msgspec.Struct, frozen=True):
    """An age that a narrative gives as the worker's own.

    Args:
        age: The number.
        start: Where the number begins in the narrative.
        end: Where the phrase ends.
    """

    age: int
    start: int
    end: int


def _own_ages(narrative: str) -> Iterator[_Said]:
    """Find the ages that are the worker's own and present ones; what is doubtful is left out."""
    if not _MAYBE_AGE.search(narrative):
        return
    text, done = _QUOTED.compiled.sub(_blank, narrative), 0
    for maybe in _MAYBE_AGE.finditer(text):
        if maybe.start() < done:
            continue
        breaks = [
            0,
            *(
                each.end()
                for each in _BREAK.finditer(text, max(0, maybe.start() - 400), maybe.start())
            ),
        ]
        end = _BREAK.search(text, maybe.end() + 10)
        done = end.start() if end else len(text)
        yield from _own_ages_of(text[breaks[-1] : done], breaks[-1])


def _own_ages_of(sentence: str, start: int) -> Iterator[_Said]:
    if _LITERATURE.search(sentence):
        return
    for found in _OWN_AGE.finditer(sentence):
        place = next(number for number in range(1, 5) if found[number])
        before, age = sentence[: found.start(place)], int(found[place])
        if (
            _YOUNGEST <= age <= _OLDEST
            and not _OTHER_THAN_NOW.search(before)
            and not _is_then(sentence, found)
        ):
            yield _Said(age, start + found.start(place), start + found.end())


def _is_then(sentence: str, found: re.Match[str]) -> bool:
    # “This 34 year old male, when he fell”: the age at the injury. After “is”, the age is of now.
    return not re.search(r"\bis\b", found[0], re.IGNORECASE) and bool(
        _THEN.match(sentence, found.end())
    )


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


@check("IMR371", "A narrative says another age", "warning", _FACT)
def age_in_narratives(subject: Subject) -> Iterator[Finding]:
    """A narrative gives another age than the case does, or than another narrative.

    What: “58 year old”, “58-year-old”, “58 y/o”, “age 58”, where it is said of the injured worker
    and of now. It is compared with `employee.age`, or else with the date of birth, or else with the
    age said first. Two years less and one year more are allowed, since records are older than the
    determination.

    Why: A wrong age is the sign of a paragraph from another case.

    Fails:
        [employee]
        age = 58
        rationale = "The injured worker is a 41 year old male …"

    Passes:
        rationale = "The injured worker is a 58 year old male …"
    """
    age = subject.case.employee.age
    known, ages = "`employee.age`", (age, age) if age is not None else None
    if ages is None:
        known, ages = "what `employee.date_of_birth` gives", _ages(subject.case)
    for path, text in subject.narratives:
        for said in _own_ages(text):
            if ages is None:
                # The age said first may itself be the older one.
                known, ages = "the age said before", (said.age, said.age + 1)
            if not ages[0] - 2 <= said.age <= ages[1] + 1:
                hints = ("mend it, or say as of when it is",)
                length = len(str(said.age))
                yield Finding(path, f"this age differs from {known}", hints, said.start, length)


_SEXES = dict.fromkeys(
    ("male", "man", "gentleman", "he", "him", "his", "himself"), "male"
) | dict.fromkeys(("female", "woman", "lady", "she", "her", "hers", "herself"), "female")
_SEX_SAID = Pattern(
    rf"[\s,]*{_ADJECTIVES}{{0,3}}?(male|man|gentleman|female|woman|lady)\b", re.IGNORECASE
)
# The first letter before the look back: that is four times as fast.
_PRONOUN = Pattern(r"[HhSs](?<!\w.)(?:e|im|is|imself|he|er|ers|erself)\b")
_EITHER = Pattern(
    r"\b(?:s?he|him|his|hers?)\s*(?:/|\bor\b|\()\s*(?:s?he|him|his|hers?)\b\)?|\(s\)he\b|\bs/he\b",
    re.IGNORECASE,
)
_SOMEONE_ELSE = Pattern(
    r"\b(?:dr|doctors?|physicians?|providers?|surgeons?|psycholog\w+|psychiatrist|chiropractor|"
    r"therapists?|specialists?|examiner|evaluator|reviewer|consultant|internist|orthopedist|"
    r"neurologist|podiatrist|[QAP]ME|PTP|MD|nurse|attorney|acupuncturist|assistant|wife|husband|"
    r"spouse|mother|father|parents?|sons?|daughters?|brother|sister|child|children|baby|partner|"
    r"girlfriend|boyfriend|fianc\w+|co-?workers?|colleague|supervisor|manager|boss|employer|friend|"
    r"customer|client|student|pupil|resident|inmate|suspect|assailant|driver|neighbor|woman|man|"
    r"lady|girl|boy|fetus)\b",
    re.IGNORECASE,
)
_TRANS = Pattern(
    r"\btrans(?:gender|sexual|[ -](?:man|woman|male|female))\b|\bgender\b", re.IGNORECASE
)
_FEWEST_PRONOUNS = 3


@check("IMR372", "The summary speaks of another sex", "warning", _FACT)
def sex_in_summary(subject: Subject) -> Iterator[Finding]:
    """The clinical summary calls the injured worker by the other sex.

    What: “a 58 year old female” is compared with `employee.sex`. “He”, “his”, “she”, “her” are
    counted, without “he/she”, quotations and sentences that speak of someone else too, such as a
    physician or a spouse. Three at the least, and four of five, must be of the other sex than
    `employee.sex`, or than the summary's own “male” or “female”.

    Why: It is the sign of a summary from another case, and it offends whom the letter is about.

    Fails:
        clinical_summary = "The injured worker is a 58 year old male … She reported … her back … She
        walks …"

    Passes:
        clinical_summary = "The injured worker is a 58 year old male … He reported … his back … He
        walks …"
    """
    summary, known = subject.case.clinical_summary, "`employee.sex`"
    sex: str | None = subject.case.employee.sex
    if not summary or sex == "unspecified":
        return
    path, hints = ("clinical_summary",), ("mend the summary or `employee.sex`",)
    for said in _own_ages(summary):
        noun = _SEX_SAID.match(summary, said.end)
        if noun and sex is None:
            sex, known = _SEXES[noun[1].lower()], "the sex said at the age"
        elif noun and _SEXES[noun[1].lower()] != sex and not _TRANS.search(summary):
            yield Finding(path, f"this differs from {known}", hints, noun.start(1), len(noun[1]))
            return
    other = "female" if sex == "male" else "male"
    if sex and len(_pronouns(summary, other)) >= _FEWEST_PRONOUNS and not _TRANS.search(summary):
        alone = [
            each
            for sentence in sentences(_QUOTED.compiled.sub(_blank, summary))
            for each in _of_worker(sentence)
        ]
        others = [each for each in alone if each[0] == other]
        if len(others) >= _FEWEST_PRONOUNS and len(others) >= 0.8 * len(alone):
            message = f"this and nearly all pronouns of the summary differ from {known}"
            yield Finding(path, message, hints, others[0][1], others[0][2])


def _pronouns(text: str, sex: str) -> list[str]:
    return [word for word in _PRONOUN.findall(text) if _SEXES[word.lower()] == sex]


def _of_worker(sentence: Sentence) -> Iterator[tuple[str, int, int]]:
    """Give sex, place and length of a sentence's pronouns that can only mean the worker."""
    words = _EITHER.compiled.sub(_blank, sentence.text)
    if not _SOMEONE_ELSE.search(_SEX_AT_AGE.sub("", words)):
        for found in _PRONOUN.finditer(words):
            yield _SEXES[found[0].lower()], sentence.start + found.start(), len(found[0])


_SEX_AT_AGE = Pattern(r"old\s+(?:[\w-]+\s+){0,2}?(?:wo)?man\b|\bold\s+lady\b", re.IGNORECASE)
_SIDE = Pattern(
    r"(?<!dominant )\b(?:(?P<left>left|lt)|(?P<right>right|rt))\b"
    r"(?![ -]+(?:hand(?:ed)?[ -]+)?(?:is\s+)?(?:the\s+)?(?:handed|domina))",
    re.IGNORECASE,
)
_BOTH = Pattern(r"\bbilat\w*|\bboth\b|\beach\b|\beither\b|\bb/l\b", re.IGNORECASE)
_LETTER = {
    "left": Pattern(r"\(L\)|\bL(?=\s+(?!spine\b)[a-z])"),
    "right": Pattern(r"\(R\)|\bR(?=\s+[a-z])"),
}
_COMPARED = Pattern(
    r"\bcontra-?\s?lateral|\bopposite|\bother\s+(?:side|extremity|one)\b|\buninjured|\bunaffected|"
    r"\bipsilateral",
    re.IGNORECASE,
)
_PART = Pattern(rf"\b{BODY}\b", re.IGNORECASE)
# Only beside a part of the body is it a side: “right to appeal”, “left work” are none.
_PART_OF_SIDE = Pattern(
    r"\.?[\s-]+(?:(?:sided?|lower|upper|distal|proximal|medial|lateral|anterior|posterior|index|"
    rf"middle|ring|small|little|great|big|total|partial)[\s-]+){{0,3}}({BODY})\b",
    re.IGNORECASE,
)


@check("IMR373", "The rationale speaks of the other side", "warning", _FACT)
def side_in_rationale(subject: Subject) -> Iterator[Finding]:
    """The item is about one side of the body, but the rationale speaks of the other one only.

    What: Where an item says left or right (and not both), and its rationale never says that side,
    nor “bilateral”, but says the other one of the same part of the body, the caret stands there.
    “Right-handed” does not count, and a comparison with the opposite side makes the check silent.

    Why: A wrong side in a determination authorizes or denies treatment of the wrong limb.

    Fails:
        item = "MRI of the left knee"
        rationale = "The right knee locks … The requested MRI is medically necessary."

    Passes:
        rationale = "The left knee locks, and the right one does not …"
    """
    for number, issue in enumerate(subject.case.issues):
        found = _other_side(issue) if issue.rationale else None
        if found:
            yield Finding(
                ("issues", number, "rationale"),
                "the rationale speaks of this side only, and the item is of the other one",
                ("mend the side here or in the `item`",),
                found.start(),
                len(found[0]),
            )


def _other_side(issue: Issue) -> re.Match[str] | None:
    item, rationale = issue.item, issue.rationale or ""
    own = {side.lastgroup for side in _SIDE.finditer(item)}
    own |= {name for name, letter in _LETTER.items() if letter.search(item)}
    if (
        len(own) != 1
        or _BOTH.search(item)
        or _BOTH.search(rationale)
        or _COMPARED.search(rationale)
    ):
        return None
    sides = list(_SIDE.finditer(rationale))
    name = own.pop() or ""
    if any(side.lastgroup == name for side in sides) or _LETTER[name].search(rationale):
        return None
    parts = {_singular(part) for text in (item, *issue.body_parts) for part in _PART.findall(text)}
    for side in sides:
        part = _PART_OF_SIDE.match(rationale, side.end())
        if part and _singular(part[1]) in parts:
            return side
    return None


def _singular(part: str) -> str:
    return (
        part.lower()
        .replace("feet", "foot")
        .replace("calves", "calf")
        .replace("extremities", "extremity")
        .rstrip("s")
    )


_MEDICATION = Pattern(
    r"\d\s*(?:mg|mcg|ml|g|gm|grams?|%)\b|%|#\s*\d|\b(?:tab|cap|cream|patch|ointment|gel|lotion|"
    r"drops)",
    re.IGNORECASE,
)
_OPERATION = Pattern(
    r"\b(?:surg\w+|arthroscop\w+|\w+(?:ectomy|plasty|desis|otomy)|fusion|repair|replacement|"
    r"release|decompression)\b",
    re.IGNORECASE,
)
_OF_MEDICATION = (
    r"(?:medications?|medicines?|drugs?|prescriptions?|compound\w*|topicals?|"
    r"creams?|analges\w+|supplements?)"
)
_OF_OPERATION = r"(?:surger\w+|surgical|procedures?|operat\w+|interventions?)"
_OF_SERVICE = (
    r"(?:services?|items?|tests?|testing|stud(?:y|ies)|imaging|diagnostics?|devices?|equipment|"
    r"units?|suppl\w+|therap\w+|modalit\w+|procedures?|interventions?|injections?|consult\w*|"
    r"referrals?|programs?|evaluations?|visits?|sessions?|treatments?|surger\w+)"
)


def _said_generally(nouns: str, article: str) -> Pattern:
    return Pattern(
        rf"\b(?:requested|this|these|such|said|proposed|disputed{article})\s+(?:[\w-]+\s+){{0,2}}?"
        rf"{nouns}\b",
        re.IGNORECASE,
    )


_MEDICATION_SAID = _said_generally(_OF_MEDICATION, "|the|of|any")
_OPERATION_SAID = _said_generally(_OF_OPERATION, "|the|of|any")
_SERVICE_SAID = _said_generally(rf"(?:{_OF_SERVICE}|{_OF_MEDICATION})", "")


@check(
    "IMR374",
    "The rationale does not speak of the item",
    "warning",
    "Labor Code 4610.6(d): reasons for the determination",
)
def item_in_rationale(subject: Subject) -> Iterator[Finding]:
    """No word of the item stands in its rationale.

    What: The item's words are looked for by their beginnings, together with common names of the
    same treatment: brands and generic names, classes of drugs, abbreviations. Words of quantity and
    parts of the body do not count. The check is silent where the rationale says “the requested
    medication” (surgery, service …) or calls the item ancillary.

    Why: A rationale that never mentions what it decides was most often pasted from another issue.

    Fails:
        item = "Acupuncture, 6 visits" rationale = "The guideline asks for a red flag before
        imaging. … The requested MRI is not medically necessary."

    Passes:
        rationale = "… The requested acupuncture is medically necessary."
    """
    for number, issue in enumerate(subject.case.issues):
        if (
            issue.rationale
            and speaks_of(issue.rationale, issue.item) is False
            and not _is_meant(issue, issue.rationale)
        ):
            hints = ("name the item in the rationale, or put the rationale where it belongs",)
            yield Finding(
                ("issues", number, "rationale"), "this rationale does not speak of the item", hints
            )


def _is_meant(issue: Issue, rationale: str) -> bool:
    medication, operation = _MEDICATION.search(issue.item), _OPERATION.search(issue.item)
    said = _MEDICATION_SAID if medication else _OPERATION_SAID if operation else _SERVICE_SAID
    return bool(said.search(rationale)) or is_ancillary(issue)
