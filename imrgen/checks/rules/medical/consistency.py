"""Checks of consistency: the case's facts and its narratives must agree with each other."""

import datetime
import re
from collections.abc import Iterator

import msgspec

from imrgen.case import Case
from imrgen.checks import Finding, Subject, check
from imrgen.checks.text import BODY, Pattern, Sentence, sentences

_FACT = "Editorial: the facts of a letter agree with each other"


@check("IMR370", "The age differs from the date of birth", "warning", _FACT)
def age_against_birth(subject: Subject) -> Iterator[Finding]:
    """Compare the employee's age with the date of birth.

    What: `employee.age` must be the age on some day between the utilization review decision and the
    determination. Where only one of these dates is known, one more year is allowed on the other
    side.

    Why: One of the two is another person's, or was mistyped.

    Fails:
        date_of_birth = 1964-08-23
        age = 55
        decision_date = 2017-01-17

    Passes:
        age = 52
    """
    age = subject.case.employee.age
    ages = _possible_ages(subject.case)
    if age is not None and ages and not ages[0] <= age <= ages[1]:
        yield Finding(
            ("employee", "age"),
            "the age does not fit `employee.date_of_birth` at the time of this review",
            ("correct `age` or `date_of_birth`",),
        )


def _possible_ages(case: Case) -> tuple[int, int] | None:
    """Return the lowest and the highest age during the review; `None` if it cannot be known."""
    birth = case.employee.date_of_birth
    first, last = case.case.ur_decision_date, case.case.decision_date
    ages = [_age(birth, day) for day in (first, last) if birth and day]
    if not ages or min(ages) < 0:
        return None
    return min(ages) - (first is None), max(ages) + (last is None)


