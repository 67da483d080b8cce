"""Personal identifiers in prose: names, numbers, addresses, dates of birth."""

import datetime
import functools
import re
from collections.abc import Iterable, Iterator
from string import ascii_lowercase

import msgspec

from imrgen.checks.text.patterns import Pattern
from imrgen.checks.text.surnames import (
    CLINICAL,
    GIVEN_NAMES,
    is_everyday,
    is_surname,
    is_used_as_name,
)
from imrgen.diagnostics import Severity


class Hit(msgspec.Struct, frozen=True):
    """A span of a text that a search has found, and its severity."""

    start: int
    stop: int
    severity: Severity = "warning"


def merge_hits(hits: Iterable[Hit], gap: int = 0) -> list[Hit]:
    """Sort hits, and merge those that overlap or are at most `gap` characters apart."""
    merged: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: hit.start):
        if merged and hit.start <= merged[-1].stop + gap:
            last = merged.pop()
            severity: Severity = "error" if "error" in (hit.severity, last.severity) else "warning"
            hit = Hit(last.start, max(last.stop, hit.stop), severity)
        merged.append(hit)
    return merged


_UP = "A-ZÀ-ÖØ-ÞĀ-Ž"
_LOW = "a-zß-öø-ÿĀ-žƀ-ɏḀ-ỿ"
_CAPITALIZED = rf"[{_UP}](?:['’][{_UP}])?[{_LOW}]+(?:[{_UP}][{_LOW}]+)?"
_NAME = rf"(?:{_CAPITALIZED}(?:[-‐‑]{_CAPITALIZED})?)"
_CAPITALS = rf"(?:[{_UP}]{{2,}}(?:[-'’][{_UP}]+)?)"
_PARTICLES = r"(?:(?:[Vv][ao]n|[Dd](?:e|el|er|en|i|a|os|u)|[Ll][ae]|[Tt]er|St\.)[ \n]){0,2}"
_INITIALS = rf"(?:[{_UP}]\.[ ]?|[{_UP}][ ]){{0,2}}"
# The title's first letter stands before its conditions, so that the search can skip to it.
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
_SMALL_TITLED = Pattern(
    r"\b(?:[Dd]r|DR)\. (?P<word>[A-Za-z][a-z]{2,}(?<!ed)(?<!ing)(?<!ly))\b"
    r"(?P<end>(?=[.,;:)]| (?:was|is|has|had|and)\b))?",
    needs=("dr. ",),
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
    r"Rheum|Surg)|Journal|Textbook|\bVol\b|"
    r"(?<!\d, )\b(?:19|20)\d\d[;:]\s?\d|\bpp?\. ?\d|Edition|\b[Ee]ds?\.|PMID|"
    r"Medscape|UpToDate|Cochrane|\bAuthors?\b"
)


def is_cited(text: str, start: int, stop: int) -> bool:
    """Return whether a name stands in a citation; texts joined by NULs are apart."""
    begin = max(text.rfind("\0", 0, start) + 1, start - 120)
    end = text.find("\0", stop, stop + 120)
    around = _CITATION.search(text, begin, stop + 120 if end < 0 else end)
    return bool(_AUTHOR.match(text, stop) or around)


_TO_SHAPE = bytes.maketrans(
    b"012345678\nABCDEFGHIJKLMNOPQRSTUVWXYZ", b"999999999 AAAAAAAAAAAAAAAAAAAAAAAAAA"
)


