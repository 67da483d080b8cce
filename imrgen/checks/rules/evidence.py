"""Checks of evidence: whether what the rationale rests on is what the expert reviewer's basis cites."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imrgen.case import Basis, Issue
from imrgen.checks import Finding, Subject, check
from imrgen.checks.text import Pattern, sentences

_SOURCE = Pattern(
    r"MTUS|ODG|ACOEM|utilization schedule|official disability|guideline|\bstud(?:y|ies)\b|trial|"
    r"journal|literature|\bcitation|\barticle|\bet al\b|meta-analys|chapter|textbook|label|"
    r"formulary|medicare|academy|association|society|college|institute|regulation|labor code|"
    r"\b(?:19|20)[0-9]{2}\b|\b(?:FDA|CDC|NIH|CMS|AAOS|AMA|AHRQ|Cochrane|PubMed|Medline|UpToDate)\b",
    re.IGNORECASE,
)
# Words that name a source only to say that there was none.
_NO_SOURCE = Pattern(
    r"\b(?:no|not\s+cite\s+any|without\s+(?:any|a))\s+(?:\w+\s+)?(?:guideline|citation|stud(?:y|"
    r"ies)|literature)",
    re.IGNORECASE,
)

# These begin with a literal, which makes them ten times as fast over a whole rationale.
_SILENT = (
    Pattern(
        r"MTUS\b(?i:(?:\s+(?:treatment\s+)?guidelines?)?\s+(?:(?:is|are|"
        r"remains?)\s+(?:\w+\s+)?silent|(?:does|do|did)\s+not\s+(?:\w+ly\s+)?(?:address|discuss|"
        r"mention|cover|speak\s+to|comment\s+on)))"
    ),
    Pattern(
        r"not\s+(?:\w+ly\s+)?(?P<passive>addressed|discussed|mentioned|covered)\s+(?:by|in|within|"
        r"under)\s+"
        r"(?:the\s+)?(?i:california\s+|ca\s+)?MTUS\b(?!\s*[/-])"
    ),
    Pattern(
        r"guidelines\s+are\s+silent(?<!ODG guidelines are silent)"
        r"(?<!isability guidelines are silent)"
    ),
)
# On an aspect of the item the MTUS may be silent, and yet be the right basis.
_ASPECT = Pattern(
    r"\b(?:frequency|duration|number|quantity|dos(?:e|age|ing)|timing|intervals?|combination|"
    r"long[- ]term|repeat\w*|brand|strength|how|when|whether|criteria|specifics?|aspect)\b",
    re.IGNORECASE,
)
_MTUS_TEXT = Pattern(
    r"\bMTUS\b|ACOEM|chronic\s+pain\s+(?:medical|treatment|guid)|opioids?\s+(?:treatment\s+)?guid|"
    r"post-?surgical\s+treat|acupuncture\s+(?:medical\s+)?(?:treatment\s+)?guid|\bchapters?\b|"
    r"\bcomplaints\s+(?:20|section|chapter|guid)",
    re.IGNORECASE,
)

_RESTS = Pattern(
    r"\bMTUS\b[^.;]{0,80}?\b(?:recommend|state|support|allow|indicate|require|limit|provide|advise|"
    r"permit|endorse)s?\b"
    r"|\b(?:per|according\s+to|under|in\s+accordance\s+with|based\s+on)\s+(?:the\s+)?"
    r"(?:california\s+|ca\s+)?MTUS\b",
    re.IGNORECASE,
)
_NO_GUIDANCE = Pattern(
    r"\bsilent\b|\bnot\s+(?:\w+ly\s+)?(?:address|discuss|mention|cover|speak|comment)|\bnon-?MTUS|"
    r"\boutside\b|\bMTUS\b[^.;]{0,40}\bnot\s+(?:\w+ly\s+)?(?:contain|provide|include|list|state|"
    r"indicate|offer)|\bno\s+(?:\w+\s+){0,2}(?:recommendation|guid|mention|reference)",
    re.IGNORECASE,
)
_OTHER_SOURCE = Pattern(
    r"\bODG\b|official\s+disability|ACOEM|\bstud(?:y|ies)\b|\bjournal|literature|\bet\s+al\b|"
    r"textbook|package\s+insert|prescribing\s+information|\blabel|\bamerican\s|academy|association|"
    r"society|institute|medicare|other\s+guid|\b(?:FDA|CDC|NIH|CMS|AAOS|AMA|AHRQ|APA|ACC|AHA|"
    r"Cochrane|PubMed|Medline|UpToDate|PDR)\b|evidence-based|systematic",
    re.IGNORECASE,
)

# The regions of the body that have a chapter of their own, and how a text speaks of them.
_REGIONS = {
    name: Pattern(rf"\b(?:{words})\b", re.IGNORECASE)
    for name, words in {
        "low back": r"low(?:er)?[- ]?back|lumb\w+|mid[- ]?back|thorac\w+|sacr\w+|SI\s+joint|"
        r"L[1-5]\s?[-/]\s?(?:L?[1-5]|S1)|L5|S1",
        "neck": r"neck|cervic\w+|upper\s+back|thorac\w+|trapezi\w+|C[2-7]\s?[-/]\s?(?:C?[3-7]|T1)",
        "shoulder": r"shoulders?|rotator|acromi\w+|subacromial|supraspinat\w+|gleno\w+",
        "elbow": r"elbows?|epicondyl\w+|cubital|olecranon|ulnar",
        "hand": r"wrists?|hands?(?![- ]?(?:held|on\b))|fingers?|thumbs?|forearms?|carpal|"
        r"de\s+quervain\w*|CTS",
        "knee": r"knees?|menisc\w+|patell\w+|ACL",
        "foot": r"ankles?|foot|feet|plantar|achilles|toes?|heels?|tarsal",
        "mind": r"psych\w+|depress\w+|anxi\w+|stress|mental|cognitive|PTSD|biofeedback|sleep|"
        r"insomnia|emotion\w*",
        "eye": r"eyes?|ophthalm\w+|ocular|vision|visual|corne\w+|optometr\w*",
    }.items()
}
_NO_CHAPTER = Pattern(
    r"\b(?:hips?|groin|head|brain|skull|jaw|dental|teeth|chest|abdom\w+|hernia\w*|stomach|pelvi\w+|"
    r"whole|extremit\w+|arms?|legs?|multiple|body)\b",
    re.IGNORECASE,
)
_CHAPTER = Pattern(r"complaints|disorders|conditions|\Aeye\Z", re.IGNORECASE)
_GENERAL = Pattern(
    r"pain|opioid|general|initial|prevention|surgical|acupuncture|approach", re.IGNORECASE
)
# Pain and numbness travel along a limb, so that a history in one region can be the ground in the
# other.
_LIMBS = ({"neck", "shoulder", "elbow", "hand"}, {"low back", "knee", "foot"})

_SUPPORTS = r"\b(?:recommend|support|allow|permit|endorse)s?\b"
_AGAINST = (
    r"(?:recommends?\s+against|(?:does|do)\s+not\s+(?:\w+ly\s+)?(?:recommend|support|allow|"
    r"endorse))"
)
_SECOND = r"(?:the\s+)?(?:ODG|official\s+disability\s+guidelines|ACOEM)\b"
_BUT = r"[^.;]{0,160}[.;,]\s+(?:however|but|whereas|while|yet|in\s+contrast),?\s+"
_NO_NOT = r"(?:(?!\bnot\b)[^.;])"
_DIFFER = Pattern(
    rf"MTUS\b(?i:{_NO_NOT}{{0,160}}?{_SUPPORTS}{_BUT}{_SECOND}[^.;]{{0,40}}?{_AGAINST}"
    rf"|[^.;]{{0,60}}?{_AGAINST}{_BUT}{_SECOND}{_NO_NOT}{{0,40}}?{_SUPPORTS})"
)
_WHILE = Pattern(
    rf"(?:[Ww]hile|[Aa]lthough)\s+(?i:the\s+)?(?i:ca\s+|california\s+)?MTUS\b"
    rf"(?i:{_NO_NOT}{{0,160}}?,\s+{_SECOND}"
    rf"[^.;]{{0,40}}?(?:{_AGAINST}|\bdoes\s+not\s*(?=[.;]|\Z)))"
)
_CONFLICT = Pattern(
    r"\b(?:conflict(?:s|ing)?|contradict\w*|at\s+variance|disagrees?|differs?\s+from|"
    r"contrary\s+to)\b",
    re.IGNORECASE,
)
_SECOND_NAME = Pattern(_SECOND, re.IGNORECASE)
_REASON = Pattern(
    r"\b(?:strength|quality|levels?\s+of|grade|strong\w*|recent|newer|newest|current|updated?|"
    r"latest|high\w*|because|since|prefer\w*|outweigh\w*|best\s+available|hierarchy|order\s+of|"
    r"presum\w+|preceden\w+|randomi[sz]ed|controlled|evidence|applicab\w+|applies|overrid\w+)\b",
    re.IGNORECASE,
)

_WORD = Pattern(r"[a-z]+|#[34]")
_OPIOID = Pattern(
    r"norco|hydrocodone|vicodin|lortab|lorcet|zohydro|hysingla|vicoprofen|oxycodone|percocet|"
    r"percodan|oxycontin|roxicodone|endocet|xtampza|morphine|contin|mscontin|kadian|avinza|embeda|"
    r"fentanyl|duragesic|tramadol|ultram|ultracet|conzip|nucynta|tapentadol|methadone|"
    r"hydromorphone|dilaudid|exalgo|opana|oxymorphone|butrans|buprenorphine|suboxone|subutex|"
    r"zubsolv|belbuca|codeine|levorphanol|demerol|meperidine|opioids?|opiates?|narcotics?"
)
_NO_OPIOID = Pattern(
    r"\A(?!.*buprenorphine).*naloxone|non-?\s?opioid|narcan|evzio|naltrexone|movantik|relistor|"
    r"constipation|antagonist|consult|detox|urine|screen|\btest|toxicolog|monitor|agreement|"
    r"evaluation|program|wean|taper|post-?\s?op|peri-?operative|visit",
    re.IGNORECASE,
)
_TAPER = Pattern(
    r"\bwean|\btaper|abrupt|discontinu|withdraw|gradual|suddenly|titrat\w+ (?:down|off)",
    re.IGNORECASE,
)


@check("IMR350", "Basis without a source", "warning", "8 CCR 9792.21.1")
def unnamed_source(subject: Subject) -> Iterator[Finding]:
    """A basis in the writer's own words names what it rests on.

    What: the reviewer's basis is given by `as_written`, and that names neither the MTUS nor any
    other guideline, study or citation, or says that there was none. Silent for an issue that
    depends on another: its basis is the other's.

    Why: the regulation sets the order in which evidence is searched and cited. A basis that names
    none cannot be followed.

    Fails:
        reviewer_basis = { as_written = "Decision based on clinical judgment." }

    Passes:
        reviewer_basis = { as_written = "Decision based on the ODG, Low Back Chapter." }
    """
    for number, issue in enumerate(subject.case.issues):
        text = issue.reviewer_basis.as_written if issue.reviewer_basis else None
        if text and not issue.depends_on and not _SOURCE.search(_NO_SOURCE.sub("", text)):
            hint = "name the guideline, the study or the other evidence that the decision rests on"
            yield Finding(
                ("issues", number, "reviewer_basis", "as_written"),
                "names no source of evidence",
                (hint,),
            )


@check("IMR351", "MTUS said to be silent, and the only basis", "warning", "8 CCR 9792.21.1(d)")
def silent_basis(subject: Subject) -> Iterator[Finding]:
    """Where the MTUS is silent, the basis is another source.

    What: the rationale says that the MTUS is silent on the item or does not address it, and the
    reviewer's basis cites the MTUS alone. Silent where that is said of an aspect, such as a
    frequency, and where the rationale names the MTUS, ACOEM or a chapter elsewhere, since it may
    apply that.

    Why: where the MTUS does not address a condition, the order of evidence leads on to other
    guidelines and to studies, and the letter must say which.

    Fails:
        reviewer_basis.mtus = Low Back Complaints; rationale: The MTUS is silent on gym memberships.
        ODG …

    Passes:
        reviewer_basis.other = ODG, Gym memberships; the same rationale
    """
    hint = (
        "add the source that the rationale applies to `reviewer_basis.other`, or name the "
        "chapter that applies"
    )
    for number, _, basis, rationale in _reasoned(subject):
        found = _silence(rationale) if basis.mtus and not basis.other else None
        if found is None or _MTUS_TEXT.search(
            rationale[: found.start()] + rationale[found.end() :]
        ):
            continue
        passive = found.lastgroup == "passive"
        clauses = re.split(
            r"[.;]\s", rationale[: found.start()] if passive else rationale[found.end() :]
        )
        if not _ASPECT.search(clauses[-1 if passive else 0]):
            message = (
                "says that the MTUS does not address the item, but `reviewer_basis` cites "
                "the MTUS alone"
            )
            yield Finding(
                ("issues", number, "rationale"), message, (hint,), found.start(), len(found[0])
            )


@check("IMR352", "MTUS applied, and not cited", "warning", "8 CCR 9792.21.1(d)")
def uncited_mtus(subject: Subject) -> Iterator[Finding]:
    """A rationale that rests on the MTUS has the MTUS among its basis.

    What: the reviewer's basis cites other sources and not the MTUS, while the rationale rests on
    the MTUS, never says that it is silent, and names no other source.

    Why: the MTUS comes first in the order of evidence, and what was applied must be what is cited.

    Fails:
        reviewer_basis.other = ODG, Gym memberships; rationale: According to the MTUS, exercise is
        recommended …

    Passes:
        reviewer_basis.mtus = Chronic Pain Medical Treatment; the same rationale
    """
    hint = "cite the chapter in `reviewer_basis.mtus`, or say what the other source recommends"
    for number, _, basis, rationale in _reasoned(subject):
        if basis.mtus or not basis.other or "MTUS" in " ".join(basis.other):
            continue
        found = _RESTS.search(rationale)
        if found and not _NO_GUIDANCE.search(rationale) and not _OTHER_SOURCE.search(rationale):
            message = "rests on the MTUS alone, but `reviewer_basis` cites only other sources"
            yield Finding(
                ("issues", number, "rationale"), message, (hint,), found.start(), len(found[0])
            )


@check(
    "IMR353", "Chapter of another part of the body", "warning", "8 CCR 9792.23 (clinical topics)"
)
def foreign_chapter(subject: Subject) -> Iterator[Finding]:
    """A chapter on a region of the body is cited for an item of that region.

    What: every MTUS chapter of the reviewer's basis is about some region of the body, the item (or,
    where it names none, `body_parts`) is about exactly one, and that is none of theirs. Silent
    where a chapter of general kind is cited (chronic pain, opioids, postsurgical …), where item,
    body parts or rationale name the chapter's region, and where the summary does and the regions
    lie on one limb or the item names none.

    Why: a chapter left over from another issue is the commonest wrong citation in published
        letters.

    Fails:
        item = "MRI of the lumbar spine", reviewer_basis.mtus = Knee Complaints

    Passes:
        item = "MRI of the lumbar spine", reviewer_basis.mtus = Low Back Complaints
    """
    hint = (
        "cite the chapter of the item's part of the body, or say in the rationale how the two "
        "are connected"
    )
    summary = subject.case.clinical_summary or ""
    for number, issue, basis, rationale in _reasoned(subject):
        chapters = [_chapter(citation.title) for citation in basis.mtus]
        region = _region(issue) if chapters and all(chapters) else None
        cited = set().union(*chapters)
        if region is None or region in cited or (cited & {"mind"} and not _named(issue.item)):
            continue
        near = not _named(issue.item) or any({region, *cited} <= limb for limb in _LIMBS)
        text = "\n".join((issue.item, *issue.body_parts, rationale, summary if near else ""))
        if not cited & _named(text):
            message = "is a chapter of another part of the body than the item's"
            yield Finding(
                ("issues", number, "reviewer_basis", "mtus", 0, "title"), message, (hint,)
            )


@check("IMR354", "Edition later than the decision", "warning", "8 CCR 9792.21.1")
def later_edition(subject: Subject) -> Iterator[Finding]:
    """No edition of the MTUS is cited that came after the decision.

    What: a cited year after the year of the decision that cites it: for the reviewer's basis that
    of `decision_date`, for the claims administrator's that of `ur_decision_date`, or else of
    `decision_date`. Nothing but the years is relied on: which chapter was in force on which day of
    a year, and which edition had been replaced, is not judged.

    Why: a decision cannot rest on what had not been published.

    Fails:
        decision_date = 2015-11-02, reviewer_basis.mtus = Chronic Pain Medical Treatment, year 2016

    Passes:
        decision_date = 2016-11-02, the same basis
    """
    header = subject.case.case
    hint = "look at the citation's year and at the date of the decision"
    for number, issue in enumerate(subject.case.issues):
        for name, decided in (
            ("reviewer_basis", header.decision_date),
            ("claims_administrator_basis", header.ur_decision_date or header.decision_date),
        ):
            basis: Basis | None = getattr(issue, name)
            for place, citation in enumerate(basis.mtus if basis and decided else ()):
                if decided and citation.year and citation.year > decided.year:
                    path = ("issues", number, name, "mtus", place, "year")
                    yield Finding(
                        path, "the edition is later than the decision that cites it", (hint,)
                    )


@check("IMR355", "Competing recommendations unexplained", "warning", "8 CCR 9792.25.1")
def competing_recommendations(subject: Subject) -> Iterator[Finding]:
    """Where guidelines differ, the rationale says why one is preferred.

    What: the reviewer's basis cites the MTUS and another source, the rationale says that they
    differ, and no word in it speaks of a reason: of strength, quality or level of evidence, of what
    is more recent, of because or since.

    Why: between competing recommendations the reviewer must weigh the evidence and explain the
        choice.

    Fails:
        While the MTUS supports a trial, ODG does not recommend it. The request is not medically
        necessary.

    Passes:
        While the MTUS supports a trial, ODG does not recommend it on the strength of newer
        controlled trials. …
    """
    hint = "say which recommendation has the better evidence, and why it is followed"
    for number, _, basis, rationale in _reasoned(subject):
        if not basis.mtus or not basis.other:
            continue
        found = _DIFFER.search(rationale) or _WHILE.search(rationale)
        start, length = (found.start(), len(found[0])) if found else _conflict(rationale)
        if length and not _REASON.search(rationale):
            message = "says that two guidelines differ, and gives no reason for following one"
            yield Finding(("issues", number, "rationale"), message, (hint,), start, length)


@check(
    "IMR356",
    "Opioid upheld without a word on tapering",
    "warning",
    "8 CCR 9792.24.4 (MTUS opioids: tapering)",
)
def no_taper(subject: Subject) -> Iterator[Finding]:
    """A letter that upholds the denial of an opioid speaks of tapering.

    What: an upheld issue whose item or category is an opioid, without a notice `opioid-taper` and
    without a word in the rationale on weaning, tapering, discontinuing or withdrawal. Silent for
    antagonists, consultations, tests, detoxification, drugs for an operation, and issues that
    depend on another.

    Why: a worker who has taken an opioid for long must not read the letter as a direction to stop
        at once.

    Fails:
        item = "Norco 10/325mg #120", decision = "upheld"

    Passes:
        item = "Norco 10/325mg #120", decision = "upheld", notices = ["opioid-taper"]
    """
    hint = (
        'add the notice "opioid-taper" to `notices`, or say in the rationale how the drug is '
        "to be reduced"
    )
    for number, issue in enumerate(subject.case.issues):
        if issue.decision != "upheld" or not issue.rationale or issue.depends_on:
            continue
        named = _opioid(issue.item)
        if not (named or _opioid(issue.category or "")) or _NO_OPIOID.search(issue.item):
            continue
        if not any("opioid-taper" in notice for notice in issue.notices) and not _TAPER.search(
            issue.rationale
        ):
            message = "an opioid is upheld as denied, and the letter says nothing on tapering"
            start, length = (named.start(), len(named[0])) if named else (None, 1)
            yield Finding(("issues", number, "item"), message, (hint,), start, length)


def _reasoned(subject: Subject) -> Iterator[tuple[int, Issue, Basis, str]]:
    """Give the issues that have a rationale and a basis in fields, each with its number."""
    for number, issue in enumerate(subject.case.issues):
        basis = issue.reviewer_basis
        if basis and issue.rationale and not basis.as_written:
            yield number, issue, basis, issue.rationale


def _named(text: str) -> set[str]:
    return {name for name, pattern in _REGIONS.items() if pattern.search(text)}


def _chapter(title: str) -> set[str]:
    """Give the regions a chapter is about; none for a chapter of general kind."""
    return _named(title) if _CHAPTER.search(title) and not _GENERAL.search(title) else set()


def _region(issue: Issue) -> str | None:
    """Give the one region that the item names, or else its body parts; `None` for several or an unclear one."""
    texts = [issue.item] if _named(issue.item) else list(issue.body_parts)
    regions = [_named(text) for text in texts]
    if not all(regions) or any(_NO_CHAPTER.search(text) for text in texts):
        return None
    found = set().union(*regions)
    return found.pop() if len(found) == 1 else None


def _silence(rationale: str) -> re.Match[str] | None:
    return next((found for pattern in _SILENT if (found := pattern.search(rationale))), None)


def _conflict(rationale: str) -> tuple[int, int]:
    """Find the word that says, in a sentence that names the MTUS and another guideline, that they differ."""
    if any(word in rationale for word in ("onflict", "ontra", "variance", "isagree", "iffer")):
        for sentence in sentences(rationale):
            found = _CONFLICT.search(sentence.text)
            if found and "MTUS" in sentence.text and _SECOND_NAME.search(sentence.text):
                return sentence.start + found.start(), len(found[0])
    return 0, 0


def _opioid(text: str) -> re.Match[str] | None:
    """Find the word that names an opioid; `Tylenol #3` holds codeine."""
    words = text.lower()
    for found in _WORD.finditer(words):
        if _OPIOID.fullmatch(found[0]) or (found[0][0] == "#" and "tylenol" in words):
            return found
    return None
