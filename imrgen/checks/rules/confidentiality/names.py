"""Names: of the case's people and organizations, of reviewers, and of other persons."""

import re
from collections.abc import Iterable, Iterator

import msgspec

from imrgen.case import CORE, pattern_of
from imrgen.checks import Finding, Subject, check
from imrgen.checks.rules.confidentiality.published import (
    SAFE_HARBOR,
    PublishedText,
    overlaps,
    published_findings,
)
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

_AFFIX = Pattern(
    r"(?i)^(?:dr|mrs?|ms|miss|prof|the|law offices? of)\b\.?\s+|\(.*?\)|,\s*(?:d\.?[oc]|p\.?t|"
    r"j\.?d)\b\.?(?=[\s,]|$)|[,\s]+(?:m\.?d|d\.?p\.?m|p(?:h|sy)\.?d|jr|sr|iii?|iv|esq|r\.?n|n\.?p|"
    r"pa-c|inc|incorporated|ll[cp]|lp|corp|co|company|corporation|ltd|plc|p\.?c)\b\.?(?=[\s,]|$)"
)
_SURNAME = Pattern(
    r"(?:(?<=\s)(?:de|las?|del|los|v[ao]n|de[rn]|d[iau]|dos|le|st\.?)\s+)*\S+$", re.IGNORECASE
)
_EMPLOYEE_ROLE = Pattern(r"(?:injured )?(?:employee|worker)$|claimant$|applicant$")
_PERSON_ROLE = Pattern(
    rf"{_EMPLOYEE_ROLE.pattern}|physician|doctor|attorney|representative|counsel"
)
_FIRM = Pattern(
    r"\b(?:law|offices?|group|center|clinic|firm|associates|services|inc|ll[cp]|p\.?c)\b",
    re.IGNORECASE,
)
_BETWEEN_WORDS = r"[\s*_.,\-‐-―'’\"“”()]{1,4}"
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


def own_names(text: PublishedText) -> list[Hit]:
    """Return where the names of the case's own people and organizations stand."""
    return text.subject.cached(own_names, lambda: merge_hits(_own_names(text)))


def reviewers(text: PublishedText) -> list[Hit]:
    """Return where reviewers are named."""
    return text.subject.cached(reviewers, lambda: list(_reviewers(text)))


def _reviewers(text: PublishedText) -> Iterator[Hit]:
    hits = [
        hit
        for hit in identifiers.reviewers(text)
        if text.paths[text.part_of(hit)][0] != "reviewers"
    ]
    for path, start, credentials in zip(text.paths, text.starts, text.texts, strict=False):
        if path[0] == "reviewers":
            hits += (
                Hit(start + hit.start, start + hit.stop, hit.severity)
                for hit in identifiers.names_in_credentials(credentials)
            )
    for hit in merge_hits(hits):
        # The requesting physician may have reviewed a record.
        if hit.severity == "error" or not overlaps(hit, own_names(text)):
            yield hit


def _own_names(text: PublishedText) -> Iterator[Hit]:
    case = text.subject.case
    fields = text.subject.fields
    named = [(value, "employee") for _, value, field in fields if field.kind == "name"]
    named.append((case.requesting_physician.name or "", "physician"))
    named += ((each.name or "", (each.role or "").lower()) for each in case.recipients)
    named.append((case.employer.name or "", ""))
    named.append((case.claims_administrator.name or "", ""))
    if text.subject.model is not CORE:
        named += (
            (value, "")
            for path, value, field in fields
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


def _person(text: PublishedText, name: _PersonName, is_employee: bool) -> Iterator[Hit]:
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


def _forenames(text: PublishedText, name: _PersonName) -> tuple[re.Pattern[str], re.Pattern[str]]:
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


def _is_title(text: PublishedText, lead: re.Match[str]) -> bool:
    """Return whether a title is one: in “MR Hand”, it is magnetic resonance of a hand."""
    return bool(lead["stop"]) or not text.is_capital(lead.end("title") - 1)


def _has_initial(text: PublishedText, lead: re.Match[str]) -> bool:
    return bool(lead["initial"]) and text.is_capital(lead.start("initial"))


def _given_name(text: PublishedText, name: _PersonName) -> Iterator[Hit]:
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


def _surname_alone(text: PublishedText, start: int, stop: int, is_plain: bool) -> Iterator[Hit]:
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


def _organization(text: PublishedText, name: str) -> Iterator[Hit]:
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


@check("IMR381", "A name of the case in a text", "warning", f"{SAFE_HARBOR}, (A): names")
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
        own_names,
        "this looks like a name of the case",
        "write who it is instead, such as “the injured worker” or “the claimant”",
    )


@check("IMR389", "Another person is named", "warning", f"{SAFE_HARBOR}, (A): names")
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


def _other_persons(text: PublishedText) -> Iterator[Hit]:
    known = [*own_names(text), *reviewers(text)]
    for hit in identifiers.persons(text):
        if text.is_narrative(hit) and not overlaps(hit, known):
            yield hit