class ScannedText:
    """A text with what several searches share: its lower case, its shape, and rare places in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lower = text.replace("İ", "I").lower()
        # Digits are 9, capitals are A: a search for known bytes is many times faster.
        self.shape = text.encode("ascii", "replace").translate(_TO_SHAPE)

    @functools.cached_property
    def words(self) -> frozenset[str]:
        """What stands between spaces."""
        return frozenset(self.text.split())

    @functools.cached_property
    def digit_runs(self) -> list[tuple[int, int]]:
        """The spans of four digits or more."""
        return [match.span() for match in re.finditer(rb"99999*", self.shape)]

    @functools.cached_property
    def titled_names(self) -> list[Hit]:
        """The names after a title: “Dr. …” and “Ms. …”."""
        hits = []
        for match in _TITLED.finditer(self.text):
            word = match["name"] or match["capitals"]
            # A word that also occurs in lower case began a sentence, after a name was removed.
            is_ordinary = not is_everyday(word) and word.lower() in self.words
            if not is_surname(word.split("-")[0]) or is_ordinary:
                continue
            if not _AUTHOR.match(self.text, match.end()):
                is_cut = match["second"] and not is_surname(match["second"])
                hits.append(Hit(match.start(), match.end("name") if is_cut else match.end()))
        return hits

    @functools.cached_property
    def small_titled_names(self) -> list[Hit]:
        """The names after “Dr.” that are written small, or as everyday words: “Dr. Park”."""
        return [
            Hit(*match.span())
            for match in _SMALL_TITLED.finditer(self.text)
            if match["word"] not in ("Martens", "Scholl")  # shoes
            and (match["word"][0].isupper() or is_surname(match["word"]))
            and (is_used_as_name(self.text, *match.span("word")) or match["end"] is not None)
            and not _AUTHOR.match(self.text, match.end())
        ]

    @functools.cached_property
    def names_with_degree(self) -> list[Hit]:
        """The names before a degree: “…, M.D.”."""
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
_ROLE_WORDS = """
patient claimant applicant worker employee attorney adjuster nurse therapist surgeon physician
manager examiner interpreter wife husband son daughter name is was named
"""
_ROLE_ENDS = frozenset(_ROLE_WORDS.split())
_AFTER_NAME = Pattern(r"(?:['’]s)?(?:[.,;:)!?\n\0]|\Z| [a-z])")
_ROLE = Pattern(
    r"\b(?:patient|claimant|applicant|worker|employee|attorney|adjuster|nurse|therapist|surgeon|"
    r"physician|manager|examiner|interpreter|wife|husband|son|daughter|"
    r"name)(?:['’]s)?(?: name)?(?: is| was|,? named)?[ ,:(\n]{1,3}\Z",
    re.IGNORECASE,
)


def persons(text: ScannedText) -> list[Hit]:
    """Find persons by title, by degree, or by role and a common given name.

    Cited authors are left out, unless they have a title.
    """
    hits = [*text.names_with_degree, *text.small_titled_names]
    for capitals in re.finditer(rb"A[a-z]+ A", text.shape):
        start = capitals.start()
        before = text.lower[max(0, start - 14) : start].rstrip(" ,:(\n").split()
        # The pattern for a role is slow.
        if not before or before[-1].removesuffix("'s").removesuffix("’s") not in _ROLE_ENDS:
            continue
        role = _ROLE.search(text.text, max(0, start - 40), start)
        name = _FIRST_NAME.match(text.text, start) if role else None
        if name is None or not is_surname(name[1]) or not is_surname(name[0]):
            continue
        is_given = name[0].lower() in GIVEN_NAMES
        if is_given or (not is_everyday(name[0]) and _AFTER_NAME.match(text.text, name.end(1))):
            hits.append(Hit(name.start(), name.end(1)))
    uncited = (hit for hit in hits if not is_cited(text.text, hit.start, hit.stop))
    return merge_hits([*text.titled_names, *uncited])


_FULL_NAME = Pattern(
    rf"(?:{_NAME}|[{_UP}]\.)[ \n](?:(?:{_NAME}|[{_UP}]\.?)[ \n])?{_PARTICLES}{_NAME}|"
    rf"{_CAPITALS} (?:[{_UP}]\.? )?{_CAPITALS}"
)
_COMMA_DEGREE = Pattern(rf",?[ \n]{_DEGREE.pattern}")
_REVIEWER = Pattern(
    r"reviewers?(?:['’]s name)?"
    r"(?P<lead> ?[,:(=–—-]+[ \n]{0,2}| (?:is|was)(?: named)?[ \n]|,? named[ \n]|[ \n])(?:the )?\**",
    needs=("reviewer",),
)
_FINDS = Pattern(
    r" (?:\w+ly )?(?:finds|found|notes|noted|states|stated|concludes|concluded|determined|agrees|"
    r"recommends|recommended|writes|wrote|opined|opines)\b"
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


class _Name(msgspec.Struct, frozen=True):
    stop: int
    is_certain: bool


def _match_name(text: str, start: int) -> _Name | None:
    """Match a person's name at a position."""
    first = _TOKEN.match(text, start)
    # Looking at the first word avoids the patterns, which are slow, where no name can begin.
    if first is None:
        return None
    is_titled = first[0].lower() in _TITLES
    may_be_name = first[0][0] not in ascii_lowercase
    if not (is_titled or (may_be_name and (len(first[0]) == 1 or is_surname(first[0])))):
        return None
    match = _TITLED.compiled.match(text, start) if is_titled else None
    if match and is_surname(match["name"] or match["capitals"]):
        return _Name((_COMMA_DEGREE.match(text, match.end()) or match).end(), is_certain=True)
    match = _FULL_NAME.match(text, start)
    words = _TOKEN.findall(match[0]) if match else []
    if match is None or not all(map(is_surname, words)):
        return None
    degree = _COMMA_DEGREE.match(text, match.end())
    return _Name((degree or match).end(), bool(degree or words[0].lower() in GIVEN_NAMES))


