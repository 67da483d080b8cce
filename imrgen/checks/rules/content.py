"""Checks of content: a determination must be complete, and hold nothing that does not belong."""

import re
from collections.abc import Iterator

from imrgen.case import Issue
from imrgen.checks import Finding, Subject, check
from imrgen.checks.text import Pattern, joined_lines
from imrgen.diagnostics import Path, Severity, field, nearest

_STATES = dict(
    re.findall(
        r"([A-Z][\w ]*) ([A-Z]{2})\b",
        "Alabama AL, Alaska AK, Arizona AZ, Arkansas AR, California CA, Colorado CO, Connecticut "
        "CT, Delaware DE, Florida FL, Georgia GA, Hawaii HI, Idaho ID, Illinois IL, Indiana IN, "
        "Iowa IA, Kansas KS, Kentucky KY, Louisiana LA, Maine ME, Maryland MD, Massachusetts MA, "
        "Michigan MI, Minnesota MN, Mississippi MS, Missouri MO, Montana MT, Nebraska NE, Nevada "
        "NV, New Hampshire NH, New Jersey NJ, New Mexico NM, New York NY, North Carolina NC, North "
        "Dakota ND, Ohio OH, Oklahoma OK, Oregon OR, Pennsylvania PA, Rhode Island RI, South "
        "Carolina SC, South Dakota SD, Tennessee TN, Texas TX, Utah UT, Vermont VT, Virginia VA, "
        "Washington WA, West Virginia WV, Wisconsin WI, Wyoming WY, District of Columbia DC, "
        "American Samoa AS, Guam GU, Northern Mariana Islands MP, Puerto Rico PR, "
        "Virgin Islands VI",
    )
)
_LICENSING = frozenset(name.lower() for pair in _STATES.items() for name in pair) | {
    "washington dc"
}
_STYLE = Pattern(
    r"^(?:the\s+)?(?:(?:state|commonwealth|territory)\s+of\s+(?:the\s+)?|(?:us|"
    r"united\s+states)\s+)?"
)
_SEVERAL = Pattern(r"\s*(?:[,;/&\n]|\band\b)\s*")


@check(
    "IMR310",
    "Reviewer without credentials",
    "warning",
    "Labor Code 4610.6(f): the reviewers' qualifications",
)
def reviewer_without_credentials(subject: Subject) -> Iterator[Finding]:
    """Report a reviewer without certifications or states of licensure.

    What: Each entry of `reviewers` should list at least one item in `licensure` and one in
    `certifications`.

    Why: The statute keeps the reviewers' names confidential and has their qualifications stated
    instead: they are all by which a reader can judge the reviewer.

    Fails:
        [[reviewers]]
        licensure = ["California"]

    Passes:
        [[reviewers]]
        licensure = ["California"]
        certifications = ["Orthopaedic Surgery"]
    """
    for number, reviewer in enumerate(subject.case.reviewers):
        for name in ("licensure", "certifications"):
            if not getattr(reviewer, name):
                path: Path = ("reviewers", number, name)
                yield Finding(path, f"this reviewer has no `{name}`", (f"add `{name}`",))


@check(
    "IMR311",
    "Licensed in no state",
    "warning",
    "Labor Code 4610.6(f): the reviewers' qualifications",
)
def licensed_in_no_state(subject: Subject) -> Iterator[Finding]:
    """Report a licensure that is not a state, district or territory of the United States.

    What: Each entry of `licensure` is compared with the names and postal abbreviations of the 50
    states, the District of Columbia and the five territories. An entry may name several.

    Why: A state that does not exist is a typing error, or a word that belongs to the
    certifications.

    Fails:
        licensure = ["Califronia"]

    Passes:
        licensure = ["California", "District of Columbia"]
    """
    message = "this is not a state, district or territory of the United States"
    hint = "name a state, the District of Columbia or a territory"
    for number, reviewer in enumerate(subject.case.reviewers):
        for position, entry in enumerate(reviewer.licensure):
            names = [entry] if _is_licensing(entry) else filter(None, _SEVERAL.split(entry))
            unknown = next((name for name in names if not _is_licensing(name)), None)
            if unknown:
                path: Path = ("reviewers", number, "licensure", position)
                yield Finding(path, message, (*nearest(unknown.title(), _STATES), hint))


def _is_licensing(name: str) -> bool:
    plain = " ".join(_STYLE.sub("", name.lower().strip().replace(".", "")).split())
    return plain in _LICENSING


