"""Checks of confidentiality: a published determination must not identify a person."""

import bisect
import functools
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from imrgen.case import CORE, pattern_of
from imrgen.checks import Finding, Subject, check
from imrgen.checks.text import (
    Hit,
    Pattern,
    fold,
    identifiers,
    is_cited,
    is_everyday,
    is_surname,
    is_used_as_name,
    merge_hits,
)
from imrgen.diagnostics import Severity

_PUBLISHED_KINDS = frozenset(("narrative", "text", "amount"))
_SAFE_HARBOR = "45 CFR 164.514(b)(2): what de-identified health information leaves out"
_SEPARATOR = "\n\0\n"
_NO_LETTER_OR_DIGIT = bytes(
    code for code in range(256) if not (48 <= code <= 57 or 97 <= code <= 122)
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_WITHIN_WORD = r"[\s'’`´.\-‐-―*_]{0,3}"
_LETTER_SPACING = r"[ \xa0.\-*_]{1,2}"
_BETWEEN_WORDS = r"[\s*_.,\-‐-―'’\"“”()]{1,4}"
_PREFIX = Pattern(r"^(de|del|van|von|mac|mc|o|d|st|la|le)(la|los|der|den)?(?=[a-z]{3})")


class _PublishedText(identifiers.ScannedText):
    """All texts that a determination shows, joined by NULs so that each search runs once."""

    def __init__(self, subject: Subject) -> None:
        parts = [
            (path, text, field.kind)
            for path, text, field in subject.fields
            if field.kind in _PUBLISHED_KINDS and not field.confidential
        ]
        self.paths = [path for path, _, _ in parts]
        self.kinds = [kind for _, _, kind in parts]
        lengths = (len(text) + len(_SEPARATOR) for _, text, _ in parts)
        self.starts = list(itertools.accumulate(lengths, initial=0))
        super().__init__(_SEPARATOR.join(text for _, text, _ in parts))
        self.case = subject.case
        self.model = subject.model
        self.fields = subject.fields
        self.folded, self.offsets = fold(self.text)
        self.squeezed = self.folded.encode("ascii", "ignore").translate(None, _NO_LETTER_OR_DIGIT)
        self.own_names = merge_hits(_own_names(self))
        self.own_numbers = merge_hits(_own_numbers(self))

    def part_of(self, hit: Hit) -> int:
        """Return the index of the text that a hit stands in."""
        return bisect.bisect_right(self.starts, hit.start, hi=len(self.paths)) - 1

    def is_narrative(self, hit: Hit) -> bool:
        return self.kinds[self.part_of(hit)] == "narrative"

    @functools.cached_property
    def reviewers(self) -> list[Hit]:
        hits = [
            hit
            for hit in identifiers.reviewers(self)
            if self.paths[self.part_of(hit)][0] != "reviewers"
        ]
        for path, start, stop in zip(self.paths, self.starts, self.starts[1:], strict=False):
            if path[0] == "reviewers":
                credentials = self.text[start : stop - len(_SEPARATOR)]
                hits += (
                    Hit(start + hit.start, start + hit.stop, hit.severity)
                    for hit in identifiers.names_in_credentials(credentials)
                )
        # The requesting physician may have reviewed a record.
        return [
            hit
            for hit in merge_hits(hits)
            if hit.severity == "error" or not _overlaps(hit, self.own_names)
        ]

    @functools.cached_property
    def serials(self) -> list[tuple[int, int, str]]:
        """The numbers with four digits in a row: start, end, and letters and digits."""
        serials = {}
        for start, stop in self.digit_runs:
            first = _SERIAL_START.search(self.lower, max(0, start - 12), start)
            last = _SERIAL_END.match(self.lower, stop)
            if first and last:
                number = self.lower[first.start() : last.end()].replace("-", "")
                serials[first.start()] = (first.start(), last.end(), number)
        return list(serials.values())

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
                patterns += [_WITHIN_WORD.join(parts), _LETTER_SPACING.join(letters)]
        return f"(?:{'|'.join(sorted(patterns))})" if patterns else None

    def find(self, pattern: str) -> Iterator[tuple[int, int]]:
        """Yield the spans of whole words in the folded text that match a pattern."""
        for match in re.finditer(pattern, self.folded):
            start, stop = match.span()
            around = (self.folded[start - 1 : start], self.folded[stop : stop + 1])
            if not any(map(str.isalnum, around)):
                yield start, stop

    def is_capital(self, start: int) -> bool:
        return self.text[self.offsets[start]].isupper()

    def hit(self, start: int, stop: int, severity: Severity = "warning") -> Hit:
        """Return the hit for a span of the folded text."""
        return Hit(self.offsets[start], self.offsets[stop - 1] + 1, severity)


def published_findings(
    subject: Subject,
    search: Callable[[_PublishedText], Iterable[Hit]],
    message: str,
    hint: str,
) -> Iterator[Finding]:
    """Search all texts that a determination shows.

    Args:
        subject: The case.
        search: Yields what it finds in them.
        message: What is wrong with it.
        hint: How to correct it.
    """
    text = subject.cached(_PublishedText, lambda: _PublishedText(subject))
    for hit in search(text):
        part = text.part_of(hit)
        start = hit.start - text.starts[part]
        yield Finding(text.paths[part], message, (hint,), start, hit.stop - hit.start, hit.severity)


def _overlaps(hit: Hit, others: Sequence[Hit]) -> bool:
    return any(hit.start < other.stop and other.start < hit.stop for other in others)


_AFFIX = Pattern(
    r"(?i)^(?:dr|mrs?|ms|miss|prof|the|law offices? of)\b\.?\s+|\(.*?\)|,\s*(?:d\.?[oc]|p\.?t|"
    r"j\.?d)\b\.?(?=[\s,]|$)|[,\s]+(?:m\.?d|d\.?p\.?m|p(?:h|sy)\.?d|jr|sr|iii?|iv|esq|r\.?n|n\.?p|"
    r"pa-c|inc|incorporated|ll[cp]|lp|corp|co|company|corporation|ltd|plc|p\.?c)\b\.?(?=[\s,]|$)"
)
_SURNAME = Pattern(
    r"(?:(?<=\s)(?:de|las?|del|los|v[ao]n|de[rn]|d[iau]|dos|le|st\.?)\s+)*\S+$", re.IGNORECASE
)
_NUMBER_LABEL = Pattern(r"^\W*(?:(?:claim|case|eams|file|nos?|number)\b[\s.:#]*)*")
_EMPLOYEE_ROLE = Pattern(r"(?:injured )?(?:employee|worker)$|claimant$|applicant$")
_PERSON_ROLE = Pattern(
    rf"{_EMPLOYEE_ROLE.pattern}|physician|doctor|attorney|representative|counsel"
)
_FIRM = Pattern(
    r"\b(?:law|offices?|group|center|clinic|firm|associates|services|inc|ll[cp]|p\.?c)\b",
    re.IGNORECASE,
)
_TITLE = (
    r"(?P<title>mrs?|ms|miss|mx|drs?|doctor|prof(?:essor)?)(?:(?P<stop>\.)[\s*_,]{0,3}|"
    r"[\s*_,]{1,3})"
)
_EPONYM = Pattern(
    r"(?:['’]s?)?(?:[ ]?(?:/|,|&|and\b|or\b)[ ]?(?:and |or )?\w+(?:['’]s?)?){0,3}"
    r"(?: (?:compression|squeeze))?"
    r"[\s-]+(?:signs?|tests?|maneuvers?|fractures?|cysts?|palsy|positive|negative|nail|plate|score|"
    r"disease|syndrome|exercises?|scale|inventory|index|criteria|classification|grade|approach|"
    r"technique|questionnaire)\b"
)


def _own_names(text: _PublishedText) -> Iterator[Hit]:
    case = text.case
    named = [(value, "employee") for _, value, field in text.fields if field.kind == "name"]
    named.append((case.requesting_physician.name or "", "physician"))
    named += ((each.name or "", (each.role or "").lower()) for each in case.recipients)
    named.append((case.employer.name or "", ""))
    named.append((case.claims_administrator.name or "", ""))
    if text.model is not CORE:
        named += (
            (value, "")
            for path, value, field in text.fields
            if field.kind == "text" and field.confidential and CORE.find(pattern_of(path)) is None
        )
    seen: set[str] = set()
    for name, role in named:
        words = re.findall(r"[^\W_]+", name.lower())
        key = " ".join(words)
        if key in seen or not any(map(is_surname, words)):
            continue
        seen.add(key)
        if _PERSON_ROLE.search(role) and not _FIRM.search(name):
            is_employee = bool(_EMPLOYEE_ROLE.match(role))
            yield from _person(text, _parse_name(name), is_employee)
            if is_employee:
                yield from _given_name(text, _parse_name(name))
        else:
            yield from _organization(text, name)


class _PersonName(msgspec.Struct, frozen=True):
    given: str
    middle: tuple[str, ...]
    surname: str


def _parse_name(name: str) -> _PersonName:
    """Parse “First Middle Last” and “Last, First Middle”; titles and degrees are left out."""
    last, _, rest = (part.strip() for part in _AFFIX.sub("", name.strip()).partition(","))
    forenames = rest or _SURNAME.sub("", last)
    given, *middle = forenames.split() or [""]
    return _PersonName(given, tuple(middle), last if rest else last.removeprefix(forenames))


def _person(text: _PublishedText, name: _PersonName, is_employee: bool) -> Iterator[Hit]:
    parts = (part for part in re.split(r"[\s‐‑-]+", name.surname) if len(part) > 3)
    surnames = [name.surname, *parts]
    words = (*surnames, *(part for part in name.middle if len(part) > 3))
    patterns = {word: pattern for word in words if (pattern := text.spellings(word))}
    if not patterns:
        return
    before, after = _forenames(text, name)
    for word, pattern in patterns.items():
        is_last_name = word in surnames
        everyday = is_everyday(fold(word)[0])
        ambiguous = everyday and is_everyday(fold(name.given)[0])
        for start, stop in text.find(pattern):
            lead = before.search(text.folded, max(0, start - 50), start)
            if lead is None:
                continue
            trail = after.match(text.folded, stop)
            capital = text.is_capital(start)
            titled = lead["title"] and (not everyday or (capital and _is_title(text, lead)))
            full = is_last_name and (trail or lead["given"])
            if ambiguous and not (capital and text.is_capital(lead.start())):
                full = False
            if titled or full:
                hit = text.hit(lead.start(), trail.end() if trail else stop)
                certain = is_employee and (titled or (not ambiguous and text.is_narrative(hit)))
                yield Hit(hit.start, hit.stop, "error" if certain else "warning")
            elif is_last_name:
                is_plain = not everyday and (len(word) > 3 or _has_initial(text, lead))
                yield from _surname_alone(text, start, stop, is_plain)


def _forenames(text: _PublishedText, name: _PersonName) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return patterns for a title and forenames before a surname, and a given name after it."""
    given = (text.spellings(name.given) if len(name.given.strip(".")) > 1 else None) or "(?!)"
    middle = "|".join(["[a-z]", *filter(None, map(text.spellings, name.middle))])
    initial = re.escape(fold(name.given)[0][:1]) or "(?!)"
    first = rf"(?:(?P<given>{given})|(?P<initial>{initial}))"
    forenames = rf"{first}(?:(?:{_BETWEEN_WORDS})?(?:{middle})){{0,3}}{_BETWEEN_WORDS}"
    return (
        re.compile(rf"(?<![^\W_])(?:{_TITLE})?(?:{forenames})?\Z"),
        re.compile(rf"(?:{_BETWEEN_WORDS}(?:jr|sr|iii?))?{_BETWEEN_WORDS}{given}(?![^\W_])"),
    )


def _is_title(text: _PublishedText, lead: re.Match[str]) -> bool:
    """Return whether a title is one: in “MR Hand”, it is magnetic resonance of a hand."""
    return bool(lead["stop"]) or not text.is_capital(lead.end("title") - 1)


def _has_initial(text: _PublishedText, lead: re.Match[str]) -> bool:
    return bool(lead["initial"]) and text.is_capital(lead.start("initial"))


def _given_name(text: _PublishedText, name: _PersonName) -> Iterator[Hit]:
    """Find the given name alone, where it is used as a name, and glued to the surname."""
    given = text.spellings(name.given) if len(name.given) > 2 else None
    surname = text.spellings(name.surname) if given else None
    for start, stop in text.find(given) if given else ():
        hit = text.hit(start, stop)
        is_used = text.is_capital(start) and is_used_as_name(text.text, hit.start, hit.stop)
        if is_used and text.is_narrative(hit) and not is_cited(text.text, hit.start, hit.stop):
            yield hit
    for start, stop in text.find(f"{given}{surname}|{surname}{given}") if surname else ():
        hit = text.hit(start, stop, "error")
        if len(re.findall("[A-Z]", text.text[hit.start : hit.stop])) > 1:
            yield hit


def _surname_alone(text: _PublishedText, start: int, stop: int, is_plain: bool) -> Iterator[Hit]:
    """Find a surname that stands alone; an everyday or short one must be used as a name."""
    folded = text.folded
    hit = text.hit(start, stop)
    is_ordinary = not is_plain or not text.is_capital(start) or folded[start:stop] in text.words
    if not text.is_narrative(hit) or _EPONYM.match(folded, stop):
        return
    if is_ordinary and not is_used_as_name(text.text, hit.start, hit.stop):
        return
    is_hyphenated = re.match(r"[-‐‑]\w", folded[stop : stop + 2]) or re.search(
        r"\w[-‐‑]\Z", folded[max(0, start - 2) : start]
    )
    if not is_hyphenated and not is_cited(text.text, hit.start, hit.stop):
        yield hit


def _organization(text: _PublishedText, name: str) -> Iterator[Hit]:
    words = [
        word
        for word in re.findall(r"[^\W_]+(?:['’]\w+)?", _AFFIX.sub("", name.strip()))
        if word.lower() != "and"
    ]
    patterns = [text.spellings(word) for word in words]
    if None in patterns or not any(map(is_surname, words)):
        return
    is_proper = not all(is_everyday(fold(word)[0]) for word in words)
    sought = r"(?:[\s*_.,&\-‐-―'’()]|and\b){1,5}".join(filter(None, patterns))
    for start, stop in text.find(sought):
        hit = text.hit(start, stop)
        written = re.findall(r"[^\W_]+", text.text[hit.start : hit.stop])
        is_capitalized = all(
            word[0].isupper() or word in ("of", "and", "the", "for", "s") for word in written
        )
        is_ordinary = len(words) == 1 and (
            len(name) < 4 or not is_proper or text.folded[start:stop] in text.words
        )
        if (is_capitalized or (len(words) > 2 and is_proper)) and not is_ordinary:
            yield hit


def _own_numbers(text: _PublishedText) -> Iterator[Hit]:
    for _, value, field in text.fields:
        for part in re.split(r"[;,]", value) if field.kind == "identifier" else ():
            core = "".join(re.findall(r"[a-z0-9]+", _NUMBER_LABEL.sub("", fold(part)[0])))
            for number in dict.fromkeys((core, *re.findall(r"\d{7,}", core))):
                has_digits = len(number) > 4 and len(re.findall(r"\d", number)) > 3
                if not has_digits or number.encode() not in text.squeezed:
                    continue
                certain = field.confidential and number == core and len(core) > 6
                severity: Severity = "error" if certain else "warning"
                for start, stop in text.find(_WITHIN_WORD.join(number)):
                    yield text.hit(start, stop, severity)
            yield from _other_numbers(text, core)


_SERIAL_START = Pattern(r"(?:[a-z0-9]+-)*[a-z0-9]*\Z")
_SERIAL_END = Pattern(r"[a-z0-9]*(?:-[a-z0-9]+)*")
_LAST_FOUR = Pattern(
    r"\b(?:claim|case|file)\b[^.;\n\0]{0,30}?\b(?:ending|ends)(?:\s+(?:in|with))?\W{0,3}\Z|"
    r"\blast\s+(?:four|4)\b(?:\s+(?:digits|of|the|his|her|claim|number|are|is|being))*\W{0,3}\Z"
)


def _other_numbers(text: _PublishedText, core: str) -> Iterator[Hit]:
    """Find another case's number of the same form, a number with one digit wrong, the last four."""
    if len(core) < 7 or len(re.findall(r"\d", core)) < 6:
        return
    shape = _shape(core)
    for start, stop, number in text.serials:
        if len(number) != len(core) or number == core:
            continue
        is_serial = not core.isdigit() and core[:3] != "adj" and _shape(number) == shape
        if is_serial or sum(a != b for a, b in zip(number, core, strict=True)) == 1:
            yield Hit(start, stop)
    for start, stop in text.digit_runs:
        is_end = stop - start == 4 and core.endswith(text.lower[start:stop])
        if is_end and _LAST_FOUR.search(text.lower, max(0, start - 60), start):
            yield Hit(start, stop)


def _shape(number: str) -> str:
    return re.sub(r"\d", "9", number)


@check("IMR381", "A name of the case in a text", "warning", f"{_SAFE_HARBOR}, (A): names")
def own_name_in_text(subject: Subject) -> Iterable[Finding]:
    """Report the names of the case's own people and organizations in its texts.

    What: The names of the injured worker, the requesting physician, the recipients, the employer
    and the claims administrator, and the confidential texts that a pack declares, in any spelling:
    capitals, diacritics, hyphens, spaced letters, “Last, First”, “FirstLast”, initials. The injured
    worker's full name, and surname with a title, are errors. A surname alone is a warning in
    narratives, unless it is an eponym or an author's. An everyday word (“Brown”), a name of three
    letters or in small letters, and the injured worker's given name are found where they are used
    as a name: “Brown reported”, “Lee's pain”, “told Maria”. Organizations and texts are searched
    for by full name, without “Inc.”.

    Measured: 58 of 60 surnames alone were found (112 surnames, everyday and short ones among
    them), and 60 of 60 given names, glued names and names in small letters. None of these names
    was found in 540 invented rationales. No finding on 60 unchanged letters. Letters and
    mutations are invented (`make checks-report`).

    Why: The fields are left out of what is published, but the narratives are published.

    Fails:
        rationale = "Ms. Doe cannot stand for an hour …"

    Passes:
        rationale = "The injured worker cannot stand for an hour …"
    """
    return published_findings(
        subject,
        lambda text: text.own_names,
        "this looks like a name of the case",
        "write “the injured worker”, “the treating physician” or the like",
    )


@check("IMR382", "A number of the case in a text", "error", f"{_SAFE_HARBOR}, (R): unique numbers")
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
        lambda text: text.own_numbers,
        "this looks like a number of the case",
        "remove the number",
    )