def reviewers(text: ScannedText) -> Iterator[Hit]:
    """Find the reviewer's name: beside “reviewer” or “reviewed by”, after “I,”, in a signature."""
    yield from _named_reviewers(text)
    yield from _signers(text)


def _named_reviewers(text: ScannedText) -> Iterator[Hit]:
    for cue in _REVIEWER.finditer(text.lower):
        name = _match_name(text.text, cue.end())
        if name and (name.is_certain or cue["lead"].strip() or _FINDS.match(text.text, name.stop)):
            expert = _EXPERT.search(text.lower[max(0, cue.start() - 40) : cue.start()])
            certain = name.is_certain and expert and not expert["not"]
            yield Hit(cue.end(), name.stop, "error" if certain else "warning")
    for cue in re.finditer(r"I, (?<!\w...)", text.text):
        name = _match_name(text.text, cue.end())
        if name and name.is_certain:
            certain = "review" in text.lower[name.stop : name.stop + 120]
            yield Hit(cue.end(), name.stop, "error" if certain else "warning")
    for cue in re.finditer(r" by:?\s", text.lower):
        reviewed = _BY.search(text.lower, max(0, cue.start() - 40), cue.start())
        name = _match_name(text.text, cue.end()) if reviewed else None
        if name and name.is_certain:
            yield Hit(cue.end(), name.stop)


def _signers(text: ScannedText) -> Iterator[Hit]:
    may_close = any(word in text.lower for word in _CLOSING_WORDS)
    for cue in _CLOSING.finditer(text.lower) if may_close else ():
        name = _match_name(text.text, cue.end())
        is_label = cue[0].startswith("sign")
        if name and (name.is_certain or not is_label):
            certain = name.is_certain and not is_label and _END.match(text.text, name.stop)
            yield Hit(cue.end(), name.stop, "error" if certain else "warning")
    for hit in text.names_with_degree:
        # A last line with nothing but a name.
        before = text.text[max(0, hit.start - 8) : hit.start].rstrip(" *_-–—")
        begins_line = before.endswith("\n") and not before.endswith("\0\n")
        if begins_line and _END.match(text.text, hit.stop):
            yield hit