_RATIONALE_WORD = Pattern(r"\w[\w'’./-]*")
# Every sentence of a rationale contains one of these; twelve words without one are notes.
_VERB = Pattern(
    r"(?:\b(?:is|are|was|were|be|been|being|am|has|have|had|do|does|did|can|could|may|might|must|"
    r"shall|should|will|would|cannot|needs?|remains?|seems?|appears?|lacks?|meets?|fails?|exceeds?|"
    r"supports?|recommends?|states?|indicates?|shows?|requires?)\b|n['’]t\b)",
    re.IGNORECASE,
)
_FEWEST_WORDS = 12


@check(
    "IMR312",
    "Rationale of only a few words",
    "warning",
    "Labor Code 4610.6(d): the analysis in writing, in plain terms",
)
def rationale_of_a_few_words(subject: Subject) -> Iterator[Finding]:
    """Report a rationale that is only a few words long, or contains no sentence.

    What: A rationale should have at least twelve words, and a sentence among them. For an item that
    is ancillary to another one, a short sentence is enough.

    Why: The determination must give its reasons in plain terms. A few words state a result without
    a reason, and notes without a verb leave it to the reader to make sentences of them.

    Fails:
        rationale = "Not medically necessary, see above."

    Passes:
        rationale = "The guideline asks for a red flag before imaging. None is recorded, so the MRI
        is not necessary."
    """
    hints = ("state what the records show, what the guideline requires, and what follows",)
    for number, issue in enumerate(subject.case.issues):
        rationale = issue.rationale
        if rationale is None:
            continue
        is_short = (
            len(rationale.split(None, 99)) < 99
            and len(_RATIONALE_WORD.findall(rationale)) < _FEWEST_WORDS
        )
        has_sentence = " is " in rationale or _VERB.search(rationale)
        path: Path = ("issues", number, "rationale")
        if is_short and not (has_sentence and is_ancillary(issue)):
            yield Finding(path, "this rationale is only a few words long", hints)
        elif not has_sentence:
            yield Finding(path, "this rationale contains no sentence", hints)


_NO_RECORD = Pattern(
    r"\butili[sz]ation\s+(?:review|management)\b|\bU\.?R\.?\b|\bapplication\b|\bIMR\b|"
    r"\bindependent\s+medical\s+review\b|\bmedical\s+treatment\s+utili[sz]ation\s+schedule\b|"
    r"\bMTUS\b|\bnotice\s+of\s+assignment\b",
    re.IGNORECASE,
)
_RECORD = Pattern(
    r"\b(?:records?|reports?|notes?|charts?|files?|RFA|authorization|PR-?2|imaging|stud(?:y|ies)|"
    r"clinical|medical\s+(?!treatment\b|review\b)\w+|progress|evidence|submitted)\b",
    re.IGNORECASE,
)


@check(
    "IMR313",
    "No medical records among the documents",
    "warning",
    "8 CCR 9792.10.5: the medical records to provide",
)
def no_medical_records(subject: Subject) -> Iterator[Finding]:
    """Report a list of documents without medical records.

    What: Where there are `documents`, one of them should be something else than the utilization
    review decision, the application for Independent Medical Review, a notice or the Medical
    Treatment Utilization Schedule.

    Why: Necessity is judged from the injured worker's records. A determination that lists none
    looks as if it had been made without them.

    Fails:
        [[documents]]
        kind = "Utilization Review determination"

    Passes:
        [[documents]]
        kind = "Utilization Review determination"
        [[documents]]
        kind = "Medical records"
    """
    documents = subject.case.documents
    if documents and all(
        _NO_RECORD.search(each.kind) and not _RECORD.search(each.kind) for each in documents
    ):
        message = "no medical records are among the documents reviewed"
        hints = ("add the medical records that were reviewed",)
        yield Finding(("documents", 0, "kind"), message, hints)


