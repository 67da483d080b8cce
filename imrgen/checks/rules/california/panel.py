"""Checks of a panel: what the reviewers' votes decide (Labor Code 4610.6(e))."""

from collections.abc import Iterator

from imrgen.checks import Finding, Subject, check


@check(
    "IMR324", "Upheld despite a tie", "error", "Labor Code 4610.6(e): a tie favours the treatment"
)
def tie(subject: Subject) -> Iterator[Finding]:
    """Report an upheld item where the panel's votes are even.

    What: Where every reviewer has a `vote` and as many uphold as overturn, every item must be
    overturned. What counts is what the pack says that the outcomes mean.

    Why: The statute decides a tie in favour of providing the treatment.

    Fails:
        two reviewers, vote = "upheld" and vote = "overturned"; decision = "upheld"

    Passes:
        the same votes; decision = "overturned"
    """
    if _refusing_lead(subject) != 0:
        return
    favourable = [name for name in subject.outcomes if subject.meaning(name) == "necessary"]
    for number, issue in enumerate(subject.case.issues):
        if subject.meaning(issue.decision) == "not necessary":
            yield Finding(
                ("issues", number, "decision"),
                "the panel's votes are even, which favours the treatment, but the item is "
                f"{issue.decision}",
                (f'write decision = "{favourable[0]}", or correct the votes',),
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
    lead = _refusing_lead(subject)
    meanings = {subject.meaning(issue.decision) for issue in subject.case.issues}
    if lead and meanings == {"necessary" if lead > 0 else "not necessary"}:
        yield Finding(
            ("issues", 0, "decision"),
            "the majority of the panel voted otherwise",
            ("correct the decision, or the votes",),
        )


def _refusing_lead(subject: Subject) -> int | None:
    """Return the lead of the votes that the item is not necessary.

    Returns:
        `None` without a panel, or if a vote is missing or says neither that nor the contrary.
    """
    votes = [subject.meaning(reviewer.vote) for reviewer in subject.case.reviewers]
    if len(votes) < 2 or not {*votes} <= {"necessary", "not necessary"}:
        return None
    return votes.count("not necessary") - votes.count("necessary")
