"""Checks of evidence: the reviewer's basis must cite what the rationale rests on."""

import functools
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
# Words that name a source only to state that there was none.
_NO_SOURCE = Pattern(
    r"\b(?:no|not\s+cite\s+any|without\s+(?:any|a))\s+(?:\w+\s+)?(?:guideline|citation|stud(?:y|"
    r"ies)|literature)",
    re.IGNORECASE,
)

# These begin with a literal, which makes them ten times as fast on a whole rationale.
_SILENT = (
    Pattern(
        r"MTUS\b(?i:(?:\s+(?:treatment\s+)?guidelines?)?\s+(?:(?:is|are|"
        r"remains?)\s+(?:\w+\s+)?silent|(?:does|do|did)\s+not\s+(?:\w+ly\s+)?(?:address|discuss|"
        r"mention|cover|speak\s+to|comment\s+on)))",
        needs=("silent", "address", "discuss", "mention", "cover", "speak", "comment"),
    ),
    Pattern(
        r"not\s+(?:\w+ly\s+)?(?P<passive>addressed|discussed|mentioned|covered)\s+(?:by|in|within|"
        r"under)\s+"
        r"(?:the\s+)?(?i:california\s+|ca\s+)?MTUS\b(?!\s*[/-])",
        needs=("addressed", "discussed", "mentioned", "covered"),
    ),
    Pattern(
        r"guidelines\s+are\s+silent(?<!ODG guidelines are silent)"
        r"(?<!isability guidelines are silent)",
        needs=("silent",),
    ),
)
# The MTUS may be silent on an aspect of the item, and still be the right basis.
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
    needs=("mtus",),
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

