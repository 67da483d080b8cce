"""Checks of content: a determination must be complete (8 CCR 9792.10.6)."""

import re
from collections.abc import Iterator

from imrgen.checks import Finding, Subject, check
from imrgen.checks.rules.medical.content import is_ancillary
from imrgen.checks.text import Pattern, ends_in_abbreviation
from imrgen.diagnostics import Path


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
        principal = decisions.get(issue.depends_on) if issue.depends_on else None
        meanings = (subject.meaning(issue.decision), subject.meaning(principal))
        if "necessary" not in meanings and is_ancillary(issue):
            continue
        hints = (
            "add the evidence that the decision is based on",
            "or name the item it is ancillary to in `depends_on`",
        )
        path: Path = ("issues", number, "reviewer_basis")
        yield Finding(path, "no evidence is cited for the decision", hints)


_DECIDED = Pattern(
    # A verb of utilization review may end a name (“FDA-approved”), but not behind a colon or dash.
    r"(?:\b(?:upheld|overturned)|(?:[:;,–—]|\s-)\s*(?:not\s+|non-?\s*|partially\s+)?"
    r"(?:uphold|overturn|denied|approved|certified|authorized|modified|delayed))\b\W*$",
    re.IGNORECASE,
    needs=(
        *("upheld", "uphold", "overturn", "denied", "approved", "certified", "authorized"),
        *("modified", "delayed"),
    ),
)


@check(
    "IMR326",
    "An item that ends in its decision",
    "error",
    "8 CCR 9792.10.6: each disputed item with its decision",
)
def decision_within_the_item(subject: Subject) -> Iterator[Finding]:
    """Report an item whose end does not fit what the letter sets behind it.

    What: The `item` ends in the word of a decision (“upheld”, “overturned”; “denied” and the like
    behind a colon or a dash), or in a colon, a semicolon, a comma, a dash or a full stop. The full
    stop of an abbreviation (“q.d.”, “tab.”, “Inc.”) is left alone.

    Why: The letter sets a colon and the decision behind each item. The end of a heading that was
    copied from another letter would make it “Norco 10/325 mg #60: Upheld: Overturned”.

    Fails:
        item = "Norco 10/325 mg #60: Upheld"
        decision = "overturned"

    Passes:
        item = "Norco 10/325 mg #60"
        decision = "overturned"
    """
    for number, issue in enumerate(subject.case.issues):
        path: Path = ("issues", number, "item")
        if found := _DECIDED.search(issue.item):
            yield Finding(
                path,
                "the item ends in a decision, and the letter writes the decision behind it",
                ("take out the decision and the colon before it; it stands in `decision`",),
                found.start(),
                len(found[0]),
            )
            continue
        name = _mark(issue.item)
        if name and not (name == "a full stop" and ends_in_abbreviation(issue.item)):
            yield Finding(
                path,
                f"the item ends in {name}, and the letter sets a colon behind it",
                (f"take out {name} at the end",),
                len(issue.item) - 1,
            )


_MARKS = {
    ":": "a colon",
    ";": "a semicolon",
    ",": "a comma",
    ".": "a full stop",
    "–": "a dash",
    "—": "a dash",
}


def _mark(item: str) -> str | None:
    """Return what an item ends in that no item should; a hyphen may end a word."""
    is_dash = item.endswith("-") and item[-2:-1].isspace()
    return "a dash" if is_dash else _MARKS.get(item[-1:])
