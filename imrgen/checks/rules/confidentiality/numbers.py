"""Numbers and dates that lead to a person: the case's own, and those of other records."""

import functools
import re
from collections.abc import Iterable, Iterator

from imrgen.checks import Finding, Subject, check
from imrgen.checks.rules.confidentiality.published import (
    SAFE_HARBOR,
    WITHIN_WORD,
    PublishedText,
    overlaps,
    published_findings,
)
from imrgen.checks.text import Hit, Pattern, fold, identifiers, merge_hits
from imrgen.diagnostics import Severity

_NUMBER_LABEL = Pattern(r"^\W*(?:(?:claim|case|eams|file|nos?|number)\b[\s.:#]*)*")


def own_numbers(text: PublishedText) -> list[Hit]:
    """Return where the case's own numbers stand, and those of other cases."""
    return text.subject.cached(own_numbers, lambda: merge_hits(_own_numbers(text)))


def _own_numbers(text: PublishedText) -> Iterator[Hit]:
    for _, value, field in text.subject.fields:
        for part in re.split(r"[;,]", value) if field.kind == "identifier" else ():
            core = "".join(re.findall(r"[a-z0-9]+", _NUMBER_LABEL.sub("", fold(part)[0])))
            for number in dict.fromkeys((core, *re.findall(r"\d{7,}", core))):
                has_digits = len(number) > 4 and len(re.findall(r"\d", number)) > 3
                if not has_digits or number.encode() not in text.squeezed:
                    continue
                certain = field.confidential and number == core and len(core) > 6
                severity: Severity = "error" if certain else "warning"
                for start, stop in text.find(WITHIN_WORD.join(number)):
                    yield text.hit(start, stop, severity)
            yield from _other_numbers(text, core)


_SERIAL_START = Pattern(r"(?:[a-z0-9]+-)*[a-z0-9]*\Z")
_SERIAL_END = Pattern(r"[a-z0-9]*(?:-[a-z0-9]+)*")
_LAST_FOUR = Pattern(
    r"\b(?:claim|case|file)\b[^.;\n\0]{0,30}?\b(?:ending|ends)(?:\s+(?:in|with))?\W{0,3}\Z|"
    r"\blast\s+(?:four|4)\b(?:\s+(?:digits|of|the|his|her|claim|number|are|is|being))*\W{0,3}\Z"
)


def _other_numbers(text: PublishedText, core: str) -> Iterator[Hit]:
    """Find another case's number of the same form, a number with one digit wrong, the last four."""
    if len(core) < 7 or len(re.findall(r"\d", core)) < 6:
        return
    shape = _shape(core)
    for start, stop, number in text.subject.cached(_serials, lambda: _serials(text)):
        if len(number) != len(core) or number == core:
            continue
        is_serial = not core.isdigit() and core[:3] != "adj" and _shape(number) == shape
        if is_serial or sum(a != b for a, b in zip(number, core, strict=True)) == 1:
            yield Hit(start, stop)
    for start, stop in text.digit_runs:
        is_end = stop - start == 4 and core.endswith(text.lower[start:stop])
        if is_end and _LAST_FOUR.search(text.lower, max(0, start - 60), start):
            yield Hit(start, stop)


def _serials(text: PublishedText) -> list[tuple[int, int, str]]:
    """Return the numbers with four digits in a row: start, end, and letters and digits."""
    serials = {}
    for start, stop in text.digit_runs:
        first = _SERIAL_START.search(text.lower, max(0, start - 12), start)
        last = _SERIAL_END.match(text.lower, stop)
        if first and last:
            number = text.lower[first.start() : last.end()].replace("-", "")
            serials[first.start()] = (first.start(), last.end(), number)
    return list(serials.values())


def _shape(number: str) -> str:
    return re.sub(r"\d", "9", number)