@check("IMR383", "A postal address", "warning", f"{_SAFE_HARBOR}, (B): addresses")
def postal_address(subject: Subject) -> Iterable[Finding]:
    """Report postal addresses.

    What: A house number with a street or a highway (also Spanish ones, and in small letters after
    “lives at” and the like), a post office box, a state with a ZIP code, or ZIP+4.

    Measured: 60 of 60 addresses in the forms above were found. No finding on 60 unchanged
    letters. Letters and mutations are invented (`make checks-report`).

    Why: An address reveals who lives or works there.

    Fails:
        clinical_summary = "She lives at 12 Harbor Street …"

    Passes:
        clinical_summary = "She lives alone, up a flight of stairs …"
    """
    return published_findings(
        subject,
        identifiers.postal_addresses,
        "this looks like a postal address",
        "remove the address",
    )


@check(
    "IMR384",
    "A telephone number",
    "warning",
    f"{_SAFE_HARBOR}, (D) and (E): telephone and fax numbers",
)
def telephone_number(subject: Subject) -> Iterable[Finding]:
    """Report telephone and fax numbers.

    What: Ten digits as in North America, grouped by signs or spaces or not at all, and seven or
    more after “phone”, “fax”, “called at” and the like.

    Measured: 60 of 60 telephone numbers in the forms above were found. No finding on 60
    unchanged letters. Letters and mutations are invented (`make checks-report`).

    Why: A number reveals who answers it.

    Fails:
        rationale = "The pharmacy (916-555-0123) confirmed …"

    Passes:
        rationale = "The pharmacy confirmed …"
    """
    return published_findings(
        subject,
        identifiers.phone_numbers,
        "this looks like a telephone or fax number",
        "remove the number",
    )


