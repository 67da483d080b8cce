"""A reviewer is known by credentials alone (Labor Code 4610.6(f))."""

from collections.abc import Iterable

from imrgen.checks import Finding, Subject, check
from imrgen.checks.rules.confidentiality.names import reviewers
from imrgen.checks.rules.confidentiality.published import published_findings


@check(
    "IMR380",
    "A reviewer is named",
    "warning",
    "Labor Code 4610.6(f): the reviewers' names are kept confidential",
)
def reviewer_is_named(subject: Subject) -> Iterable[Finding]:
    """Report names of reviewers.

    What: Names next to “reviewer” or “reviewed by”, in “I, …, MD”, in a signature, among the
    credentials. Errors have a title, a degree or a common given name, and belong to the expert
    reviewer or a signature. Others are warnings.

    Why: The statute keeps the names confidential, and has the qualifications stated instead.

    Fails:
        rationale = "The expert reviewer, Dr. Doe, finds that …"

    Passes:
        rationale = "The expert reviewer finds that …"
    """
    return published_findings(
        subject,
        reviewers,
        "this looks like a reviewer's name",
        "remove the name: a reviewer is known by credentials alone",
    )
