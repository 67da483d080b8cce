"""Checks of the outcome: each decision must follow from its rationale, amounts and votes."""

import re
from collections.abc import Iterator

from imrgen.case import Amount, Issue
from imrgen.checks import Finding, Subject, check
from imrgen.checks.text import Pattern, conclude, ends_in_abbreviation, second_doubt
from imrgen.diagnostics import Path, Severity


@check(
    "IMR320",
    "The decision contradicts the rationale",
    "error",
    "Labor Code 4610.6(d): the analysis must state the reasons for the determination",
)
def decision_against_rationale(subject: Subject) -> Iterator[Finding]:
    """Compare the decision of an issue with what its rationale concludes.

    What: The rationale is read from its end for its conclusion: that the item is medically
    necessary, or that it is not. *Upheld* means that the utilization review decision stands, so the
    item is not necessary; *overturned* means that it is. The caret marks the sentence that
    concludes. It is an error where the verdict is plain: in the law's own words (“medically
    necessary”), about this item, in a sentence that no condition, attribution, quotation or other
    verdict makes doubtful, and where a second, simple reading agrees (the last sentence in those
    words, negated or not). Whatever else points the other way is a warning, which says why it is
    doubtful. Nothing is reported where the conclusion is not clear.

    Why: It is the worst mistake a determination can contain. It binds the worker, the physician and
    the insurer, and they act on the heading, not on the rationale.

    Fails:
        decision = "upheld"
        rationale = "… For these reasons the requested MRI is medically necessary."

    Passes:
        decision = "overturned"
        rationale = "… For these reasons the requested MRI is medically necessary."
    """
    for number, issue in enumerate(subject.case.issues):
        if issue.rationale is None or issue.decision is None:
            continue
        found = conclude(issue.rationale, issue.item)
        if found is None or found.is_necessary == (issue.decision == "overturned"):
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


_COUNTED = (
    r"(?:sessions?|visits?|treatments?|tablets?|tabs?|capsules?|caps?|pills?|units?|injections?|"
    r"patches|weeks?|months?|hours?|days?|refills?)"
)
_NUMBER_NAMES = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
)
_NUMBER_WORDS = {
    word: number for number, word in enumerate(re.findall(r"\w+", _NUMBER_NAMES), start=1)
}
_NUMBER = rf"(\d{{1,4}}|{'|'.join(_NUMBER_WORDS)})"
_ITEM_NUMBER = Pattern(r"\d+(?:\.\d+)?")
_REQUEST = Pattern(
    rf"\brequest(?:ed)?\s+(?:for|of|is\s+for)\s+(?:an?\s+)?(?:additional\s+)?{_NUMBER}\s+"
    rf"(?:[\w-]+\s+){{0,3}}?{_COUNTED}\b",
    re.IGNORECASE,
)


@check(
    "IMR321",
    "The quantity differs from the heading's",
    "warning",
    "Labor Code 4610.6(d): stated in plain terms",
)
def quantity_against_rationale(subject: Subject) -> Iterator[Finding]:
    """Compare the quantity requested in the rationale with the heading of the issue.

    What: Where the rationale says “request for 12 sessions” (or visits, tablets, weeks …) and the
    item counts something too, the number must be among the item's, or among those of `requested`,
    `authorized` and `remaining`.

    Why: The heading is what is authorized or denied; a rationale about another quantity may be
    another case's.

    Fails:
        item = "Massage therapy (x16)"
        rationale = "The request for 12 sessions of massage therapy …"

    Passes:
        item = "Massage therapy (x16)"
        rationale = "The request for sixteen sessions of massage therapy …"
    """
    for number, issue in enumerate(subject.case.issues):
        known = _numbers(issue)
        if not known or issue.rationale is None:
            continue
        for found in _REQUEST.finditer(issue.rationale):
            quantity = found[1].lower()
            if str(_NUMBER_WORDS.get(quantity, quantity)) not in known:
                yield Finding(
                    ("issues", number, "rationale"),
                    "the quantity requested is not the one in the issue's heading",
                    ("use the same quantity in the rationale and in the item",),
                    found.start(1),
                    len(found[1]),
                )


def _numbers(issue: Issue) -> set[str]:
    """Return the numbers of an issue's heading, and their sums and products (2 × 6 weeks)."""
    texts = [
        issue.item,
        *(str(a) for a in (issue.requested, issue.authorized, issue.remaining) if a is not None),
    ]
    texts += [
        str(_NUMBER_WORDS[word])
        for text in texts
        for word in re.findall(r"[a-z]+", text.lower())
        if word in _NUMBER_WORDS
    ]
    numbers = {number for text in texts for number in _ITEM_NUMBER.findall(text)}
    whole = sorted(int(number) for number in numbers if number.isdigit())[:12]
    return (
        numbers
        | {str(a * b) for a in whole for b in whole}
        | {str(a + b) for a in whole for b in whole}
    )