def _age(birth: datetime.date, day: datetime.date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


_WORKER = (
    r"(?:(?:injured\s+worker|IW|patient|applicant|claimant|employee|"
    r"worker)\b(?:\s+\([^()]{1,20}\))?)"
)
_YEARS_OLD = (
    r"(?P<years>\d{1,3})(?:[\s‐‑–-]*(?:years?|yrs?|yr\.)[\s‐‑–-]*old\b|"
    r"[\s-]?y[./-]?\s?o\b|\s+years\s+of\s+age\b)"
)
_ADJECTIVES = (
    r"(?:(?!(?:his|her|their|of|for|with|to|the|by|in|on|and|who|whose|year|over|under|above|below|"
    r"than|least|age|ages)\b)[\w-]+,?\s+)"
)
_PERSON_NOUN = rf"(?:male|female|man|woman|gentleman|lady|individual|[MF]\b|{_WORKER})"
_AGE_OF_WORKER, _AGE_BEHIND_ADJECTIVES = (
    Pattern(
        rf"\b(?:(?:{_WORKER}\s+(?:is|was)|he\s+is|she\s+is)\s+(?:an?(?:\(n\))?\s+)?{one_more}|"
        rf"{_WORKER},\s+(?:who\s+is\s+)?(?:an?\s+)?){up_to_two}{_YEARS_OLD}",
        re.IGNORECASE,
        needs=(
            *("worker", " iw ", "patient", "applicant", "claimant", "employee"),
            *(" he is ", " she is "),
        ),
    )
    for one_more, up_to_two in (("", ""), (f"{_ADJECTIVES}??", f"{_ADJECTIVES}{{0,2}}?"))
)
_AGED = Pattern(
    rf"\b(?:{_WORKER},|(?:{_WORKER}|he|she)\s+is)\s+aged?\s+(?P<years>\d{{1,3}})\b"
    r"(?!\s*(?:or|to|and|-|–))",
    re.IGNORECASE,
    needs=(" age",),
)
_AGE_OF_CASE = Pattern(
    r"(?:^\W*|\bthis\s+is\s+|\b(?:case|claim|matter|review|file|record|dispute|request|report|history)s?"
    r"\s+(?:is\s+(?:about|for|that\s+of)|involves|concerns|regards|describes|pertains\s+to|relates\s+to|"
    r"of|for|from)\s+)(?:(?:this|the|an?(?:\(n\))?)\s+)?"
    rf"{_ADJECTIVES}{{0,2}}?{_YEARS_OLD}(?=[\s,]+{_ADJECTIVES}{{0,4}}?{_PERSON_NOUN})",
    re.IGNORECASE,
)
_MAYBE_AGE = Pattern(
    r"\d[\s‐‑–-]?\s?[yY]|[aA]ged?\s+\d",
    needs=("year", "yr", "y/o", "y.o", "yo", "y-o", "y o", "aged ", "age "),
)
_BREAK = Pattern(r"[.?!][\"”)\]]*\s+(?=[A-Z“\"(\[])|\n\s*\n")
_OTHER_THAN_NOW = Pattern(
    r"\b(?:19|20)\d\d\b|\d/\d|\bat\s+(?:the\s+)?(?:time|age)\b|\bthen\b|\bpreviously\b",
    re.IGNORECASE,
    needs=(" 19", " 20", "/", " at ", " then ", " previously "),
)
_THEN = Pattern(
    r"[\s,]*(?:[\w-]+,?\s+){0,3}?(?:at\s+(?:the\s+)?(?:time|age)|when)\b", re.IGNORECASE
)
_LITERATURE = Pattern(
    r"\b(?:stud(?:y|ies)|trials?|literature|et\s+al|case\s+(?:report|series)|cohort|subjects|"
    r"participants|guidelines?)\b",
    re.IGNORECASE,
    needs=(
        *(" stud", " trial", "literature", " et ", " case report", " case series", "cohort"),
        *("subjects", "participants", "guideline"),
    ),
)
_QUOTED = Pattern(r"[\"“][^\"“”\n]{0,600}[\"”]", needs=('"', "“"))
_YOUNGEST, _OLDEST = 14, 100


class _StatedAge(msgspec.Struct, frozen=True):
    """The worker's own age as a narrative states it.

    Args:
        age: In years.
        start: Where the number begins in the narrative.
        end: Where the phrase ends.
    """

    age: int
    start: int
    end: int


def _own_ages(narrative: str) -> Iterator[_StatedAge]:
    """Find where a narrative states the worker's present age; doubtful phrases are left out."""
    if not _MAYBE_AGE.search(narrative):
        return
    text = _QUOTED.sub(_blank, narrative)
    done = 0
    for match in _MAYBE_AGE.finditer(text):
        if match.start() < done:
            continue
        breaks = _BREAK.finditer(text, max(0, match.start() - 400), match.start())
        begin = max((each.end() for each in breaks), default=0)
        end = _BREAK.search(text, match.end() + 10)
        done = end.start() if end else len(text)
        yield from _own_ages_in(text[begin:done], begin)


def _own_ages_in(sentence: str, start: int) -> Iterator[_StatedAge]:
    if _LITERATURE.search(sentence):
        return
    ages = len(_MAYBE_AGE.findall(sentence))
    found: dict[int, re.Match[str]] = {}
    for pattern in (_AGE_OF_WORKER, _AGE_BEHIND_ADJECTIVES, _AGED, _AGE_OF_CASE):
        if len(found) < ages:  # compiling the next one takes long
            for match in pattern.finditer(sentence):
                found.setdefault(match.start("years"), match)
    done = 0
    for match in sorted(found.values(), key=re.Match.start):
        if match.start() < done:
            continue
        done = match.end()
        age, at = int(match["years"]), match.start("years")
        is_past = _OTHER_THAN_NOW.search(sentence[:at])
        if _YOUNGEST <= age <= _OLDEST and not is_past and not _is_then(sentence, match):
            yield _StatedAge(age, start + at, start + match.end())


def _sex_noun(text: str, start: int) -> re.Match[str] | None:
    """Match the noun behind an age, such as “male”, which mostly stands right there."""
    return _SEX_NOUN.match(text, start) or _SEX_BEHIND_ADJECTIVES.match(text, start)


def _is_then(sentence: str, match: re.Match[str]) -> bool:
    # “This 34 year old male, when he fell” is the age at the injury; after “is”, it is today's.
    is_present = re.search(r"\bis\b", match[0], re.IGNORECASE)
    return not is_present and _THEN.match(sentence, match.end()) is not None


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


@check("IMR371", "A narrative states another age", "warning", _FACT)
def age_in_narratives(subject: Subject) -> Iterator[Finding]:
    """Compare the ages in narratives with the case, or with each other.

    What: “58 year old”, “58-year-old”, “58 y/o”, “age 58”, where this is the injured worker's
    present age. It is compared with `employee.age`, or else with the date of birth, or else with
    the first age stated. Two years less and one year more are allowed, since records are older than
    the determination.

    Measured: 60 of 60 wrong ages in summaries were found. No finding on 60 unchanged letters.
    Letters and mutations are invented (`make checks-report`). An earlier version did not read
    57 of 193 real letters' ages.

    Why: A wrong age is the sign of a paragraph from another case.

    Fails:
        [employee]
        age = 58
        rationale = "The injured worker is a 41 year old male …"

    Passes:
        rationale = "The injured worker is a 58 year old male …"
    """
    age = subject.case.employee.age
    known = "`employee.age`"
    ages = (age, age) if age is not None else None
    if ages is None:
        known = "what `employee.date_of_birth` gives"
        ages = _possible_ages(subject.case)
    hints = ("correct it, or state the date that it refers to",)
    for path, text in subject.narratives:
        for stated in _own_ages(text):
            if ages is None:
                # The first age stated may itself be the older one.
                known = "the age stated before"
                ages = (stated.age, stated.age + 1)
            if not ages[0] - 2 <= stated.age <= ages[1] + 1:
                length = len(str(stated.age))
                yield Finding(path, f"this age differs from {known}", hints, stated.start, length)


_SEXES = dict.fromkeys(
    ("male", "man", "gentleman", "he", "him", "his", "himself"), "male"
) | dict.fromkeys(("female", "woman", "lady", "she", "her", "hers", "herself"), "female")
_SEX_NOUN, _SEX_BEHIND_ADJECTIVES = (
    Pattern(rf"[\s,]*{adjectives}(male|man|gentleman|female|woman|lady)\b", re.IGNORECASE)
    for adjectives in ("", f"{_ADJECTIVES}{{1,3}}?")
)
# The first letter comes before the lookbehind, which is four times as fast.
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
    r"\btrans(?:gender|sexual|[ -](?:man|woman|male|female))\b|\bgender\b",
    re.IGNORECASE,
    needs=("transgender", "transsexual", "trans ", "trans-", "gender"),
)
_FEWEST_PRONOUNS = 3