def names_in_credentials(credentials: str) -> Iterator[Hit]:
    """Find names where only credentials belong."""
    text = ScannedText(credentials)
    yield from (Hit(hit.start, hit.stop, "error") for hit in text.titled_names)
    for hit in text.names_with_degree:
        words = _TOKEN.findall(credentials, hit.start, hit.stop)
        certain = words[0].lower() in GIVEN_NAMES or min(len(words[0]), len(words[1])) == 1
        yield Hit(hit.start, hit.stop, "error" if certain else "warning")
    if text.names_with_degree:
        return
    first = _TOKEN.match(text.lower)
    begins_as_name = first and (first[0] in _TITLES or first[0] in GIVEN_NAMES)
    # No name is certain without one of these, and the patterns of names are slow.
    if (begins_as_name or _DEGREE.search(credentials)) and (
        _match_name(credentials, 0) == _Name(len(credentials), is_certain=True)
    ):
        yield Hit(0, len(credentials))


_STREET = Pattern(
    rf"\d(?:½|-\d+)?[ \n](?:[NSEW]\.?[ ])?(?P<words>(?:(?:[{_UP}][\w'’.]*|\d+(?:st|nd|rd|"
    rf"th))[ \n]){{1,4}})"
    r"(?:(?:Street|STREET|Avenue|AVENUE|Ave|AVE|Boulevard|BOULEVARD|Blvd|BLVD|Road|ROAD|Rd|RD|Lane|"
    r"LANE|Ln|Row|Terrace|Parkway|Pkwy|Highway|HIGHWAY|Hwy|Court|COURT|Drive|DRIVE|Circle|Way|"
    r"Place|Plaza)\b|(?:St|Dr|Ct|Pl|Cir)\b\.?(?=,|\n|\s*(?:\0|\Z)|[ ](?:Suite|Ste|Apt|Unit|#))|"
    r"(?:St|Ct|Pl|Cir)\.(?=[ ][A-Z]))"
)
_STREET_WORDS = (
    *("Camino", "Via", "Calle", "Avenida", "Paseo", "Rancho", "Vista", "State", "County"),
    *("Highway", "HIGHWAY", "Hwy", "HWY", "Route", "Road"),
)
_OTHER_STREET = Pattern(
    rf"\d(?:½|-\d+)?[ \n](?:(?:Camino|Via|Calle|Avenida|Paseo|Rancho|Vista|Caminito)[ \n]"
    rf"(?:(?:de|del|la|las|los|el)[ \n])*[{_UP}]\w+(?:[ \n][{_UP}]\w+)?|(?:State[ \n]|County[ \n])?"
    r"(?:Highway|HIGHWAY|Hwy|HWY|Route|Road)[ \n]\d{1,3}\b)"
)
_LIVES = ("lives ", "lived at", "living at", "resides", "address is", "address:", "moved to")
_SMALL_STREET = Pattern(
    r"\b(?:liv(?:es?|ed|ing)|resid\w+|address|moved|mailed)\b[^.\n\0]{0,40}?\b"
    r"(?P<place>\d{1,6} (?:[nsew]\.? )?"
    r"(?:(?!the |a |of |on |per |to |in |with |and )[a-z'’]{2,} ){1,3}"
    r"(?:street|avenue|ave|boulevard|blvd|road|rd|lane|ln|drive|court|terrace|parkway|circle|way)\b)",
)
_LONG_ZIP = Pattern(r"-\d{4}(?![\w-])")
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


def postal_addresses(text: ScannedText) -> list[Hit]:
    """Find postal addresses; a street and its city are one hit."""
    may_be_box = "box" in text.lower or "pmb" in text.lower
    hits = [Hit(*box.span()) for box in (_BOX.finditer(text.lower) if may_be_box else ())]
    if any(cue in text.lower for cue in _LIVES):
        hits += (Hit(*street.span("place")) for street in _SMALL_STREET.finditer(text.lower))
    for start, stop in text.digit_runs:
        city = _STATE.search(text.text, max(0, start - 30), stop) if stop - start == 5 else None
        after = _AFTER_ZIP.match(text.text, stop)
        if (
            stop - start == 5
            and _LONG_ZIP.match(text.text, stop)
            and text.text[start - 1 : start].isspace()
        ):
            hits.append(Hit(start, stop + 5))
        if city and after:
            hits.append(Hit(city.start(), after.end()))
    for digit in re.finditer(rb"9 [A9]", text.shape):
        street = _STREET.match(text.text, digit.start())
        is_other = street is None and text.text.startswith(_STREET_WORDS, digit.end() - 1)
        other = _OTHER_STREET.match(text.text, digit.start()) if is_other else None
        house = _HOUSE.search(text.text, max(0, digit.start() - 7), digit.start() + 1)
        if other and house:
            hits.append(Hit(house.start(), other.end()))
        if street is None or house is None:
            continue
        words = _TOKEN.findall(street["words"])
        if any(map(_is_clinical, words)):
            continue
        if not words or any(map(is_surname, words)):
            hits.append(Hit(house.start(), street.end()))
    return merge_hits(hits, gap=40)


