"""Checks of the outcome: each decision must follow from its rationale and its amounts."""

import re
from collections.abc import Iterator

from imrgen.case import Amount
from imrgen.checks import Finding, Subject, check
from imrgen.checks.text import (
    Pattern,
    conclude,
    numbers,
    quantities,
    second_doubt,
    sentences,
)
from imrgen.diagnostics import Path, Severity


@check(
    "IMR320",
    "The decision contradicts the rationale",
    "error",
    "Editorial: a decision follows from its reasons",
)
def decision_against_rationale(subject: Subject) -> Iterator[Finding]:
    """Compare the decision of an issue with what its rationale concludes.

    What: The rationale is read from its end for its conclusion: that the item is medically
    necessary, or that it is not. This is compared with what the pack says that the decision means.
    In `imr`, *upheld* means that the utilization review decision stands, so the item is not
    necessary; *overturned* means that it is. The caret marks the sentence that concludes. It is an
    error where the verdict is plain: in the law's own words (“medically necessary”), about this
    item, in a sentence that no condition, attribution, quotation or other verdict makes doubtful,
    and where a second, simple reading agrees (the last sentence in those words, negated or not).
    Whatever else points the other way is a warning, which says why it is doubtful. Nothing is
    reported where the conclusion is not clear, or where the decision means that the item is
    necessary in part.

    Measured: on sentences made from a grammar, of frames and verdicts that the check was not
    adjusted to, 98.0 % of 16,320 were read right and 2.0 % as their opposite, none of these as
    an error; of the 495 clear conclusions of two corpora of invented rationales, 493 were read
    right, none wrong. On 194 real letters, an earlier version was an error for 12 right
    decisions and missed 15 of 439 flipped ones; on 99 determinations of other programmes it
    caught 77 with 4 false alarms.

    Why: It is the worst mistake a determination can contain. It binds the patient, the physician
    and the insurer, and they act on the heading, not on the rationale.

    Fails:
        decision = "upheld"
        rationale = "… For these reasons the requested MRI is medically necessary."

    Passes:
        decision = "overturned"
        rationale = "… For these reasons the requested MRI is medically necessary."
    """
    for number, issue in enumerate(subject.case.issues):
        meaning = subject.meaning(issue.decision)
        if issue.rationale is None or meaning not in ("necessary", "not necessary"):
            continue
        found = conclude(issue.rationale, issue.item)
        if found is None or found.is_necessary == (meaning == "necessary"):
            continue
        doubt = found.doubt or second_doubt(issue.rationale, issue.item, found)
        verdict = "medically necessary" if found.is_necessary else "not medically necessary"
        reading = f"seems to conclude (but {doubt})" if doubt else "concludes"
        yield Finding(
            ("issues", number, "rationale"),
            f"this sentence {reading} that the item is {verdict}, "
            f"but the decision is `{issue.decision}`",
            ("correct the `decision` of this issue, or the conclusion",),
            found.start,
            found.length,
            "warning" if doubt else "error",
        )


_ASKS = ("request", "proposed", "disput", "prescription", "medically nec", "medical nec")
_COUNTS = ("#", " x", "visits", "sessions", "tablets", "times a ", "times per", "quantity")
_ASKED = Pattern(
    r"(?<!prior )(?<!previous )(?<!earlier )\brequest(?:ed)?\s+(?:for|of|is\s+for)\s+(?:an?\s+)?"
    r"(?:additional\s+)?\Z",
    re.IGNORECASE,
)
# A sentence with one of these is about what was had, allowed or recommended.
_OTHER_QUANTITY = Pattern(
    r"\b(?:certif\w+|authori[sz]\w+|modif\w+|approved|allow\w*|recommend\w*|wean\w*|taper\w*|prior|"
    r"previous\w*|earlier|already|completed|attended|received|had|underwent|guidelines?|maximum|up\s+to|"
    r"at\s+most|no\s+more|exceed\w*|beyond|initial|trial|last|since|ago|to\s+date|first|instead|"
    r"suffic\w+|would|could|other|another|remaining|further\s+\w+\s+would|out\s+of|per\s+day|daily)\b",
    re.IGNORECASE,
)