_OWN_THING = (
    r"(?:pain|symptoms?|complaints?|condition|injur(?:y|ies)|medications?|function|work|job|history|"
    rf"activit\w+|right|left|low(?:er)?|upper|examination|{BODY})"
)
_OF_WORKER = Pattern(
    rf"\b(?P<possessive>his|her)\s+(?:\w+\s+)?{_OWN_THING}\b|\b(?:this|the)\s+(?:injured\s+)?"
    r"(?P<noun>male|female|man|woman|gentleman|lady)\b(?!\s+(?:doctor|physician|relative))",
    re.IGNORECASE,
)


@check("IMR372", "A narrative uses words of the other sex", "warning", _FACT)
def sex_in_summary(subject: Subject) -> Iterator[Finding]:
    """Compare the words for the injured worker's sex in the narratives with the case.

    What: “a 58 year old female” is compared with `employee.sex`. “He”, “his”, “she”, “her” are
    counted; “he/she”, quotations, and sentences that mention someone else too, such as a physician
    or a spouse, are left out. At least three, and four in five, must differ from `employee.sex`, or
    from the summary's own “male” or “female”. In a rationale, where all of “his pain”, “her knee”
    and “this woman” are of the other sex, the first is reported.

    Measured: 60 of 60 summaries and 60 of 60 rationales with words of the other sex were found.
    No finding on 60 unchanged letters. Letters and mutations are invented (`make checks-
    report`).

    Why: It is the sign of a summary from another case, and it offends the person whom the letter is
    about.

    Fails:
        clinical_summary = "The injured worker is a 58 year old male … She reported … her back … She
        walks …"

    Passes:
        clinical_summary = "The injured worker is a 58 year old male … He reported … his back … He
        walks …"
    """
    summary = subject.case.clinical_summary
    sex: str | None = subject.case.employee.sex
    if sex == "unspecified" or _TRANS.search(summary or ""):
        return
    yield from _sex_in_rationales(subject, sex)
    if not summary:
        return
    path = ("clinical_summary",)
    hints = ("correct the summary or `employee.sex`",)
    known = "`employee.sex`"
    for age in _own_ages(summary):
        noun = _sex_noun(summary, age.end)
        if noun and sex is None:
            sex = _SEXES[noun[1].lower()]
            known = "the sex stated with the age"
        elif noun and _SEXES[noun[1].lower()] != sex:
            yield Finding(path, f"this differs from {known}", hints, noun.start(1), len(noun[1]))
            return
    other = "female" if sex == "male" else "male"
    words = _PRONOUN.findall(summary)
    if sex is None or sum(_SEXES[word.lower()] == other for word in words) < _FEWEST_PRONOUNS:
        return
    pronouns = [
        pronoun
        for sentence in sentences(_QUOTED.sub(_blank, summary))
        for pronoun in _pronouns_of_worker(sentence)
    ]
    differing = [each for each in pronouns if each[0] == other]
    if len(differing) >= _FEWEST_PRONOUNS and len(differing) >= 0.8 * len(pronouns):
        yield Finding(
            path,
            f"this and nearly all pronouns of the summary differ from {known}",
            hints,
            differing[0][1],
            differing[0][2],
        )