def _is_clinical(word: str) -> bool:
    lower = word.lower()
    is_term = CLINICAL.search(lower) is not None and lower not in ("mission", "union", "station")
    return lower in _NO_STREET or is_term


_PHONE = Pattern(
    r"(?:(?<![\w.,$#/=?&-])(?P<line>(?:\+?1[-. ]?)?"
    r"(?:(?:\([2-9]\d\d\) ?|[2-9]\d\d[-‐‑–./])[2-9]\d\d[-‐‑–. ]\d{4}|"
    r"(?:(?<=1 )|(?<!\d ))[2-9]\d\d (?!000)[2-9]\d\d \d{4}|"
    r"[2-9]\d\d[2-9]\d{6}))|\b(?:tele?phone|phone|tel|ph|fax|facsimile|cell|"
    r"mobile|call(?:ed|ing)?|reached|contact(?:ed)?)\b"
    r"(?: (?:no|number|at|is|was|us|line|him|her|them|on)\b|[.:#,(\s-]){0,6}"
    r"(?P<number>(?:1[-. ]?)?(?:\(?[2-9]\d\d\)?[-. ]{0,2})?[2-9]\d\d[-. ]?\d{4}))\Z"
)
_NUMBER_END = Pattern(r"(?![\w-]|[.,/]\d)")


def phone_numbers(text: ScannedText) -> Iterator[Hit]:
    """Find telephone and fax numbers."""
    for start, stop in text.digit_runs:
        if stop - start == 4 and not text.text[max(0, start - 2)].isdecimal():
            continue
        phone = _PHONE.search(text.lower, max(0, start - 60), stop)
        if phone and _NUMBER_END.match(text.text, stop):
            yield Hit(phone.start(phone.lastgroup or 0), stop)


_MAIL = Pattern(r"[\w.+-]{1,64} ?@ ?(?P<host>[\w-]{1,63}(?: ?\.[\w-]{1,63}){0,4} ?\.[a-z]{2,24})\b")
_HIDDEN_MAIL = Pattern(
    r"[\w.+-]{1,64} ?(?:[\[(]at[\])] ?[\w-]{1,63} ?(?:[\[(]dot[\])]|\bdot\b|\.)|"
    r"\bat [\w-]{1,63} dot) ?[a-z]{2,}",
)
_HIDDEN = ("[at]", "(at)", " dot ")
_URL = Pattern(r"(?:https?://|www\.)(?P<host>[^\s/<>\"“”\0]{3,100})[^\s<>\"“”\0]{0,200}(?<=[\w/])")
_AGENCY = Pattern(
    r"\.(?:gov|mil|int)$|\.gov\.|\.ca\.us$|(?:^|\.)(?:acoem|odg|odg-twc|drugs|webmd)\."
)
_PERSONAL = Pattern(
    r"^(?:https?://)?(?:www\.)?(?:[\w.-]*(?:facebook|instagram|linkedin|twitter|tiktok|youtube|"
    r"healthgrades|zocdoc|vitals|yelp|mychart|gofundme|blogspot|wordpress)\.|dr-?[a-z]{3,}\.|"
    r"[\w-]{3,}(?:-?md|-dc|chiro|chiropractic|attorneys?|law|lawyers?)\.(?:com|net|us))|/(?:~|"
    r"users?/|profile/|in/)[\w.-]"
)