_ASSOCIATED = Pattern(
    r"\b(?:associated|ancillary|adjunct\w*|related)\s+(?:\w+\s+){0,2}(?:services?|procedures?|"
    r"requests?|items?|surger\w+)\b|\b(?:ancillary|secondary|contingent|dependent|"
    r"predicated)\s+(?:up)?(?:on|to)\b",
    re.IGNORECASE,
)
_OPERATION = (
    r"\b(?:surg\w+|procedures?|operat\w+|primary|arthroscop\w+|\w{3,}(?:ectomy|plasty|desis|otomy|"
    r"ostomy)|fusion|injections?|blocks?|trial|replacement|repair|reconstruction|decompression|"
    r"release|implant\w*|stimulator)\b"
)
_REFUSED = r"\b(?:not|denied|non-?certified|upheld|unnecessary|unsupported)\b"
_SINCE = Pattern(
    rf"\b(?:since|because|as|given|due\s+to)\b[^.]{{0,120}}?{_OPERATION}[^.]{{0,80}}?{_REFUSED}",
    re.IGNORECASE,
)
_OPERATION_REFUSED = Pattern(rf"{_OPERATION}[^.]{{0,60}}?{_REFUSED}", re.IGNORECASE)
_AN_OPERATION = Pattern(_OPERATION, re.IGNORECASE)
_ABOUT_AN_OPERATION = Pattern(
    r"\bassistant\s+surgeons?\b|\b(?:pre|post|peri)[ -]?(?:op\b|operative(?:ly)?|surgical|surgery|"
    r"procedure)",
    re.IGNORECASE,
)


def is_ancillary(issue: Issue) -> bool:
    """Return whether an issue, or its rationale, says that the item is ancillary to another one."""
    if issue.depends_on or _ASSOCIATED.search(issue.item):
        return True
    rationale = issue.rationale or ""
    if _ASSOCIATED.search(rationale) or _SINCE.search(rationale):
        return True
    operation = _AN_OPERATION.search(_ABOUT_AN_OPERATION.sub(" ", issue.item))
    return not operation and bool(_OPERATION_REFUSED.search(rationale))


@check(
    "IMR314",
    "The reviewer cites no evidence",
    "warning",
    "8 CCR 9792.21.1: the order of evidence to be searched",
)
def reviewer_without_evidence(subject: Subject) -> Iterator[Finding]:
    """Report an empty basis of the reviewer's decision.

    What: `reviewer_basis` is present, but has neither `mtus` nor `other` nor `as_written`. It may
    be empty for an item whose `depends_on` names an upheld one, and for an upheld one whose item or
    rationale says that it is ancillary.

    Why: The regulation requires that the MTUS be searched first, and then other guidelines and
    studies. A determination that cites none does not show by what the item was measured.

    Fails:
        item = "Acupuncture, 6 visits"
        reviewer_basis = {}

    Passes:
        item = "Acupuncture, 6 visits"
        reviewer_basis = { mtus = [{ title = "Acupuncture Treatment", year = 2007 }] }
    """
    decisions = {issue.item: issue.decision for issue in subject.case.issues}
    for number, issue in enumerate(subject.case.issues):
        basis = issue.reviewer_basis
        if basis is None or basis.mtus or basis.other or basis.as_written:
            continue
        principal = decisions.get(issue.depends_on) if issue.depends_on else "upheld"
        if principal != "overturned" and issue.decision != "overturned" and is_ancillary(issue):
            continue
        hints = (
            "add the evidence that the decision is based on",
            "or name the item it is ancillary to in `depends_on`",
        )
        path: Path = ("issues", number, "reviewer_basis")
        yield Finding(path, "no evidence is cited for the decision", hints)


_TOKEN = Pattern(r"\d+(?:\.\d+)?|[^\W\d_]+")


@check("IMR315", "The same item twice", "warning", "8 CCR 9792.10.6: contents of the determination")
def same_item_twice(subject: Subject) -> Iterator[Finding]:
    """Report two issues with the same item.

    What: Items are compared without case, punctuation and spacing. Those with other quantities,
    strengths, dates or sides are two items, and so are those whose `body_parts`, `codes`,
    `requested`, `authorized` or `remaining` differ.

    Why: An item that is decided twice can be decided in two ways, and is most often an entry that
    was copied.

    Fails:
        two issues, item = "Norco 10/325mg #60" and item = "Norco 10/325 mg, #60"

    Passes:
        two issues, item = "Norco 10/325mg #60" and item = "Norco 10/325mg #90"
    """
    seen: dict[tuple[object, ...], Path] = {}
    for number, issue in enumerate(subject.case.issues):
        tokens = (
            token if token.isalpha() else f" {token} "
            for token in _TOKEN.findall(issue.item.casefold())
        )
        amounts = (issue.requested, issue.authorized, issue.remaining)
        key = (
            "".join(tokens),
            amounts,
            issue.codes,
            frozenset(part.casefold() for part in issue.body_parts),
        )
        path: Path = ("issues", number, "item")
        first = seen.setdefault(key, path)
        if first != path:
            yield Finding(
                path,
                f"this item is the same as `{field(first)}`",
                ("remove one of the two, or state how they differ",),
            )


