"""Cases of any length, of invented people, for the benchmarks to make letters of.

No two of them say the same, so that nothing a program remembers of the last letter helps it with
the next.
"""

from __future__ import annotations

from itertools import cycle, islice
from typing import Any

_SENTENCES = (
    (
        "The injured worker, seen for visit {n}, reports pain of the low back that is worse on "
        "bending and lifting."
    ),
    (
        "Lumbar flexion was limited to 50 degrees, and straight leg raising was negative on both "
        "sides."
    ),
    (
        "Strength was 5 out of 5 in all groups of the lower limbs, and sensation was intact in "
        "every dermatome."
    ),
    (
        "A course of 12 visits of physical therapy ended without a lasting change in what the "
        "worker can lift."
    ),
    (
        "The record of day {n} describes a home exercise program that is done about three times "
        "a week."
    ),
    (
        "Pain was rated 6 out of 10 without medication and 4 out of 10 with it, much as it was a "
        "quarter of a year before."
    ),
    (
        "Radiographs showed moderate narrowing of two disc spaces and no sign of instability on "
        "bending."
    ),
    (
        "The worker drives, keeps house with some help, and has gone back to modified duty for "
        "four hours a day."
    ),
    (
        "No side effects were recorded, and the laboratory values of week {n} were within their "
        "limits."
    ),
    (
        "The treating physician asks for the service so that the worker may return to full duty "
        "sooner."
    ),
)


def prose(number: int, sentences: int, conclusion: str = "") -> str:
    """Write paragraphs of five sentences.

    Args:
        number: What makes the words differ from those of another number.
        sentences: How many.
        conclusion: A sentence to end with.
    """
    chosen = islice(cycle(_SENTENCES), number % len(_SENTENCES), None)
    written = [
        sentence.format(n=number * 1000 + place)
        for place, sentence in enumerate(islice(chosen, sentences))
    ]
    paragraphs = [" ".join(written[start : start + 5]) for start in range(0, sentences, 5)]
    return "\n\n".join([*paragraphs[:-1], f"{paragraphs[-1]} {conclusion}".rstrip()])


def make_case(number: int, issues: int, sentences: int) -> dict[str, Any]:
    """Make the data of a case, as a case file holds it.

    Args:
        number: The last digits of its case number; its words are its own.
        issues: How many issues are disputed.
        sentences: How many the summary and each rationale have, five to a paragraph.
    """
    basis = {"mtus": [{"title": "Low Back Complaints", "year": 2004, "sections": ["Initial Care"]}]}
    return {
        "case": {
            "number": f"CM16-{number % 10_000_000:07}",
            "priority": "standard",
            "date_of_injury": "2015-04-09",
            "injury_kind": "specific",
            "ur_decision_date": "2016-10-03",
            "application_received": "2016-10-21",
            "records_complete": "2016-11-04",
            "date_assigned": "2016-11-08",
            "decision_date": "2016-11-29",
        },
        "employee": {"name": "Ingeborg Quillfeather", "age": 47, "sex": "female"},
        "reviewers": [{"licensure": ["California"], "certifications": ["Occupational Medicine"]}],
        "clinical_summary": prose(number, sentences),
        "issues": [
            {
                "item": f"Physical therapy of the low back, course {issue + 1}",
                "decision": "upheld",
                "ur_action": "denied",
                "claims_administrator_basis": basis,
                "reviewer_basis": basis,
                "rationale": prose(
                    number + issue,
                    sentences,
                    "Therefore, the requested therapy is not medically necessary.",
                ),
            }
            for issue in range(issues)
        ],
    }