def internet_addresses(text: ScannedText) -> Iterator[Hit]:
    """Find e-mail addresses, and pages of a person or a practice."""
    lower = text.lower
    for mail in _MAIL.finditer(lower) if "@" in lower else ():
        if not _AGENCY.search(mail["host"].replace(" ", "")):
            yield Hit(mail.start(), mail.end())
    for mail in _HIDDEN_MAIL.finditer(lower) if any(map(lower.__contains__, _HIDDEN)) else ():
        yield Hit(mail.start(), mail.end())
    for url in _URL.finditer(lower) if "http" in lower or "www." in lower else ():
        is_agency = _AGENCY.search(url["host"]) or url["host"].endswith(".edu")
        if _PERSONAL.search(url[0]) and not is_agency:
            yield Hit(url.start(), url.end())


_MONTHS = (
    "jan(?:uary)?",
    "feb(?:ruary)?",
    "mar(?:ch)?",
    "apr(?:il)?",
    "may",
    "jun(?:e)?",
    "jul(?:y)?",
    "aug(?:ust)?",
    "sep(?:t|tember)?",
    "oct(?:ober)?",
    "nov(?:ember)?",
    "dec(?:ember)?",
)
_MONTH = rf"(?:{'|'.join(_MONTHS)})(?![a-z])\.?"
_SLASH = r" ?[-‐‑–/.] ?"
_NTH = "(?:st|nd|rd|th)?"
_DATE = (
    rf"(?:\d{{1,4}}{_SLASH}\d{{1,2}}{_SLASH}\d{{1,4}}|{_MONTH}\s\d{{1,4}}{_NTH}(?:,?\s\d{{4}})?|"
    rf"\d{{1,2}}{_NTH}(?: day)?(?: of)?[ -]{_MONTH}[ ,-]{{1,2}}\d{{2,4}})(?!\d)"
)
_BIRTH = r"(?:dob\b|d\.o\.b\.?|d/o/b\b|birth ?date|date of birth|birth ?day)"
_BORN = Pattern(
    rf"\b{_BIRTH}\W{{0,4}}(?:(?:is|was|of|on)\s)?(?:{_DATE}|(?:19|20)\d\d\b)|"
    r"\bborn\sin\s(?:the\syear\s)?(?:19|20)\d\d\b|"
    rf"\bborn[\s:]+(?:on\s|in\s)?(?:the\s)?(?:\w+day,?\s)?{_DATE}|{_DATE},? ?\(?{_BIRTH}"
)


def birth_dates(text: ScannedText, known: datetime.date | None) -> list[Hit]:
    """Find dates that the text calls a birth date, and the known birth date in any written form."""
    lower = text.lower
    may_match = any(cue in lower for cue in ("dob", "d.o.b", "d/o/b", "birth", "born"))
    hits = [Hit(*born.span()) for born in (_BORN.finditer(lower) if may_match else ())]
    if known and f"{known.year % 100:02}" in lower:
        for date in _written_forms(known).finditer(lower):
            # 3/4 may be March 4 or April 3; only the American order is certain.
            hits.append(Hit(date.start(), date.end(), "warning" if date["turned"] else "error"))
    return merge_hits(hits)


def _written_forms(date: datetime.date) -> re.Pattern[str]:
    day = f"0?{date.day}"
    month = f"0?{date.month}"
    century = date.year // 100
    year = f"{date.year % 100:02}"
    name = rf"{_MONTHS[date.month - 1]}(?![a-z])\.?"
    any_year = f"'?(?:{century})?{year}"
    # “decreased 16, 79” is not a date: after a comma, a year of two digits needs an apostrophe.
    year_after_words = rf"(?:,?\s{{0,2}}{century}{year}|,?\s?'{year}|-(?:{century})?{year})"
    return re.compile(
        rf"(?<![\w.])(?:{month}{_SLASH}{day}{_SLASH}{any_year}|"
        rf"(?P<turned>{day}{_SLASH}{month}{_SLASH}{any_year})|"
        rf"{date.year}{_SLASH}{month}{_SLASH}{day}|"
        rf"{day}{_NTH}(?:\sday)?(?:\sof)?[\s-]{{0,2}}{name}{year_after_words}|"
        rf"{name}[\s-]{{0,2}}{day}{_NTH}{year_after_words})(?![\d%])"
    )