_PLACEHOLDER = Pattern(
    r"(?P<certain>\bTODO\s*:|\bFIXME\b|\b(?:LOREM\s+IPSUM|[Ll]orem\s+[Ii]psum)\b|"
    r"\{\{[^{}\n]{0,200}\}\}|\{%[^{}\n]{0,200}%\}|"
    r"[\[<({]\s*(?:[Ii]nsert|INSERT)\b[^\[\]<>(){}\n]{0,80}\b(?:here|HERE)\s*[\])>}]|"
    r"\bINSERT(?:\s+[\w'’-]+){0,5}\s+HERE\b)|"
    r"(?P<note>\bTODO\b|\bTBD\b|\bXXX+\b|\bxxx+\b)|(?P<marks>\?{3,})|(?P<box>\[[ \u00a0]{0,3}\])|"
    r"(?P<insert>[\[<]\s*(?:[Ii]nsert|INSERT)\b[^\[\]<>\n]{1,80}[\]>]|"
    r"\b[Ii]nsert(?:\s+[\w'’-]+){1,5}\s+here\b)"
)
# The pattern is slow, and few texts contain any of these.
_SIGNS = (
    "TODO",
    "FIXME",
    "psum",
    "PSUM",
    "{{",
    "{%",
    "nsert ",
    "NSERT",
    "TBD",
    "XXX",
    "xxx",
    "???",
    "[ ",
    "[\u00a0",
    "[]",
)
_TICKED = Pattern(r"\[[xX✓✔]\]")


@check(
    "IMR316",
    "Placeholder text",
    "warning",
    "Editorial: a letter is sent without notes to its author",
)
def placeholder_text(subject: Subject) -> Iterator[Finding]:
    """Report placeholders and notes to the author.

    What: “TODO:”, “FIXME”, “Lorem ipsum”, braces of a template, and “insert … here” in brackets or
    capitals are errors: they belong in no letter. “TODO”, “TBD”, “XXX”, “???”, an empty pair of
    brackets and other requests to insert something are warnings, since a quoted record may have
    them: “XXX” may be a redaction, and “[ ]” a box of a form. A box is not reported where another
    box of the same text is ticked. Each kind is reported once per text.

    Why: The letter would be sent to the parties with a gap in it.

    Fails:
        rationale = "… has had [insert number here] visits of therapy."

    Passes:
        rationale = "… has had 12 visits of therapy."
    """
    whole = "\n".join(text for _, text in subject.texts)
    signs = [sign for sign in _SIGNS if sign in whole]
    hints = ("write the intended text, or remove it",)
    for path, text in subject.texts if signs else ():
        if not any(sign in text for sign in signs):
            continue
        seen: set[str | None] = set()
        for found in _PLACEHOLDER.finditer(text):
            kind = found.lastgroup
            if kind in seen or (kind == "box" and _TICKED.search(text)):
                continue
            seen.add(kind)
            certain = kind == "certain"
            message = "a placeholder was left here" if certain else "this looks like a placeholder"
            severity: Severity = "error" if certain else "warning"
            yield Finding(path, message, hints, found.start(), len(found[0]), severity)


@check(
    "IMR318",
    "Lines that run together",
    "warning",
    "CommonMark 0.31, 4.8: the lines of a paragraph are one text",
)
def lines_that_run_together(subject: Subject) -> Iterator[Finding]:
    """Report lines that were typed one below another, and are one paragraph in the letter.

    What: In a narrative, only a blank line, or a list of at least two lines whose markers run on,
    begins a new line of the letter. Reported are lines that look as if they should: one that begins
    like an item of a list (`•`, `3.`), several that begin with a label (`Allergies:`) or a sign
    (`-Babinski`), rows of a table that was typed with tabs, spaces or bars alone, and a sentence
    right below a list. Each paragraph is reported once.

    Why: The words all arrive, but what was a list can no longer be read as one.

    Fails:
        clinical_summary = '''
        MEDICATIONS: Norco, Soma
        ALLERGIES: none
        '''

    Passes:
        clinical_summary = '''
        - MEDICATIONS: Norco, Soma
        - ALLERGIES: none
        '''
    """
    message = "this line and the one above it run together in the letter"
    hints = (
        "put a blank line between them",
        "or begin each with a list's marker, such as `- `, or `1.` and `2.`",
    )
    for path, text in subject.narratives:
        for line in joined_lines(text):
            yield Finding(path, message, hints, line.start)