@check("IMR382", "A number of the case in a text", "error", f"{SAFE_HARBOR}, (R): unique numbers")
def own_number_in_text(subject: Subject) -> Iterable[Finding]:
    """Report the claim number, the EAMS number and the case number in texts, and another case's.

    What: The numbers are searched for with any spaces and hyphens. Warnings are the case number, a
    number of less than seven characters, which may occur by chance, the digits of a number without
    its letters, its last four after “claim number ending in”, one with a wrong digit, and any other
    number of the same form (CM17-0001234), which is another case's.

    Measured: 60 of 60 other cases' numbers, claim numbers with a wrong digit, and last four
    digits were found. No finding on 60 unchanged letters. Letters and mutations are invented
    (`make checks-report`).

    Why: A claim number leads to the injured worker as surely as the name does.

    Fails:
        clinical_summary = "… the claim WC-2016-000100 was accepted."

    Passes:
        clinical_summary = "… the claim was accepted."
    """
    return published_findings(
        subject,
        own_numbers,
        "this looks like a number of the case",
        "remove the number",
    )


@check("IMR386", "A birth date", "warning", f"{SAFE_HARBOR}, (C): birth dates")
def birth_date(subject: Subject) -> Iterable[Finding]:
    """Report birth dates.

    What: A date next to “DOB”, “date of birth” or “born on”, or the year after “born in”, is a
    warning. The injured worker's own, in any form, is an error, or a warning if day and month are
    exchanged.

    Measured: 60 of 60 years of birth in the forms above were found. No finding on 60 unchanged
    letters. Letters and mutations are invented (`make checks-report`).

    Why: The letter needs the age at most. Date of birth and place of work identify a person.

    Fails:
        clinical_summary = "The injured worker (DOB 1/2/1970) …"

    Passes:
        clinical_summary = "The injured worker is a 46-year-old …"
    """
    search = functools.partial(identifiers.birth_dates, known=subject.case.employee.date_of_birth)
    return published_findings(
        subject, search, "this looks like a birth date", "write the age instead"
    )


@check(
    "IMR387", "A social security number", "warning", f"{SAFE_HARBOR}, (G): social security numbers"
)
def social_security_number(subject: Subject) -> Iterable[Finding]:
    """Report social security numbers, or their last four digits.

    What: ###-##-#### is an error if such a number can have been issued, else a warning; so are ###
    ## ####, ###.##.####, nine digits that can be one, and the last four after “SSN” or “XXX-XX”.

    Measured: 60 of 60 social security numbers in the forms above were found. No finding on 60
    unchanged letters. Letters and mutations are invented (`make checks-report`).

    Why: It is the one number that opens every other record.

    Fails:
        clinical_summary = "… (SSN ending in 1234) …"

    Passes:
        clinical_summary = "The injured worker …"
    """
    return published_findings(
        subject,
        identifiers.social_security_numbers,
        "this looks like a social security number",
        "remove the number",
    )


@check(
    "IMR388",
    "A record number",
    "warning",
    f"{SAFE_HARBOR}, (H) to (K): record, plan, account and license numbers",
)
def record_number(subject: Subject) -> Iterable[Finding]:
    """Report numbers of medical records, members, policies, accounts, licenses and claims.

    What: Four digits or more after “MRN”, “chart #”, “file number”, “DEA”, “driver's license”,
    “policy no.” and the like. The
    case's own numbers are IMR382's; the number of a coverage policy, which is a citation, is fine.

    Measured: 60 of 60 record numbers in the forms above were found. No finding on 60 unchanged
    letters. Letters and mutations are invented (`make checks-report`).

    Why: It identifies the person to anyone who has access to the records.

    Fails:
        clinical_summary = "… (MRN 00123456) …"

    Passes:
        clinical_summary = "… according to the hospital's records …"
    """
    return published_findings(
        subject,
        _other_record_numbers,
        "this looks like the number of a record, a plan or a license",
        "remove the number",
    )


def _other_record_numbers(text: PublishedText) -> Iterator[Hit]:
    for hit in identifiers.record_numbers(text):
        if not overlaps(hit, own_numbers(text)):
            yield hit