# The regions of the body that have a chapter of their own, and the words for them.
_REGIONS = {
    name: Pattern(rf"\b(?:{words})\b", re.IGNORECASE, needs=tuple(needs.split()))
    for name, needs, words in (
        (
            "low back",
            "back lumb thorac sacr joint l1 l2 l3 l4 l5 s1",
            r"low(?:er)?[- ]?back|lumb\w+|mid[- ]?back|thorac\w+|sacr\w+|SI\s+joint|"
            r"L[1-5]\s?[-/]\s?(?:L?[1-5]|S1)|L5|S1",
        ),
        (
            "neck",
            "neck cervic back thorac trapezi c2 c3 c4 c5 c6 c7",
            r"neck|cervic\w+|upper\s+back|thorac\w+|trapezi\w+|C[2-7]\s?[-/]\s?(?:C?[3-7]|T1)",
        ),
        (
            "shoulder",
            "shoulder rotator acromi supraspinat gleno",
            r"shoulders?|rotator|acromi\w+|subacromial|supraspinat\w+|gleno\w+",
        ),
        (
            "elbow",
            "elbow epicondyl cubital olecranon ulnar",
            r"elbows?|epicondyl\w+|cubital|olecranon|ulnar",
        ),
        (
            "hand",
            "wrist hand finger thumb forearm carpal quervain cts",
            r"wrists?|hands?(?![- ]?(?:held|on\b))|fingers?|thumbs?|forearms?|carpal|"
            r"de\s+quervain\w*|CTS",
        ),
        ("knee", "knee menisc patell acl", r"knees?|menisc\w+|patell\w+|ACL"),
        (
            "foot",
            "ankle foot feet plantar achilles toe heel tarsal",
            r"ankles?|foot|feet|plantar|achilles|toes?|heels?|tarsal",
        ),
        (
            "mind",
            "psych depress anxi stress mental cognitive ptsd biofeedback sleep insomnia emotion",
            r"psych\w+|depress\w+|anxi\w+|stress|mental|cognitive|PTSD|biofeedback|sleep|"
            r"insomnia|emotion\w*",
        ),
        (
            "eye",
            "eye ophthalm ocular visi visu corne optometr",
            r"eyes?|ophthalm\w+|ocular|vision|visual|corne\w+|optometr\w*",
        ),
    )
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
# Numbness travels along a limb: a history in one region can be the reason for a nerve's study.
_NERVE = Pattern(r"\b(?:emg|nc[vs]|nerves?|electro-?d\w+|electromyo\w+|neuro\w+)\b", re.IGNORECASE)
_LIMBS = ({"neck", "shoulder", "elbow", "hand"}, {"low back", "knee", "foot"})

_SUPPORTS = r"\b(?:recommend|support|allow|permit|endorse)s?\b"
_AGAINST = (
    r"(?:recommends?\s+against|(?:does|do)\s+not\s+(?:\w+ly\s+)?(?:recommend|support|allow|"
    r"endorse))"
)
_SECOND = r"(?:the\s+)?(?:ODG|official\s+disability\s+guidelines|ACOEM)\b"
_SECOND_NEEDS = ("odg", "official", "acoem")
_BUT = r"[^.;]{0,160}[.;,]\s+(?:however|but|whereas|while|yet|in\s+contrast),?\s+"
_NO_NOT = r"(?:(?!\bnot\b)[^.;])"
_DIFFER = Pattern(
    rf"MTUS\b(?i:{_NO_NOT}{{0,160}}?{_SUPPORTS}{_BUT}{_SECOND}[^.;]{{0,40}}?{_AGAINST}"
    rf"|[^.;]{{0,60}}?{_AGAINST}{_BUT}{_SECOND}{_NO_NOT}{{0,40}}?{_SUPPORTS})",
    needs=_SECOND_NEEDS,
)
_WHILE = Pattern(
    rf"(?:[Ww]hile|[Aa]lthough)\s+(?i:the\s+)?(?i:ca\s+|california\s+)?MTUS\b"
    rf"(?i:{_NO_NOT}{{0,160}}?,\s+{_SECOND}"
    rf"[^.;]{{0,40}}?(?:{_AGAINST}|\bdoes\s+not\s*(?=[.;]|\Z)))",
    needs=_SECOND_NEEDS,
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

_DRUG_WORD = Pattern(r"[a-z]+|#[34]")
_OPIOID_NAMES = """
norco hydrocodone vicodin lortab lorcet zohydro hysingla vicoprofen oxycodone percocet percodan
oxycontin roxicodone endocet xtampza morphine contin mscontin kadian avinza embeda fentanyl
duragesic tramadol ultram ultracet conzip nucynta tapentadol methadone hydromorphone dilaudid exalgo
opana oxymorphone butrans buprenorphine suboxone subutex zubsolv belbuca codeine levorphanol demerol
meperidine opioid opioids opiate opiates narcotic narcotics
"""
_OPIOIDS = frozenset(_OPIOID_NAMES.split())
_NO_OPIOID = Pattern(
    r"\A(?!.*buprenorphine).*naloxone|non-?\s?opioid|narcan|evzio|naltrexone|movantik|relistor|"
    r"constipation|antagonist|consult|detox|urine|screen|\btest|toxicolog|monitor|agreement|"
    r"evaluation|program|wean|taper|post-?\s?op|peri-?operative|visit",
    re.IGNORECASE,
)
_SHORT_TERM = Pattern(
    r"\b(?:post-?\s?op(?:erative(?:ly)?)?|post-?\s?surgical|peri-?operative)\b[^.;]{0,30}\b(?:pain|use|"
    r"analges\w+|period|medications?|opioids?|course|weeks?|days?)\b|\bpain\b[^.;]{0,30}\bafter\s+"
    r"(?:the\s+|an?\s+|his\s+|her\s+)?(?:\w+\s+)?(?:surgery|operation)\b",
    re.IGNORECASE,
)
_LONG_TERM = Pattern(
    r"\bchronic(?!\s+pain\s+(?:medical|guid|treat))|\blong[- ]term|\b(?:for|since)\s+(?:\w+\s+)?"
    r"(?:months|years|20\d\d)\b|\bcontinu",
    re.IGNORECASE,
)
_TAPER = Pattern(
    r"\bwean|\btaper|abrupt|discontinu|withdraw|gradual|suddenly|titrat\w+ (?:down|off)",
    re.IGNORECASE,
)


@check("IMR350", "Basis without a source", "warning", "8 CCR 9792.21.1")
def unnamed_source(subject: Subject) -> Iterator[Finding]:
    """Report a basis in the writer's own words that names no source.

    What: The reviewer's basis is given by `as_written`, which names neither the MTUS nor any other
    guideline, study or citation, or says that there was none. Nothing is reported for an issue that
    depends on another: its basis is the other's.

    Why: The regulation sets the order in which evidence is searched and cited. A basis that names
    no source cannot be followed.

    Fails:
        reviewer_basis = { as_written = "Decision based on clinical judgment." }

    Passes:
        reviewer_basis = { as_written = "Decision based on the ODG, Low Back Chapter." }
    """
    hint = "name the guideline, the study or the other evidence that the decision rests on"
    for number, issue in enumerate(subject.case.issues):
        text = issue.reviewer_basis.as_written if issue.reviewer_basis else None
        if text and not issue.depends_on and not _SOURCE.search(_NO_SOURCE.sub("", text)):
            path = ("issues", number, "reviewer_basis", "as_written")
            yield Finding(path, "names no source of evidence", (hint,))


@check("IMR351", "MTUS called silent, but the only basis", "warning", "8 CCR 9792.21.1(d)")
def silent_basis(subject: Subject) -> Iterator[Finding]:
    """Report the MTUS as the only basis where the rationale says that it is silent.

    What: The rationale says that the MTUS is silent on the item or does not address it, and the
    reviewer's basis cites the MTUS alone. Nothing is reported where it is silent on an aspect, such
    as a frequency, or where the rationale names the MTUS, ACOEM or a chapter elsewhere, since it
    may apply that.

    Why: Where the MTUS does not address a condition, the order of evidence leads on to other
    guidelines and to studies, and the letter must say which.

    Fails:
        reviewer_basis.mtus = Low Back Complaints; rationale: The MTUS is silent on gym memberships.
        ODG …

    Passes:
        reviewer_basis.other = ODG, Gym memberships; the same rationale
    """
    message = (
        "says that the MTUS does not address the item, but `reviewer_basis` cites the MTUS alone"
    )
    hint = (
        "add the source that the rationale applies to `reviewer_basis.other`, or name the chapter "
        "that applies"
    )
    for number, _, basis, rationale in _reasoned_issues(subject):
        silence = _silence(rationale) if basis.mtus and not basis.other else None
        if silence is None:
            continue
        before, after = rationale[: silence.start()], rationale[silence.end() :]
        if _MTUS_TEXT.search(before + after):
            continue
        is_passive = silence.lastgroup == "passive"
        subject_clause = re.split(r"[.;]\s", before)[-1]
        object_clause = re.split(r"[.;]\s", after)[0]
        if not _ASPECT.search(subject_clause if is_passive else object_clause):
            yield _rationale_finding(number, silence, message, hint)


@check("IMR352", "MTUS applied, but not cited", "warning", "8 CCR 9792.21.1(d)")
def uncited_mtus(subject: Subject) -> Iterator[Finding]:
    """Report a rationale that rests on the MTUS where the basis does not cite it.

    What: The reviewer's basis cites other sources and not the MTUS, while the rationale rests on
    the MTUS, never says that it is silent, and names no other source.

    Why: The MTUS comes first in the order of evidence, and what was applied must be cited.

    Fails:
        reviewer_basis.other = ODG, Gym memberships; rationale: According to the MTUS, exercise is
        recommended …

    Passes:
        reviewer_basis.mtus = Chronic Pain Medical Treatment; the same rationale
    """
    message = "rests on the MTUS alone, but `reviewer_basis` cites only other sources"
    hint = "cite the chapter in `reviewer_basis.mtus`, or state what the other source recommends"
    for number, _, basis, rationale in _reasoned_issues(subject):
        if basis.mtus or not basis.other or "MTUS" in " ".join(basis.other):
            continue
        match = _RESTS.search(rationale)
        if match and not _NO_GUIDANCE.search(rationale) and not _OTHER_SOURCE.search(rationale):
            yield _rationale_finding(number, match, message, hint)


@check(
    "IMR353", "Chapter of another part of the body", "warning", "8 CCR 9792.23 (clinical topics)"
)
def foreign_chapter(subject: Subject) -> Iterator[Finding]:
    """Report a cited chapter on a region of the body that the item does not concern.

    What: Every MTUS chapter of the reviewer's basis is about some region of the body, the item (or,
    where it names none, `body_parts`) is about exactly one, and that is none of theirs. Nothing is
    reported where a general chapter is cited (chronic pain, opioids, postsurgical …), or where the
    rationale names the chapter's region, or, for an item that names no region and for studies of
    nerves in the same limb, where the body parts or the summary do.

    Why: A chapter left over from another issue is the most common wrong citation in published
    letters.

    Fails:
        item = "MRI of the lumbar spine", reviewer_basis.mtus = Knee Complaints

    Passes:
        item = "MRI of the lumbar spine", reviewer_basis.mtus = Low Back Complaints
    """
    message = "is a chapter on another part of the body than the item's"
    hint = (
        "cite the chapter on the item's part of the body, or explain in the rationale how the two "
        "are connected"
    )
    summary = subject.case.clinical_summary or ""
    for number, issue, basis, rationale in _reasoned_issues(subject):
        chapters = [_chapter_regions(citation.title) for citation in basis.mtus]
        region = _item_region(issue) if chapters and all(chapters) else None
        cited = set().union(*chapters)
        named = _regions(issue.item)
        if region is None or region in cited or ("mind" in cited and not named):
            continue
        # A nerve's study may be about another region of the limb.
        is_near = not named or (
            _NERVE.search(issue.item) and any({region, *cited} <= limb for limb in _LIMBS)
        )
        texts = (*issue.body_parts, rationale, summary) if is_near else (rationale,)
        if not cited & _regions("\n".join(texts)):
            path = ("issues", number, "reviewer_basis", "mtus", 0, "title")
            yield Finding(path, message, (hint,))


@check("IMR354", "Edition later than the decision", "warning", "8 CCR 9792.21.1")
def later_edition(subject: Subject) -> Iterator[Finding]:
    """Report an edition of the MTUS that is later than the decision.

    What: A cited year after the year of the decision that cites it: for the reviewer's basis that
    of `decision_date`, for the claims administrator's that of `ur_decision_date`, or else of
    `decision_date`. Only the years are compared: which chapter was in force on which day of a year,
    and which edition had been replaced, is not judged.

    Why: A decision cannot rest on what had not been published.

    Fails:
        decision_date = 2015-11-02, reviewer_basis.mtus = Chronic Pain Medical Treatment, year 2016

    Passes:
        decision_date = 2016-11-02, the same basis
    """
    header = subject.case.case
    hint = "check the citation's year and the date of the decision"
    decisions = {
        "reviewer_basis": header.decision_date,
        "claims_administrator_basis": header.ur_decision_date or header.decision_date,
    }
    for number, issue in enumerate(subject.case.issues):
        for name, decided in decisions.items():
            basis: Basis | None = getattr(issue, name)
            for position, citation in enumerate(basis.mtus if basis else ()):
                if decided and citation.year and citation.year > decided.year:
                    path = ("issues", number, name, "mtus", position, "year")
                    yield Finding(
                        path, "the edition is later than the decision that cites it", (hint,)
                    )


@check("IMR355", "Competing recommendations unexplained", "warning", "8 CCR 9792.25.1")
def competing_recommendations(subject: Subject) -> Iterator[Finding]:
    """Report guidelines that differ where the rationale does not explain which one is preferred.

    What: The reviewer's basis cites the MTUS and another source, the rationale says that they
    differ, and contains no word of a reason: of strength, quality or level of evidence, of what is
    more recent, of because or since.

    Why: Between competing recommendations the reviewer must weigh the evidence and explain the
    choice.

    Fails:
        While the MTUS supports a trial, ODG does not recommend it. The request is not medically
        necessary.

    Passes:
        While the MTUS supports a trial, ODG does not recommend it on the strength of newer
        controlled trials. …
    """
    message = "says that two guidelines differ, but gives no reason for following one"
    hint = "state which recommendation has the better evidence, and why it is followed"
    for number, _, basis, rationale in _reasoned_issues(subject):
        if not basis.mtus or not basis.other:
            continue
        match = _DIFFER.search(rationale) or _WHILE.search(rationale)
        start, length = (match.start(), len(match[0])) if match else _conflict(rationale)
        if length and not _REASON.search(rationale):
            yield Finding(("issues", number, "rationale"), message, (hint,), start, length)


@check(
    "IMR356",
    "Opioid denied without a word on tapering",
    "warning",
    "8 CCR 9792.24.4 (MTUS opioids: tapering)",
)
def no_taper(subject: Subject) -> Iterator[Finding]:
    """Report an upheld denial of an opioid where the letter does not mention tapering.

    What: An upheld issue whose item or category is an opioid, without a notice `opioid-taper` and
    without a word in the rationale on weaning, tapering, discontinuing or withdrawal. Nothing is
    reported for antagonists, consultations, tests, detoxification, drugs for an operation (by the
    item, or by a rationale that speaks of postoperative pain or use and of nothing chronic), or
    issues that depend on another.

    Why: A worker who has taken an opioid for a long time must not read the letter as a direction to
    stop at once.

    Fails:
        item = "Norco 10/325mg #120", decision = "upheld"

    Passes:
        item = "Norco 10/325mg #120", decision = "upheld", notices = ["opioid-taper"]
    """
    message = "the denial of an opioid is upheld, but the letter does not mention tapering"
    hint = (
        'add the notice "opioid-taper" to `notices`, or state in the rationale how the drug is to '
        "be reduced"
    )
    for number, issue in enumerate(subject.case.issues):
        is_refused = subject.meaning(issue.decision) == "not necessary"
        if not is_refused or not issue.rationale or issue.depends_on:
            continue
        name = _opioid(issue.item)
        if not (name or _opioid(issue.category or "")) or _NO_OPIOID.search(issue.item):
            continue
        if _SHORT_TERM.search(issue.rationale) and not _LONG_TERM.search(issue.rationale):
            continue
        has_notice = any("opioid-taper" in notice for notice in issue.notices)
        if not has_notice and not _TAPER.search(issue.rationale):
            start, length = (name.start(), len(name[0])) if name else (None, 1)
            yield Finding(("issues", number, "item"), message, (hint,), start, length)


def _rationale_finding(number: int, match: re.Match[str], message: str, hint: str) -> Finding:
    return Finding(("issues", number, "rationale"), message, (hint,), match.start(), len(match[0]))


def _reasoned_issues(subject: Subject) -> Iterator[tuple[int, Issue, Basis, str]]:
    """Yield the issues that have a rationale and a basis in fields, each with its number."""
    for number, issue in enumerate(subject.case.issues):
        basis = issue.reviewer_basis
        if basis and issue.rationale and not basis.as_written:
            yield number, issue, basis, issue.rationale


@functools.lru_cache(maxsize=64)
def _regions(text: str) -> frozenset[str]:
    return frozenset(name for name, pattern in _REGIONS.items() if pattern.search(text))


def _chapter_regions(title: str) -> frozenset[str]:
    """Return the regions that a chapter is about; none for a general chapter."""
    is_of_region = _CHAPTER.search(title) and not _GENERAL.search(title)
    return _regions(title) if is_of_region else frozenset()


def _item_region(issue: Issue) -> str | None:
    """Return the one region that the item, or else its body parts, name; `None` if unclear."""
    texts = [issue.item] if _regions(issue.item) else list(issue.body_parts)
    regions = [_regions(text) for text in texts]
    if not all(regions) or any(_NO_CHAPTER.search(text) for text in texts):
        return None
    union = set().union(*regions)
    return union.pop() if len(union) == 1 else None


def _silence(rationale: str) -> re.Match[str] | None:
    return next((match for pattern in _SILENT if (match := pattern.search(rationale))), None)


def _conflict(rationale: str) -> tuple[int, int]:
    """Find “conflict” or the like in a sentence that names the MTUS and another guideline.

    Returns:
        Start and length of the word; (0, 0) if there is none.
    """
    if any(word in rationale for word in ("onflict", "ontra", "variance", "isagree", "iffer")):
        for sentence in sentences(rationale):
            match = _CONFLICT.search(sentence.text)
            if match and "MTUS" in sentence.text and _SECOND_NAME.search(sentence.text):
                return sentence.start + match.start(), len(match[0])
    return 0, 0


def _opioid(text: str) -> re.Match[str] | None:
    """Find the name of an opioid; `Tylenol #3` contains codeine."""
    lower = text.lower()
    for word in _DRUG_WORD.finditer(lower):
        if word[0] in _OPIOIDS or (word[0][0] == "#" and "tylenol" in lower):
            return word
    return None