_SSN = Pattern(r"(?<![\w./#$-])(?<!\d )(?:\d{3}[-‐‑–]\d\d[-‐‑–]|\d{3} \d\d |\d{3}\.\d\d\.)\d{4}\Z")
_BARE_SSN = Pattern(r"(?<![\w./#$-])(?!000|666|9)\d{3}(?!00)\d\d(?!0000)\d{4}\Z")
_VALID_SSN = Pattern(r"(?!000|666|9)\d{3}.(?!00)\d\d.(?!0000)\d{4}")
_SSN_CUE = Pattern(
    r"(?:\b(?:ssn|ss ?#|soc\S* sec\S* (?:no\.?|number|#))(?: ?(?:is|was|no|number|ending|in|last|4|"
    r"four)\b|[:#. ]){0,6}"
    r"(?:\d{3}[ .]\d\d[ .])?|[x*#•]{3}[-‐‑– ]?[x*#•]{2}[-‐‑– ]?)\Z"
)
# A coverage policy has a number, too, but naming it is a citation.
_RECORD = Pattern(
    r"\b(?:(?:(?:medical|health) record|med\.? rec\.?|chart|patient|pt|member|subscriber|account|"
    r"acct\.?|accession|claim|(?<!medical )(?<!clinical )(?<!coverage )(?<!payment )(?<!drug )polic"
    r"y|group|license|lic\.?|dea|file|mr)"
    r"(?:'s)? ?(?:no\b\.?|number|nbr|#|id\b(?: ?(?:no\b\.?|number|#))?)|mrn#?|npi#?|dea#?|"
    r"driver['’]?s?['’]? licen[sc]e(?: (?:no\b\.?|number|#))?)"
    r"(?: (?:is|was|of))?[\s:#=(-]{0,4}"
    r"(?:\b[a-z]{1,4}-?)?(?:\d{1,3}[- ]){0,3}\Z|\badj ?-?\Z"
)
_RECORD_END = Pattern(r"(?![/.]\d)[a-z]?(?:-[a-z0-9]+)*")


def _digits_after(text: ScannedText, cue: Pattern) -> Iterator[tuple[int, int]]:
    """Yield the spans of a cue with the digits behind it; years are left out."""
    for start, stop in text.digit_runs:
        if stop - start == 4 and text.lower[start : start + 2] in ("19", "20"):
            continue
        if match := cue.search(text.lower, max(0, start - 60), start):
            yield match.start(), stop


def social_security_numbers(text: ScannedText) -> list[Hit]:
    """Find social security numbers."""
    hits = [
        Hit(start, stop)
        for start, stop in _digits_after(text, _SSN_CUE)
        if _NUMBER_END.match(text.lower, stop)
    ]
    for start, stop in text.digit_runs:
        number = None
        if stop - start == 4 and text.text[max(0, start - 2)].isdecimal():
            number = _SSN.search(text.lower, max(0, start - 9), stop)
        elif stop - start == 9:
            number = _BARE_SSN.search(text.lower, max(0, start - 1), stop)
        if number and _NUMBER_END.match(text.lower, stop):
            is_certain = _VALID_SSN.match(number[0]) and number[0][3] not in " ."
            severity: Severity = "error" if is_certain else "warning"
            hits.append(Hit(number.start(), stop, severity))
    return merge_hits(hits)


def record_numbers(text: ScannedText) -> Iterator[Hit]:
    """Find numbers of medical records, members, policies, licenses and claims."""
    for start, stop in _digits_after(text, _RECORD):
        if rest := _RECORD_END.match(text.lower, stop):
            yield Hit(start, rest.end())