def _sex_in_rationales(subject: Subject, sex: str | None) -> Iterator[Finding]:
    summary = subject.case.clinical_summary or ""
    for age in _own_ages(summary) if sex is None else ():
        if noun := _sex_noun(summary, age.end):
            sex = _SEXES[noun[1].lower()]
    for number, issue in enumerate(subject.case.issues):
        text = issue.rationale or ""
        lower = text.lower()
        # The search for the other sex's words is slow, and they are in hardly any rationale.
        others = (" his ", " male", " man", " gentleman")
        if sex == "male":
            others = (" her ", " female", " woman", " lady")
        if sex is None or not any(map(lower.__contains__, others)) or _TRANS.search(text):
            continue
        words = [
            (
                _SEXES[match[match.lastgroup or 0].lower()],
                sentence.start + match.start(),
                len(match[0]),
            )
            for sentence in sentences(_QUOTED.sub(_blank, text))
            if not _SOMEONE_ELSE.search(_OF_WORKER.sub("", sentence.text))
            for match in _OF_WORKER.finditer(sentence.text)
        ]
        if words and all(other != sex for other, _, _ in words):
            yield Finding(
                ("issues", number, "rationale"),
                "this is of another sex than the injured worker",
                ("correct it, or `employee.sex`",),
                words[0][1],
                words[0][2],
            )


def _pronouns_of_worker(sentence: Sentence) -> Iterator[tuple[str, int, int]]:
    """Yield sex, start and length of a sentence's pronouns that can only mean the worker."""
    words = _EITHER.sub(_blank, sentence.text)
    if not _SOMEONE_ELSE.search(_SEX_AT_AGE.sub("", words)):
        for match in _PRONOUN.finditer(words):
            yield _SEXES[match[0].lower()], sentence.start + match.start(), len(match[0])


_SEX_AT_AGE = Pattern(r"old\s+(?:[\w-]+\s+){0,2}?(?:wo)?man\b|\bold\s+lady\b", re.IGNORECASE)