_AMOUNT = Pattern(r"\s*#?\s*(\d+(?:\.\d+)?)\b\s*(.*)", re.DOTALL)


@check(
    "IMR322",
    "Requested less authorized is not what remains",
    "error",
    "8 CCR 9792.10.6: what remains in dispute",
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
    found = _AMOUNT.match(amount or "")
    return (float(found[1]), " ".join(found[2].lower().split())) if found else (None, "")


@check(
    "IMR323",
    "Ancillary to an upheld item, but overturned",
    "error",
    "Labor Code 4610.6: medical necessity of the item",
)
def overturned_without_its_principal(subject: Subject) -> Iterator[Finding]:
    """Report an overturned item that depends on an upheld one.

    What: `depends_on` names the item that this one is ancillary to. Where the denial of that one is
    upheld, it will not be provided, and what only serves it cannot be necessary.

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
        if (
            issue.decision == "overturned"
            and issue.depends_on
            and decisions.get(issue.depends_on) == "upheld"
        ):
            yield Finding(
                ("issues", number, "decision"),
                "this item is overturned, but the one it depends on is upheld",
                ("correct the decision of one of the two, or remove `depends_on`",),
            )


@check(
    "IMR324", "Upheld despite a tie", "error", "Labor Code 4610.6(e): a tie favours the treatment"
)
def tie(subject: Subject) -> Iterator[Finding]:
    """Report an upheld item where the panel's votes are even.

    What: Where every reviewer has a `vote` and as many uphold as overturn, every item must be
        overturned.

    Why: The statute decides a tie in favour of providing the treatment.

    Fails:
        two reviewers, vote = "upheld" and vote = "overturned"; decision = "upheld"

    Passes:
        the same votes; decision = "overturned"
    """
    if _upholding_lead(subject) == 0:
        for number, issue in enumerate(subject.case.issues):
            if issue.decision == "upheld":
                yield Finding(
                    ("issues", number, "decision"),
                    "the panel's votes are even, which favours the treatment, but the item is "
                    "upheld",
                    ('write decision = "overturned", or correct the votes',),
                )


@check(
    "IMR325",
    "Against the majority of the panel",
    "warning",
    "Labor Code 4610.6(e): the majority's determination",
)
def against_the_majority(subject: Subject) -> Iterator[Finding]:
    """Report items that are all decided against the majority of the panel's votes.

    What: Where every reviewer has a `vote`, and all items are decided alike, the decision must be
    that of the majority.

    Why: The determination of the majority prevails.

    Fails:
        three reviewers, two with vote = "overturned"; the only item's decision = "upheld"

    Passes:
        the same votes; decision = "overturned"
    """
    lead = _upholding_lead(subject)
    decisions = {issue.decision for issue in subject.case.issues}
    if lead and decisions == {"overturned" if lead > 0 else "upheld"}:
        yield Finding(
            ("issues", 0, "decision"),
            "the majority of the panel voted otherwise",
            ("correct the decision, or the votes",),
        )


_DECIDED = Pattern(
    # A verb of utilization review may end a name (“FDA-approved”), but not behind a colon or dash.
    r"(?:\b(?:upheld|overturned)|(?:[:;,–—]|\s-)\s*(?:not\s+|non-?\s*|partially\s+)?"
    r"(?:uphold|overturn|denied|approved|certified|authorized|modified|delayed))\b\W*$",
    re.IGNORECASE,
)
_PUNCTUATED = Pattern(r"(?:[:;,–—.]|\s-)$")


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
        found = _PUNCTUATED.search(issue.item)
        if found and not (found[0] == "." and ends_in_abbreviation(issue.item)):
            name = _MARKS.get(found[0], "a dash")
            yield Finding(
                path,
                f"the item ends in {name}, and the letter sets a colon behind it",
                (f"take out {name} at the end",),
                len(issue.item) - 1,
            )


_MARKS = {":": "a colon", ";": "a semicolon", ",": "a comma", ".": "a full stop"}


def _upholding_lead(subject: Subject) -> int | None:
    """Return the lead of the votes to uphold; `None` without a panel, or if a vote is missing."""
    votes = [reviewer.vote for reviewer in subject.case.reviewers]
    if len(votes) < 2 or None in votes:
        return None
    return votes.count("upheld") - votes.count("overturned")
