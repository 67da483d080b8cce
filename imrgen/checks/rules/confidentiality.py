"""Checks of confidentiality: determinations are published, so nothing that they show gives a person away."""

from __future__ import annotations

import bisect
import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from imrgen.checks import Finding, Subject, check
from imrgen.checks.text import (
    Hit,
    Pattern,
    apart,
    fold,
    identifiers,
    is_cited,
    is_everyday,
    is_surname,
)
from imrgen.diagnostics import Severity

_PROSE = frozenset(("narrative", "text", "amount"))
_SAFE_HARBOR = "45 CFR 164.514(b)(2): what de-identified health information leaves out"
_NO_LETTER_OR_DIGIT = bytes(
    code for code in range(256) if not (48 <= code <= 57 or 97 <= code <= 122)
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_WITHIN, _SPACE = r"[\s'’`´.\-‐-―*_]{0,3}", r"[ \xa0.\-*_]{1,2}"
_BETWEEN = r"[\s*_.,\-‐-―'’\"“”()]{1,4}"
_BEGINNING = Pattern(r"^(de|del|van|von|mac|mc|o|d|st|la|le)(la|los|der|den)?(?=[a-z]{3})")


class _Shown(identifiers.Scanned):
    """The texts that a determination shows, as one text, apart by a NUL, so that each search runs once."""

    def __init__(self, subject: Subject) -> None:
        parts = [
            (path, text, field.kind)
            for path, text, field in subject.fields
            if field.kind in _PROSE and not field.confidential
        ]
        self.paths, self.starts = [path for path, _, _ in parts], [0]
        self.kinds = [kind for _, _, kind in parts]
        for _, text, _ in parts:
            self.starts.append(self.starts[-1] + len(text) + 3)
        super().__init__("\n\0\n".join(text for _, text, _ in parts))
        self.case, self.fields = subject.case, subject.fields
        (self.folded, self.offsets) = fold(self.text)
        self.squeezed = self.folded.encode("ascii", "ignore").translate(None, _NO_LETTER_OR_DIGIT)
        self.own_names, self.own_numbers = apart(_own_names(self)), apart(_own_numbers(self))

    def place(self, hit: Hit) -> int:
        return bisect.bisect_right(self.starts, hit.start, hi=len(self.paths)) - 1

    def is_narrative(self, hit: Hit) -> bool:
        return self.kinds[self.place(hit)] == "narrative"

    def findings(self, hits: Iterable[Hit], message: str, hint: str) -> Iterator[Finding]:
        for hit in hits:
            place, length = self.place(hit), hit.stop - hit.start
            yield Finding(
                self.paths[place],
                message,
                (hint,),
                hit.start - self.starts[place],
                length,
                hit.severity,
            )

    @functools.cached_property
    def reviewers(self) -> list[Hit]:
        hits = [
            hit
            for hit in identifiers.reviewers(self)
            if self.paths[self.place(hit)][0] != "reviewers"
        ]
        for path, start, stop in zip(self.paths, self.starts, self.starts[1:], strict=False):
            found = (
                identifiers.credentials(self.text[start : stop - 3])
                if path[0] == "reviewers"
                else ()
            )
            hits += [Hit(start + hit.start, start + hit.stop, hit.severity) for hit in found]
        # A record may have been reviewed by who requested the treatment.
        return [
            hit
            for hit in apart(hits)
            if hit.severity == "error" or not _touches(hit, self.own_names)
        ]

    def spelled(self, name: str) -> str | None:
        """Give the pattern of a name's spellings that may be there; `None` for none."""
        composed = unicodedata.normalize("NFC", name).lower()
        plain = fold(composed)[0]
        patterns = []
        # Müller is Muller and Mueller, and the other way round.
        for form in {
            plain,
            fold(composed.translate(_UMLAUTS))[0],
            re.sub("(?<=.[aou])e", "", plain),
        }:
            letters = "".join(re.findall(r"[^\W_]+", form))
            if letters and not (letters.isascii() and letters.encode() not in self.squeezed):
                # O'Brien is O Brien and OBrien, and Delacruz is De La Cruz.
                parts = re.findall(r"[^\W_]+", _BEGINNING.sub(r"\1 \2 ", form))
                patterns += [_WITHIN.join(parts), _SPACE.join(letters)]
        return f"(?:{'|'.join(sorted(patterns))})" if patterns else None

    def find(self, pattern: str) -> Iterator[tuple[int, int]]:
        for found in re.finditer(pattern, self.folded):
            start, stop = found.span()
            if (
                not self.folded[start - 1 : start].isalnum()
                and not self.folded[stop : stop + 1].isalnum()
            ):
                yield start, stop

    def is_capital(self, start: int) -> bool:
        return self.text[self.offsets[start]].isupper()

    def hit(self, start: int, stop: int, severity: Severity = "warning") -> Hit:
        return Hit(self.offsets[start], self.offsets[stop - 1] + 1, severity)


def _shown(subject: Subject) -> _Shown:
    return subject.kept(_Shown, lambda: _Shown(subject))


def _touches(hit: Hit, others: Sequence[Hit]) -> bool:
    return any(hit.start < other.stop and other.start < hit.stop for other in others)


_AFFIX = Pattern(
    r"(?i)^(?:dr|mrs?|ms|miss|prof|the|law offices? of)\b\.?\s+|\(.*?\)|,\s*(?:d\.?[oc]|p\.?t|"
    r"j\.?d)\b\.?(?=[\s,]|$)|[,\s]+(?:m\.?d|d\.?p\.?m|p(?:h|sy)\.?d|jr|sr|iii?|iv|esq|r\.?n|n\.?p|"
    r"pa-c|inc|incorporated|ll[cp]|lp|corp|co|company|corporation|ltd|plc|p\.?c)\b\.?(?=[\s,]|$)"
)
_SURNAME = Pattern(
    r"(?:(?<=\s)(?:de|las?|del|los|v[ao]n|de[rn]|d[iau]|dos|le|st\.?)\s+)*\S+$", re.IGNORECASE
)
_LABEL = Pattern(r"^\W*(?:(?:claim|case|eams|file|nos?|number)\b[\s.:#]*)*")
_EMPLOYEE = Pattern(r"(?:injured )?(?:employee|worker)$|claimant$|applicant$")
_PERSON = Pattern(rf"{_EMPLOYEE.pattern}|physician|doctor|attorney|representative|counsel")
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


def _own_names(shown: _Shown) -> Iterator[Hit]:
    case, seen = shown.case, set[str]()
    named = [(text, "employee") for _, text, field in shown.fields if field.kind == "name"]
    named += [(case.requesting_physician.name or "", "physician")]
    named += [(each.name or "", (each.role or "").lower()) for each in case.recipients]
    for name, role in [
        *named,
        (case.employer.name or "", ""),
        (case.claims_administrator.name or "", ""),
    ]:
        words = re.findall(r"[^\W_]+", name.lower())
        if " ".join(words) not in seen and any(map(is_surname, words)):
            seen.add(" ".join(words))
            is_person = _PERSON.search(role) and not _FIRM.search(name)
            yield from (
                _person(shown, name, bool(_EMPLOYEE.match(role)))
                if is_person
                else _organization(shown, name)
            )


def _person(shown: _Shown, name: str, is_employee: bool) -> Iterator[Hit]:
    last, _, rest = (part.strip() for part in _AFFIX.sub("", name.strip()).partition(","))
    called = rest or _SURNAME.sub("", last)
    surname = last if rest else last.removeprefix(called)
    given, *middle = called.split() or [""]
    forms = [surname, *(part for part in re.split(r"[\s‐‑-]+", surname) if len(part) > 3)]
    sought = (*forms, *(part for part in middle if len(part) > 3))
    there = {form: pattern for form in sought if (pattern := shown.spelled(form))}
    if not there:
        return
    first = (shown.spelled(given) if len(given.strip(".")) > 1 else None) or "(?!)"
    between = "|".join(["[a-z]", *filter(None, map(shown.spelled, middle))])
    leading = rf"(?:(?P<given>{first})|(?P<initial>{re.escape(fold(given)[0][:1]) or '(?!)'}))"
    before = re.compile(
        rf"(?<![^\W_])(?:{_TITLE})?(?:{leading}(?:(?:{_BETWEEN})?(?:{between})){{0,3}}{_BETWEEN})?"
        r"\Z"
    )
    after = re.compile(rf"(?:{_BETWEEN}(?:jr|sr|iii?))?{_BETWEEN}{first}(?![^\W_])")
    for form, pattern in there.items():
        everyday = is_everyday(fold(form)[0])
        unsure = everyday and is_everyday(fold(given)[0])
        for start, stop in shown.find(pattern):
            led, followed = (
                before.search(shown.folded, max(0, start - 50), start),
                after.match(shown.folded, stop),
            )
            if not led:
                continue
            capital, title, full = shown.is_capital(start), led["title"], followed or led["given"]
            if title and everyday:
                # “MR Hand” is magnetic resonance of a hand.
                title = capital and (led["stop"] or not shown.is_capital(led.end("title") - 1))
            full = (
                form in forms
                and full
                and (not unsure or (capital and shown.is_capital(led.start())))
            )
            initial = led["initial"] and shown.is_capital(led.start("initial"))
            if title or full:
                hit = shown.hit(led.start(), followed.end() if followed else stop)
                certain = is_employee and (title or (not unsure and shown.is_narrative(hit)))
                yield Hit(hit.start, hit.stop, "error" if certain else "warning")
            elif form in forms and not everyday and (len(form) > 3 or initial):
                yield from _surname_alone(shown, start, stop)


def _surname_alone(shown: _Shown, start: int, stop: int) -> Iterator[Hit]:
    text, hit = shown.folded, shown.hit(start, stop)
    joined = re.match(r"[-‐‑]\w", text[stop : stop + 2]) or re.search(
        r"\w[-‐‑]\Z", text[max(0, start - 2) : start]
    )
    ordinary = text[start:stop] in shown.words or _EPONYM.match(text, stop)
    named = shown.is_capital(start) and shown.is_narrative(hit) and not joined and not ordinary
    if named and not is_cited(shown.text, hit.start, hit.stop):
        yield hit


def _organization(shown: _Shown, name: str) -> Iterator[Hit]:
    words = [
        word
        for word in re.findall(r"[^\W_]+(?:['’]\w+)?", _AFFIX.sub("", name.strip()))
        if word.lower() != "and"
    ]
    patterns: list[str] = []
    for word in words:
        pattern = shown.spelled(word)
        if pattern is None:
            return
        patterns.append(pattern)
    proper = [word for word in words if not is_everyday(fold(word)[0])]
    sought = r"(?:[\s*_.,&\-‐-―'’()]|and\b){1,5}".join(patterns)
    for start, stop in shown.find(sought) if any(map(is_surname, words)) else ():
        hit = shown.hit(start, stop)
        written = re.findall(r"[^\W_]+", shown.text[hit.start : hit.stop])
        capital = all(
            word[0].isupper() or word in ("of", "and", "the", "for", "s") for word in written
        )
        ordinary = len(words) == 1 and (
            len(name) < 4 or not proper or shown.folded[start:stop] in shown.words
        )
        if (capital or (len(words) > 2 and proper)) and not ordinary:
            yield hit


def _own_numbers(shown: _Shown) -> Iterator[Hit]:
    for _, numbers, field in shown.fields:
        for part in re.split(r"[;,]", numbers) if field.kind == "identifier" else ():
            core = "".join(re.findall(r"[a-z0-9]+", _LABEL.sub("", fold(part)[0])))
            for number in dict.fromkeys((core, *re.findall(r"\d{7,}", core))):
                if (
                    len(number) > 4
                    and len(re.findall(r"\d", number)) > 3
                    and number.encode() in shown.squeezed
                ):
                    certain = field.confidential and number == core and len(core) > 6
                    for start, stop in shown.find(_WITHIN.join(number)):
                        yield shown.hit(start, stop, "error" if certain else "warning")


@check(
    "IMR380",
    "A reviewer is named",
    "warning",
    "Labor Code 4610.6(f): the reviewers' names are kept confidential",
)
def reviewer_is_named(subject: Subject) -> Iterable[Finding]:
    """A text names a reviewer.

    What: Names beside “reviewer” or “reviewed by”, in “I, …, MD”, in a signature, among the
    credentials. Errors have a title, a degree or a common given name, and are the expert reviewer's
    or a signature. Others are warnings.

    Why: The statute keeps the names confidential, and has the qualifications stated instead.

    Fails:
        rationale = "The expert reviewer, Dr. Doe, finds that …"

    Passes:
        rationale = "The expert reviewer finds that …"
    """
    hint = "take the name out: a reviewer is known by credentials alone"
    return _shown(subject).findings(
        _shown(subject).reviewers, "this reads as a reviewer's name", hint
    )


@check("IMR381", "A name of the case in a text", "warning", f"{_SAFE_HARBOR}, (A): names")
def own_name_in_text(subject: Subject) -> Iterable[Finding]:
    """A text names the injured worker, the requesting physician, a recipient, the employer or the claims administrator.

    What: The names in any spelling: capitals, diacritics, hyphens, letters set apart, “Last,
    First”, initials. The injured worker's full name, and surname with a title, are errors. A
    surname alone is a warning in narratives, if it has four letters and is no everyday word, eponym
    or author. Organizations are sought by full name, without “Inc.”.

    Why: The fields are left out for publication, but what a narrative holds is published.

    Fails:
        rationale = "Ms. Doe cannot stand for an hour …"

    Passes:
        rationale = "The injured worker cannot stand for an hour …"
    """
    hint = "write “the injured worker”, “the treating physician” or the like"
    return _shown(subject).findings(
        _shown(subject).own_names, "this reads as a name of the case", hint
    )


@check("IMR382", "A number of the case in a text", "error", f"{_SAFE_HARBOR}, (R): unique numbers")
def own_number_in_text(subject: Subject) -> Iterable[Finding]:
    """A text holds the claim number, the EAMS number or the number of the case.

    What: The numbers are sought with any spaces and hyphens. Warnings are the case number, a number
    of less than seven characters, which may be there by chance, and the digits of a number without
    its letters.

    Why: A claim number leads to the injured worker as surely as the name does.

    Fails:
        clinical_summary = "… the claim WC-2016-000100 was accepted."

    Passes:
        clinical_summary = "… the claim was accepted."
    """
    hits = _shown(subject).own_numbers
    return _shown(subject).findings(
        hits, "this reads as a number of the case", "take the number out"
    )


@check("IMR383", "A postal address", "warning", f"{_SAFE_HARBOR}, (B): addresses")
def postal_address(subject: Subject) -> Iterable[Finding]:
    """A text holds a postal address.

    What: A house number with a street, a post office box, or a state with a ZIP code.

    Why: An address gives away who lives or works there.

    Fails:
        clinical_summary = "She lives at 12 Harbor Street …"

    Passes:
        clinical_summary = "She lives alone, up a flight of stairs …"
    """
    hits = identifiers.addresses(_shown(subject))
    return _shown(subject).findings(hits, "this reads as a postal address", "take the address out")


@check(
    "IMR384",
    "A telephone number",
    "warning",
    f"{_SAFE_HARBOR}, (D) and (E): telephone and fax numbers",
)
def telephone_number(subject: Subject) -> Iterable[Finding]:
    """A text holds a telephone or fax number.

    What: Ten digits grouped as in North America, and seven or more behind “phone”, “fax”, “called
        at” and the like.

    Why: A number gives away who answers it.

    Fails:
        rationale = "The pharmacy (916-555-0123) confirmed …"

    Passes:
        rationale = "The pharmacy confirmed …"
    """
    hits = identifiers.phones(_shown(subject))
    return _shown(subject).findings(
        hits, "this reads as a telephone or fax number", "take the number out"
    )


@check(
    "IMR385",
    "An e-mail address or a personal page",
    "warning",
    f"{_SAFE_HARBOR}, (F) and (N): e-mail addresses, URLs",
)
def internet_address(subject: Subject) -> Iterable[Finding]:
    """A text holds an e-mail address, or the address of a person's or a practice's page.

    What: E-mail addresses but those of agencies and schools; profiles, blogs, sites of a doctor or
    a law firm. The addresses of guidelines, journals and agencies are fine.

    Why: They are names in another form.

    Fails:
        rationale = "Her message from jane@example.com says …"

    Passes:
        rationale = "… (www.dir.ca.gov)."
    """
    hits = identifiers.internet_addresses(_shown(subject))
    return _shown(subject).findings(
        hits, "this reads as a personal address on the internet", "take the address out"
    )


@check("IMR386", "A birth date", "warning", f"{_SAFE_HARBOR}, (C): birth dates")
def birth_date(subject: Subject) -> Iterable[Finding]:
    """A text holds a birth date.

    What: A date beside “DOB”, “date of birth” or “born on” is a warning. The injured worker's own,
    in any form, is an error, or a warning with day and month in the other order.

    Why: The letter needs the age at most. With the date and the place of work, a person is found.

    Fails:
        clinical_summary = "The injured worker (DOB 1/2/1970) …"

    Passes:
        clinical_summary = "The injured worker is a 46-year-old …"
    """
    hits = identifiers.births(_shown(subject), subject.case.employee.date_of_birth)
    return _shown(subject).findings(hits, "this reads as a birth date", "write the age instead")


@check(
    "IMR387", "A social security number", "warning", f"{_SAFE_HARBOR}, (G): social security numbers"
)
def social_security_number(subject: Subject) -> Iterable[Finding]:
    """A text holds a social security number, or the last four digits of one.

    What: ###-##-#### is an error if such a number can have been issued, else a warning; so are nine
    digits, or the last four, behind “SSN” or “XXX-XX”.

    Why: It is the one number that opens every other record.

    Fails:
        clinical_summary = "… (SSN ending in 1234) …"

    Passes:
        clinical_summary = "The injured worker …"
    """
    hits = identifiers.social_security_numbers(_shown(subject))
    return _shown(subject).findings(
        hits, "this reads as a social security number", "take the number out"
    )


@check(
    "IMR388",
    "A record number",
    "warning",
    f"{_SAFE_HARBOR}, (H) to (K): record, plan, account and license numbers",
)
def record_number(subject: Subject) -> Iterable[Finding]:
    """A text holds the number of a medical record, a member, a policy, an account, a license or a claim.

    What: Four digits or more behind “MRN”, “chart #”, “patient ID”, “policy no.” and the like. The
    case's own numbers are IMR382's; the number of a coverage policy, which is a citation, is fine.

    Why: Whoever holds the records finds the person by it.

    Fails:
        clinical_summary = "… (MRN 00123456) …"

    Passes:
        clinical_summary = "… according to the hospital's records …"
    """
    shown = _shown(subject)
    hits = [
        hit for hit in identifiers.record_numbers(shown) if not _touches(hit, shown.own_numbers)
    ]
    return shown.findings(
        hits, "this reads as the number of a record, a plan or a license", "take the number out"
    )


@check("IMR389", "Another person is named", "warning", f"{_SAFE_HARBOR}, (A): names")
def other_person_is_named(subject: Subject) -> Iterable[Finding]:
    """A narrative names a person whom no field of the case names.

    What: “Dr.”, “Mr.”, “Ms.” or the like before a surname, and a full name before “M.D.” or another
    degree. Authors of studies, and eponyms of signs, tests and scales, are fine.

    Why: A treating doctor's or a relative's name leads to the injured worker.

    Fails:
        rationale = "Dr. Doe asked for another MRI …"

    Passes:
        rationale = "The treating physician asked for another MRI …"
    """
    shown = _shown(subject)
    known = [*shown.own_names, *shown.reviewers]
    hits = [
        hit
        for hit in identifiers.persons(shown)
        if shown.is_narrative(hit) and not _touches(hit, known)
    ]
    return shown.findings(
        hits, "this reads as a person's name", "write the person's part, such as “the surgeon”"
    )
