"""What gives a person away in a text: a name beside a title, a degree or “reviewer”, a number, an address."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Iterable, Iterator

import msgspec

from imrgen.checks.text.patterns import Pattern
from imrgen.checks.text.surnames import CLINICAL, GIVEN_NAMES, is_everyday, is_surname
from imrgen.diagnostics import Severity


class Hit(msgspec.Struct, frozen=True):
    """Some words of a text, from `start` to `stop`, and how much they weigh."""

    start: int
    stop: int
    severity: Severity = "warning"


def apart(hits: Iterable[Hit], within: int = 0) -> list[Hit]:
    """Give hits in the order of the text, those that touch another (or nearly) made one."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda each: each.start):
        if kept and hit.start <= kept[-1].stop + within:
            severity: Severity = (
                "error" if "error" in (hit.severity, kept[-1].severity) else "warning"
            )
            kept[-1] = Hit(kept[-1].start, max(kept[-1].stop, hit.stop), severity)
        else:
            kept.append(hit)
    return kept


_UP = "A-ZÀ-ÖØ-ÞĀ-Ž"
_LOW = "a-zß-öø-ÿĀ-žƀ-ɏḀ-ỿ"
_WORD = rf"[{_UP}](?:['’][{_UP}])?[{_LOW}]+(?:[{_UP}][{_LOW}]+)?"
_NAME = rf"(?:{_WORD}(?:[-‐‑]{_WORD})?)"
_CAPITALS = rf"(?:[{_UP}]{{2,}}(?:[-'’][{_UP}]+)?)"
_PARTICLES = r"(?:(?:[Vv][ao]n|[Dd](?:e|el|er|en|i|a|os|u)|[Ll][ae]|[Tt]er|St\.)[ \n]){0,2}"
_INITIALS = rf"(?:[{_UP}]\.[ ]?|[{_UP}][ ]){{0,2}}"
# The title's first letter stands before its conditions, so that the search may leap to it.
_TITLED = Pattern(
    r"[DMPdm](?<![\w.&].)(?:(?:(?<=[DMdm])rs?|(?<=M)(?:s|iss)|(?<=[Dd])octors?|"
    r"(?<=P)rof(?:essor)?)\.?[ \xa0\n]{1,2}"
    rf"{_INITIALS}{_PARTICLES}(?P<name>{_NAME}|{_CAPITALS})(?:[ ](?:[{_UP}]\.[ ])?(?P<second>"
    rf"{_NAME}))?|(?:(?<=D)(?:RS?\.|OCTOR)|(?<=M)(?:RS?|S)\.)[ \xa0\n]{{1,2}}{_INITIALS}(?P<capital"
    rf"s>{_CAPITALS}))",
    needs=(
        "Dr",
        "Mr",
        "Ms",
        "Miss",
        "Prof",
        "doctor",
        "DR",
        "MR.",
        "MRS",
        "MS.",
        "mr.",
        "mrs",
        "dr.",
        "dr ",
        "drs",
    ),
)
_DEGREE = Pattern(
    r"(?:M\.? ?D|D\.? ?[OC]|D\.? ?P\.? ?[MT]|Ph\.? ?D|Psy\.? ?D|PA-C|NP|R\.?N|L\.? ?Ac|J\.D|Esq|"
    r"QME)(?![\w-])\.?"
)
_BEFORE_DEGREE = Pattern(
    rf"(?<![\w.'’-])(?:(?:{_NAME}|{_CAPITALS}|[{_UP}]\.?)[ \n]{{1,2}}){{1,3}}{_PARTICLES}(?:{_NAME}"
    rf"|{_CAPITALS})"
    r"(?:,?[ ](?:Jr|Sr|II|III)\.?)?(?:[ ]?[,(][ \n]?|[ \n])\Z"
)
_TOKEN = Pattern(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_AUTHOR = Pattern(
    r"['’]?s?,?\s{0,2}(?:[(\[]?(?:19|20)\d\d\b(?![-/.]\d)|et\.? ?al|&|and (?:colleagues|associates|"
    r"co-?workers)|(?:stud(?:y|ies)|trials?|textbook|article|criteria|signs?|maneuver|"
    r"classification|shoes?|insoles?)\b)"
)
_CITATION = Pattern(
    r"et al|\bdoi\b|https?:|www\.|\bJ\.? (?:Am|Bone|Pain|Clin|Orthop|Occup|Neuro|Spin|Hand|Med|Gen|"
    r"Rheum|Surg)|Journal|Textbook|\bVol\b|(?:19|20)\d\d[;:]|\bpp?\. ?\d|Edition|\b[Ee]ds?\.|PMID|"
    r"Medscape|UpToDate|Cochrane|\bAuthors?\b"
)


def is_cited(text: str, start: int, stop: int) -> bool:
    """Tell whether a name stands in a citation."""
    return bool(
        _AUTHOR.match(text, stop) or _CITATION.search(text, max(0, start - 120), stop + 120)
    )


_SHADOW = bytes.maketrans(
    b"012345678\nABCDEFGHIJKLMNOPQRSTUVWXYZ", b"999999999 AAAAAAAAAAAAAAAAAAAAAAAAAA"
)


class Scanned:
    """A text, the same in small letters (`low`), and the rare places in it that searches leap to and read on from."""

    def __init__(self, text: str) -> None:
        self.text, self.low = text, text.replace("İ", "I").lower()
        # Digits are 9, capitals A: for what begins with known bytes, a search is many times faster.
        self.shadow = text.encode("ascii", "replace").translate(_SHADOW)

    @functools.cached_property
    def words(self) -> frozenset[str]:
        """What stands between spaces."""
        return frozenset(self.text.split())

    @functools.cached_property
    def runs(self) -> list[tuple[int, int]]:
        """The runs of four digits or more."""
        return [found.span() for found in re.finditer(rb"99999*", self.shadow)]

    @functools.cached_property
    def titled(self) -> list[Hit]:
        """The persons with a title: “Dr. …” and “Ms. …”."""
        hits = []
        for found in _TITLED.finditer(self.text):
            word = found["name"] or found["capitals"]
            # What also stands in small letters began a sentence, after a name that was removed.
            ordinary = not is_everyday(word) and word.lower() in self.words
            if (
                is_surname(word.split("-")[0])
                and not ordinary
                and not _AUTHOR.match(self.text, found.end())
            ):
                cut = found["second"] and not is_surname(found["second"])
                hits.append(Hit(found.start(), found.end("name") if cut else found.end()))
        return hits

    @functools.cached_property
    def graduates(self) -> list[Hit]:
        """The persons with a degree: “…, M.D.”."""
        hits = []
        for degree in _DEGREE.finditer(self.text):
            before = _BEFORE_DEGREE.search(self.text, max(0, degree.start() - 70), degree.start())
            words = list(_TOKEN.finditer(self.text, before.start(), before.end())) if before else []
            words = [word for word in words if word[0] not in ("Jr", "Sr", "II", "III")]
            ordinary = [number for number, word in enumerate(words) if not is_surname(word[0])]
            words = words[ordinary[-1] + 1 :] if ordinary else words
            if len(words) > 1 and len(words[-1][0]) > 1:
                hits.append(Hit(words[0].start(), degree.end()))
        return hits


_FIRST_NAME = Pattern(rf"[{_UP}][a-z]+(?= (?:[{_UP}]\.? )?({_NAME}))")
_ROLE = Pattern(
    r"\b(?:patient|claimant|applicant|worker|employee|attorney|adjuster|nurse|therapist|surgeon|"
    r"physician|manager|examiner|interpreter|wife|husband|son|daughter|"
    r"name)(?:['’]s)?(?: name)?(?: is| was|,? named)?[ ,:(\n]{1,3}\Z",
    re.IGNORECASE,
)


def persons(shown: Scanned) -> list[Hit]:
    """Find persons by title, by degree, or by role and a common given name; the cited ones but “Dr. …” are left out."""
    found = [*shown.graduates]
    for capitals in re.finditer(rb"A[a-z]+ A", shown.shadow):
        if shown.text[capitals.start() : capitals.end() - 2].lower() not in GIVEN_NAMES:
            continue
        first = _FIRST_NAME.match(shown.text, capitals.start())
        if first and is_surname(first[1]):
            role = _ROLE.search(shown.text, max(0, first.start() - 40), first.start())
            found += [Hit(first.start(), first.end(1))] if role else []
    return apart(
        [*shown.titled, *(hit for hit in found if not is_cited(shown.text, hit.start, hit.stop))]
    )


_PERSON = Pattern(
    rf"(?:{_NAME}|[{_UP}]\.)[ \n](?:(?:{_NAME}|[{_UP}]\.?)[ \n])?{_PARTICLES}{_NAME}|"
    rf"{_CAPITALS} (?:[{_UP}]\.? )?{_CAPITALS}"
)
_COMMA_DEGREE = Pattern(rf",?[ \n]{_DEGREE.pattern}")
_REVIEWER = Pattern(
    r"reviewers?(?:['’]s name)?"
    r"(?P<lead> ?[,:(=–—-]+[ \n]{0,2}| (?:is|was)(?: named)?[ \n]|,? named[ \n]|[ \n])(?:the )?\**"
)
_EXPERT = Pattern(
    r"(?P<not>\b(?:unlike|contrast|contrary|opposed|disagree\w*)\b[\w ]* )?\b(?:expert|imr|"
    r"independent medical)[ \n]\Z"
)
_BY = Pattern(
    r"\b(?:review(?:ed)?|determination|decision|decided)(?: was| is)?(?: made| done| performed)?\Z"
)
_CLOSING = Pattern(
    r"(?:/s/|\bsigned(?: by)?[: ]|\bsignature:|\b(?:sincerely|respectfully(?: submitted)?|regards|"
    r"truly(?: yours)?),?"
    r"(?=\s*\n))[\s*_:]*"
)
_CLOSING_WORDS = (
    "/s/",
    " signed",
    "\nsigned",
    "signature:",
    "sincerely",
    "respectfully",
    "regards",
    "truly",
)
_END = Pattern(r"[^\n\0]{0,60}\s*(?:\0|\Z)")


_TITLES = frozenset(
    ("dr", "drs", "mr", "mrs", "ms", "miss", "doctor", "doctors", "prof", "professor")
)


def _named_at(text: str, start: int) -> tuple[int, bool] | None:
    """Read a name at a place: where it ends, and whether it is one for certain."""
    first = _TOKEN.match(text, start)
    titled = first is not None and first[0].lower() in _TITLES
    # A look at the first word spares the patterns, which are slow, where no name can begin.
    if first is None or not (titled or len(first[0]) == 1 or is_surname(first[0])):
        return None
    found = _TITLED.compiled.match(text, start) if titled else None
    if found and is_surname(found["name"] or found["capitals"]):
        return (_COMMA_DEGREE.match(text, found.end()) or found).end(), True
    found = _PERSON.match(text, start)
    words = _TOKEN.findall(found[0]) if found else []
    if not found or not all(map(is_surname, words)):
        return None
    degree = _COMMA_DEGREE.match(text, found.end())
    return (degree or found).end(), bool(degree or words[0].lower() in GIVEN_NAMES)


def reviewers(shown: Scanned) -> Iterator[Hit]:
    """Find the name of who reviewed: beside the word “reviewer”, in the first person, in a signature."""
    text, low = shown.text, shown.low
    for cue in _REVIEWER.finditer(low):
        named, before = _named_at(text, cue.end()), low[max(0, cue.start() - 40) : cue.start()]
        if named and (named[1] or cue["lead"].strip()):
            expert = _EXPERT.search(before) if named[1] else None
            yield Hit(cue.end(), named[0], "error" if expert and not expert["not"] else "warning")
    for cue in re.finditer(r"I, (?<!\w...)", text):
        named = _named_at(text, cue.end())
        if named and named[1]:
            yield Hit(
                cue.end(),
                named[0],
                "error" if "review" in low[named[0] : named[0] + 120] else "warning",
            )
    for cue in re.finditer(r" by:?\s", low):
        named = _named_at(text, cue.end())
        if named and named[1] and _BY.search(low, max(0, cue.start() - 40), cue.start()):
            yield Hit(cue.end(), named[0])
    for cue in _CLOSING.finditer(low) if any(word in low for word in _CLOSING_WORDS) else ():
        named, signed = _named_at(text, cue.end()), cue[0].startswith("sign")
        if named and (named[1] or not signed):
            certain = named[1] and not signed and _END.match(text, named[0])
            yield Hit(cue.end(), named[0], "error" if certain else "warning")
    for hit in shown.graduates:
        # A last line that holds a name and nothing else.
        before = text[max(0, hit.start - 8) : hit.start].rstrip(" *_-–—")
        if before.endswith("\n") and not before.endswith("\0\n") and _END.match(text, hit.stop):
            yield hit


def credentials(text: str) -> Iterator[Hit]:
    """Find a name where only credentials should stand."""
    shown = Scanned(text)
    yield from (Hit(hit.start, hit.stop, "error") for hit in shown.titled)
    for hit in shown.graduates:
        words = _TOKEN.findall(text, hit.start, hit.stop)
        certain = words[0].lower() in GIVEN_NAMES or min(len(words[0]), len(words[1])) == 1
        yield Hit(hit.start, hit.stop, "error" if certain else "warning")
    named = None if shown.graduates else _named_at(text, 0)
    if named == (len(text), True):
        yield Hit(0, len(text))


_STREET = Pattern(
    rf"\d(?:½|-\d+)?[ \n](?:[NSEW]\.?[ ])?(?P<words>(?:(?:[{_UP}][\w'’.]*|\d+(?:st|nd|rd|"
    rf"th))[ \n]){{1,4}})"
    r"(?:(?:Street|STREET|Avenue|AVENUE|Ave|AVE|Boulevard|BOULEVARD|Blvd|BLVD|Road|ROAD|Rd|RD|Lane|"
    r"LANE|Ln|Row|Terrace|Parkway|Pkwy|Highway|HIGHWAY|Hwy|Court|COURT|Drive|DRIVE|Circle|Way|"
    r"Place|Plaza)\b|(?:St|Dr|Ct|Pl|Cir)\b\.?(?=,|\n|\s*(?:\0|\Z)|[ ](?:Suite|Ste|Apt|Unit|#)))"
)
_HOUSE = Pattern(r"(?<![\w.$#/-])\d{1,6}\Z")
_NO_STREET = frozenset(
    ("superior", "supreme", "appellate", "district", "wheel", "off", "gait", "pathway")
)
_BOX = Pattern(r"(?:\bp\. ?o\.?|\bpo|\bpost office) ?box #?\d+|\bpmb #?\d+")
_STATE = Pattern(
    r"(?:\b(?:C[Aa]|Calif\.?|California|CALIFORNIA),?[ \n]9(?:[0-5]|6[01])|\b[A-Z][a-z]+,[ \n](?:"
    r"(?:CT|MA|ME|NH|NJ|RI|VT) 0|(?:DE|NY|PA) 1|(?:NC|SC|VA|WV) 2|(?:AL|FL|GA|MS|TN) 3|(?:IN|KY|MI|"
    r"OH) 4|(?:IA|MN|MT|ND|SD|WI) 5|(?:IL|KS|MO|NE) 6|(?:AR|LA|OK|TX) 7|(?:AZ|CO|ID|NM|NV|UT|WY) 8|"
    r"(?:AK|HI|WA) 9))\d{2,4}\Z"
)
_AFTER_ZIP = Pattern(r"(?:-\d{4})?(?![\w-]|\.\d)")


def addresses(shown: Scanned) -> list[Hit]:
    """Find postal addresses; the street and the city of one are one."""
    text, low = shown.text, shown.low
    found = (
        [Hit(*each.span()) for each in _BOX.finditer(low)] if "box" in low or "pmb" in low else []
    )
    for start, stop in shown.runs:
        city, after = _STATE.search(text, max(0, start - 30), stop), _AFTER_ZIP.match(text, stop)
        found += [Hit(city.start(), after.end())] if stop - start == 5 and city and after else []
    for digit in re.finditer(rb"9 [A9]", shown.shadow):
        street = _STREET.match(text, digit.start())
        house = (
            _HOUSE.search(text, max(0, digit.start() - 7), digit.start() + 1) if street else None
        )
        words = _TOKEN.findall(street["words"]) if street else []
        clinical = any(
            word.lower() in _NO_STREET or CLINICAL.search(word.lower()) for word in words
        )
        if street and house and not clinical and (not words or any(map(is_surname, words))):
            found.append(Hit(house.start(), street.end()))
    return apart(found, within=40)


_PHONE = Pattern(
    r"(?:(?<![\w.,$#/=?&-])(?P<line>(?:\+?1[-. ]?)?(?:\([2-9]\d\d\) ?|"
    r"[2-9]\d\d[-‐‑–./])[2-9]\d\d[-‐‑–. ]\d{4})|\b(?:tele?phone|phone|tel|ph|fax|facsimile|cell|"
    r"mobile|call(?:ed|ing)?|reached|contact(?:ed)?)\b"
    r"(?: (?:no|number|at|is|was|us|line|him|her|them|on)\b|[.:#,(\s-]){0,6}"
    r"(?P<number>(?:1[-. ]?)?(?:\(?[2-9]\d\d\)?[-. ]{0,2})?[2-9]\d\d[-. ]?\d{4}))\Z"
)
_NO_MORE = Pattern(r"(?![\w-]|[.,/]\d)")


def phones(shown: Scanned) -> Iterator[Hit]:
    """Find telephone and fax numbers."""
    for start, stop in shown.runs:
        grouped = stop - start > 4 or shown.text[max(0, start - 2)].isdecimal()
        phone = _PHONE.search(shown.low, max(0, start - 60), stop) if grouped else None
        if phone and _NO_MORE.match(shown.text, stop):
            yield Hit(phone.start(phone.lastgroup or 0), stop)


_MAIL = Pattern(r"[\w.+-]{1,64} ?@ ?(?P<host>[\w-]{1,63}(?: ?\.[\w-]{1,63}){0,4} ?\.[a-z]{2,24})\b")
_HIDDEN_MAIL = Pattern(
    r"[\w.+-]{1,64} ?[\[(]at[\])] ?[\w-]{1,63} ?(?:[\[(]dot[\])]|\bdot\b|\.) ?[a-z]{2,}"
)
_URL = Pattern(r"(?:https?://|www\.)(?P<host>[^\s/<>\"“”\0]{3,100})[^\s<>\"“”\0]{0,200}(?<=[\w/])")
_AGENCY = Pattern(
    r"\.(?:gov|mil|edu|int)$|\.gov\.|\.ca\.us$|(?:^|\.)(?:acoem|odg|odg-twc|drugs|webmd)\."
)
_PERSONAL = Pattern(
    r"^(?:https?://)?(?:www\.)?(?:[\w.-]*(?:facebook|instagram|linkedin|twitter|tiktok|youtube|"
    r"healthgrades|zocdoc|vitals|yelp|mychart|gofundme|blogspot|wordpress)\.|dr-?[a-z]{3,}\.|"
    r"[\w-]{3,}(?:-?md|-dc|chiro|chiropractic|attorneys?|law|lawyers?)\.(?:com|net|us))|/(?:~|"
    r"users?/|profile/|in/)[\w.-]"
)


def internet_addresses(shown: Scanned) -> Iterator[Hit]:
    """Find e-mail addresses, and pages of a person or a practice."""
    low = shown.low
    for each in _MAIL.finditer(low) if "@" in low else ():
        if not _AGENCY.search(each["host"].replace(" ", "")):
            yield Hit(each.start(), each.end())
    yield from (
        Hit(*each.span())
        for each in (_HIDDEN_MAIL.finditer(low) if "[at]" in low or "(at)" in low else ())
    )
    for each in _URL.finditer(low) if "http" in low or "www." in low else ():
        if _PERSONAL.search(each[0]) and not _AGENCY.search(each["host"]):
            yield Hit(each.start(), each.end())


_MONTHS = (
    "jan(?:uary) feb(?:ruary) mar(?:ch) apr(?:il) may jun(?:e) jul(?:y) aug(?:ust) "
    "sep(?:t|tember) oct(?:ober) "
)
_MONTHS = f"{_MONTHS}nov(?:ember) dec(?:ember)".replace(")", ")?")
_MONTH = rf"(?:{_MONTHS.replace(' ', '|')})(?![a-z])\.?"
_SLASH = r" ?[-‐‑–/.] ?"
_NTH = "(?:st|nd|rd|th)?"
_DATE = (
    rf"(?:\d{{1,4}}{_SLASH}\d{{1,2}}{_SLASH}\d{{1,4}}|{_MONTH}\s\d{{1,4}}{_NTH}(?:,?\s\d{{4}})?|"
    rf"\d{{1,2}}{_NTH}(?: day)?(?: of)?[ -]{_MONTH}[ ,-]{{1,2}}\d{{2,4}})(?!\d)"
)
_BIRTH = r"(?:dob\b|d\.o\.b\.?|d/o/b\b|birth ?date|date of birth|birth ?day)"
_BORN = Pattern(
    rf"\b{_BIRTH}\W{{0,4}}(?:(?:is|was|of|on)\s)?(?:{_DATE}|(?:19|20)\d\d\b)|"
    rf"\bborn[\s:]+(?:on\s|in\s)?(?:the\s)?(?:\w+day,?\s)?{_DATE}|{_DATE},? ?\(?{_BIRTH}"
)


def births(shown: Scanned, known: datetime.date | None) -> list[Hit]:
    """Find a birth date: one that is said to be one, and the one that is known in any written form."""
    low = shown.low
    cued = any(word in low for word in ("dob", "d.o.b", "d/o/b", "birth", "born"))
    found = [Hit(*each.span()) for each in _BORN.finditer(low)] if cued else []
    if known and f"{known.year % 100:02}" in low:
        for each in _written(known).finditer(low):
            # 3/4 may be the fourth of March or the third of April; only the American order is
            # certain.
            found.append(Hit(each.start(), each.end(), "warning" if each["turned"] else "error"))
    return apart(found)


def _written(date: datetime.date) -> re.Pattern[str]:
    day, month, century, year = (
        f"0?{date.day}",
        f"0?{date.month}",
        date.year // 100,
        f"{date.year % 100:02}",
    )
    name, numbers = rf"{_MONTHS.split()[date.month - 1]}(?![a-z])\.?", f"'?(?:{century})?{year}"
    # “decreased 16, 79” is no date: a year of two digits needs a mark.
    words = rf"(?:,?\s{{0,2}}{century}{year}|,?\s?'{year}|-(?:{century})?{year})"
    return re.compile(
        rf"(?<![\w.])(?:{month}{_SLASH}{day}{_SLASH}{numbers}|"
        rf"(?P<turned>{day}{_SLASH}{month}{_SLASH}{numbers})|"
        rf"{date.year}{_SLASH}{month}{_SLASH}{day}|{day}{_NTH}(?:\sday)?(?:\sof)?[\s-]{{0,2}}{name}"
        rf"{words}|{name}[\s-]{{0,2}}{day}{_NTH}{words})(?![\d%])"
    )


_SSN = Pattern(r"(?<![\w./-])\d{3}[-‐‑–]\d\d[-‐‑–]\d{4}\Z")
_VALID_SSN = Pattern(r"(?!000|666|9)\d{3}.(?!00)\d\d.(?!0000)\d{4}")
_SSN_CUE = Pattern(
    r"(?:\b(?:ssn|ss ?#|soc\S* sec\S* (?:no\.?|number|#))(?: ?(?:is|was|no|number|ending|in|last|4|"
    r"four)\b|[:#. ]){0,6}"
    r"(?:\d{3}[ .]\d\d[ .])?|[x*#•]{3}[-‐‑– ]?[x*#•]{2}[-‐‑– ]?)\Z"
)
# A policy on coverage, which has a number too, is a citation.
_RECORD = Pattern(
    r"\b(?:(?:(?:medical|health) record|med\.? rec\.?|chart|patient|pt|member|subscriber|account|"
    r"acct\.?|accession|claim|(?<!medical )(?<!clinical )(?<!coverage )(?<!payment )(?<!drug )polic"
    r"y|group|license|lic\.?|dea|mr)"
    r"(?:'s)? ?(?:no\b\.?|number|nbr|#|id\b(?: ?(?:no\b\.?|number|#))?)|mrn#?|npi#?)(?: (?:is|was|"
    r"of))?[\s:#=(-]{0,4}"
    r"(?:\b[a-z]{1,4}-?)?(?:\d{1,3}[- ]){0,3}\Z|\badj ?-?\Z"
)
_REST = Pattern(r"(?![/.]\d)[a-z]?(?:-[a-z0-9]+)*")


def _cued(shown: Scanned, pattern: Pattern) -> Iterator[tuple[int, int]]:
    """Give the runs of digits, but years, behind words that a pattern ends with."""
    for start, stop in shown.runs:
        year = stop - start == 4 and shown.low[start : start + 2] in ("19", "20")
        cue = None if year else pattern.search(shown.low, max(0, start - 60), start)
        if cue:
            yield cue.start(), stop


def social_security_numbers(shown: Scanned) -> list[Hit]:
    """Find social security numbers."""
    found = [Hit(*span) for span in _cued(shown, _SSN_CUE) if _NO_MORE.match(shown.low, span[1])]
    for start, stop in shown.runs:
        each = _SSN.search(shown.low, max(0, start - 8), stop)
        if each and _NO_MORE.match(shown.low, stop):
            found.append(
                Hit(each.start(), stop, "error" if _VALID_SSN.match(each[0]) else "warning")
            )
    return apart(found)


def record_numbers(shown: Scanned) -> Iterator[Hit]:
    """Find numbers of medical records, members, policies, licences and claims."""
    for start, stop in _cued(shown, _RECORD):
        rest = _REST.match(shown.low, stop)
        yield from (Hit(start, rest.end()),) if rest else ()