@check(
    "IMR385",
    "An e-mail address or a personal page",
    "warning",
    f"{_SAFE_HARBOR}, (F) and (N): e-mail addresses, URLs",
)
def internet_address(subject: Subject) -> Iterable[Finding]:
    """Report e-mail addresses, and the pages of a person or a practice.

    What: E-mail addresses other than those of agencies, also as “jane at gmail dot com”; profiles,
    blogs, sites of a physician or a law firm. The addresses of guidelines, journals, agencies and
    schools are fine.

    Measured: 60 of 60 mail addresses in the forms above were found. No finding on 60 unchanged
    letters. Letters and mutations are invented (`make checks-report`).

    Why: They are names in another form.

    Fails:
        rationale = "Her message from jane@example.com says …"

    Passes:
        rationale = "… (www.dir.ca.gov)."
    """
    return published_findings(
        subject,
        identifiers.internet_addresses,
        "this looks like a personal address on the internet",
        "remove the address",
    )


@check("IMR386", "A birth date", "warning", f"{_SAFE_HARBOR}, (C): birth dates")
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
    "IMR387", "A social security number", "warning", f"{_SAFE_HARBOR}, (G): social security numbers"
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
    f"{_SAFE_HARBOR}, (H) to (K): record, plan, account and license numbers",
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