@check(
    "IMR321",
    "The quantity differs from the heading's",
    "warning",
    "Editorial: a decision and its reasons are about the same quantity",
)
def quantity_against_rationale(subject: Subject) -> Iterator[Finding]:
    """Compare the quantity requested in the rationale and the summary with the headings.

    What: “#60”, “quantity 60”, “x 12”, “12 sessions” (or visits, tablets …), “2 times a week for 6
    weeks”, in a sentence about the request: it says “requested”, “medically necessary” or the like
    and nothing of what was had before, allowed, recommended or certified. If the item counts
    something too, the number must be among the item's and those of `requested`, `authorized` and
    `remaining`, or a sum or product of these. In the summary, it must be among those of any item.

    Measured: 60 of 60 wrong quantities in rationales were found. No finding on 60 unchanged
    letters. Letters and mutations are invented (`make checks-report`). An earlier version found
    1 of 60 on real letters.

    Why: The heading is what is authorized or denied; a rationale about another quantity may be
    another case's.

    Fails:
        item = "Massage therapy (x16)"
        rationale = "The request for 12 sessions of massage therapy …"

    Passes:
        item = "Massage therapy (x16)"
        rationale = "The request for sixteen sessions of massage therapy …"
    """
    every: list[str] = []
    for number, issue in enumerate(subject.case.issues):
        amounts = (issue.requested, issue.authorized, issue.remaining)
        texts = [issue.item, *(str(each) for each in amounts if each is not None)]
        every += texts
        if issue.rationale:
            yield from _other_quantities(("issues", number, "rationale"), issue.rationale, texts)
    summary = subject.case.clinical_summary
    if summary and any(map(summary.__contains__, _COUNTS)):
        yield from _other_quantities(("clinical_summary",), summary, every)


def _other_quantities(path: Path, text: str, headings: list[str]) -> Iterator[Finding]:
    known: set[str] | None = None
    for sentence in sentences(text):
        lower = sentence.text.lower()
        for quantity in quantities(lower) if any(map(lower.__contains__, _ASKS)) else ():
            known = known or numbers(headings)
            if quantity.number in known:
                continue
            is_asked = _ASKED.search(sentence.text, 0, quantity.start)
            if not any(True for heading in headings for _ in quantities(heading)):
                return
            if is_asked or not _OTHER_QUANTITY.search(sentence.text):
                yield Finding(
                    path,
                    "the quantity requested is not the one in the issue's heading",
                    ("use the same quantity here and in the item",),
                    sentence.start + quantity.start,
                    quantity.length,
                )


_AMOUNT = Pattern(r"\s*#?\s*(\d+(?:\.\d+)?)\b\s*(.*)", re.DOTALL)


@check(
    "IMR322",
    "Requested less authorized is not what remains",
    "error",
    "Editorial: what remains in dispute is what was not authorized",
)
def amounts_of_a_modification(subject: Subject) -> Iterator[Finding]:
    """Compare the remaining amount of a modified request with the requested and the authorized.

    What: Of amounts with a quantity and one unit, the remaining must be the requested less the
    authorized; anything else is an error. For amounts written as text that begin with a number and
    continue alike, it is a warning.

    Why: The remaining amount is what is decided, and what the insurer must pay for if it is
    overturned.

    Fails:
        requested = { quantity = 12, unit = "visits" }
        authorized = { quantity = 6, unit = "visits" }
        remaining = { quantity = 8, unit = "visits" }

    Passes:
        remaining = { quantity = 6, unit = "visits" }
    """
    for number, issue in enumerate(subject.case.issues):
        amounts = [issue.requested, issue.authorized, issue.remaining]
        read = [_amount(amount) for amount in amounts]
        (requested, unit), (authorized, unit_2), (remaining, unit_3) = read
        if (
            requested is None
            or authorized is None
            or remaining is None
            or not unit == unit_2 == unit_3
        ):
            continue
        if abs(requested - authorized - remaining) > 1e-9:
            certain = all(isinstance(amount, Amount) for amount in amounts)
            severity: Severity = "error" if certain else "warning"
            yield Finding(
                ("issues", number, "remaining"),
                "the remaining amount is not the requested less the authorized",
                ("correct one of `requested`, `authorized` and `remaining`",),
                severity=severity,
            )


def _amount(amount: str | Amount | None) -> tuple[float | None, str]:
    if isinstance(amount, Amount):
        return float(amount.quantity), amount.unit.lower()
    found = _AMOUNT.match(amount) if amount else None
    return (float(found[1]), " ".join(found[2].lower().split())) if found else (None, "")


@check(
    "IMR323",
    "Necessary, but ancillary to an item that is not",
    "error",
    "Editorial: the decisions of a letter agree with each other",
)
def necessary_without_its_principal(subject: Subject) -> Iterator[Finding]:
    """Report a necessary item that depends on one that is not.

    What: `depends_on` names the item that this one is ancillary to. Where that one is decided not
    to be necessary, it will not be provided, and what only serves it cannot be necessary.

    Why: The insurer would have to provide, for example, an assistant surgeon for an operation that
    is denied.

    Fails:
        [[issues]]
        item = "Spinal fusion"
        decision = "upheld"
        [[issues]]
        item = "Assistant surgeon"
        depends_on = "Spinal fusion"
        decision = "overturned"

    Passes:
        both are upheld, or both are overturned
    """
    decisions = {issue.item: issue.decision for issue in subject.case.issues}
    for number, issue in enumerate(subject.case.issues):
        principal = decisions.get(issue.depends_on) if issue.depends_on else None
        meanings = (subject.meaning(issue.decision), subject.meaning(principal))
        if meanings == ("necessary", "not necessary"):
            yield Finding(
                ("issues", number, "decision"),
                f"this item is {issue.decision}, but the one it depends on is {principal}",
                ("correct the decision of one of the two, or remove `depends_on`",),
            )