def _other_record_numbers(text: _PublishedText) -> Iterator[Hit]:
    for hit in identifiers.record_numbers(text):
        if not _overlaps(hit, text.own_numbers):
            yield hit


@check("IMR389", "Another person is named", "warning", f"{_SAFE_HARBOR}, (A): names")
def other_person_is_named(subject: Subject) -> Iterable[Finding]:
    """Report persons whom a narrative names and no field of the case does.

    What: “Dr.”, “Mr.”, “Ms.” or the like before a surname (“dr. doe”, too), a full name before
    “M.D.” or another degree, and one behind a role: “the treating physician Jane Doe”. Authors of
    studies, and eponyms of signs, tests and scales, are fine.

    Measured: 60 of 60 other persons in the forms above were found. No finding on 60 unchanged
    letters. Letters and mutations are invented (`make checks-report`).

    Why: The name of a treating physician or a relative leads to the injured worker.

    Fails:
        rationale = "Dr. Doe asked for another MRI …"

    Passes:
        rationale = "The treating physician asked for another MRI …"
    """
    return published_findings(
        subject,
        _other_persons,
        "this looks like a person's name",
        "write the person's role, such as “the surgeon”",
    )


def _other_persons(text: _PublishedText) -> Iterator[Hit]:
    known = [*text.own_names, *text.reviewers]
    for hit in identifiers.persons(text):
        if text.is_narrative(hit) and not _overlaps(hit, known):
            yield hit
