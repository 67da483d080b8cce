"""The model of a case: what a case file may hold.

The fields are those of the published letters and of 8 CCR 9792.10.6, under the field's own terms.
Everything is frozen. Nothing is required here but what names an entry (an issue's item, a
citation's title): a letter's pack says what that letter requires. Two things are deliberately
nowhere a field: the overall outcome, which follows from the issues, and a reviewer's name, which
California Labor Code 4610.6(f) keeps confidential.
"""

# No `from __future__ import annotations`: msgspec and `Model` would each evaluate the types again.

import datetime
import re
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

from imrgen.case.fields import (
    MOST,
    CodeText,
    Identifier,
    Model,
    Narrative,
    PersonName,
    Table,
    Term,
    Text,
)
from imrgen.case.source import Source

CaseNumber = Annotated[
    str,
    Meta(
        pattern="^CM[0-9]{2}-[0-9]{7}$(?!\\n)",
        extra={
            "says": "must be CM, 2 digits, a hyphen, 7 digits",
            "kind": "identifier",
            "confidential": False,
        },
    ),
]
Age = Annotated[int, Meta(ge=0, le=130)]
Year = Annotated[int, Meta(ge=1900, le=2100)]
Quantity = Annotated[int, Meta(ge=0, le=MOST)] | Annotated[float, Meta(ge=0, le=MOST)]
Date = datetime.date
Decision = Literal["upheld", "overturned"]
OUTCOMES: tuple[str, ...] = get_args(Decision)
"""The outcomes of a disputed item; a pack may have others."""
_AMOUNT = {"kind": "amount"}
_CONFIDENTIAL = {"confidential": True}
"""Marks what is left out when a determination is published, unless an inner field is marked too."""


# Any but one space.
_SPACES = re.compile(r"(?:[\t\r\n]| [ \t\r\n])[ \t\r\n]*")


def _trim(table: Table, *attributes: str) -> None:
    """Trim texts that stand within a line: as every reader sees them, but not every comparison."""

    def trimmed(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(trimmed, value))
        # A no-break space within the text was typed on purpose.
        return _SPACES.sub(" ", value.strip()) if isinstance(value, str) else value

    for attribute in attributes:
        value = getattr(table, attribute)
        # A value that needs no trimming may know where it comes from.
        if value is not None and (trim := trimmed(value)) != value:
            msgspec.structs.force_setattr(table, attribute, trim)


class Header(Table, frozen=True):
    """The case itself: its number and its dates (`[case]`).

    Args: see the descriptions, which the JSON Schema shows too.
    """

    number: Annotated[
        CaseNumber | None,
        Meta(
            description="The IMR case number: CM, 2 digits of the year, a hyphen, 7 digits.",
            examples=["CM16-0000001"],
        ),
    ] = None
    priority: Annotated[
        Literal["standard", "expedited"] | None,
        Meta(
            description="Expedited reviews are due within 72 hours (Labor Code 4610.6(d)).",
            examples=["standard"],
        ),
    ] = None
    date_of_injury: Annotated[
        Date | None,
        Meta(
            description="The day of the injury; for a cumulative injury its last day.",
            examples=["2016-03-03"],
        ),
    ] = None
    injury_kind: Annotated[
        Literal["specific", "cumulative"] | None,
        Meta(
            description="Specific for one event, cumulative for repeated exposure over time.",
            examples=["specific"],
        ),
    ] = None
    ur_decision_date: Annotated[
        Date | None,
        Meta(
            description="The day of the utilization review (UR) decision, "
            "by which the claims administrator refused or changed the request.",
            examples=["2016-09-12"],
        ),
    ] = None
    application_received: Annotated[
        Date | None,
        Meta(
            description="The day the application for Independent Medical Review came in.",
            examples=["2016-09-26"],
        ),
    ] = None
    date_assigned: Annotated[
        Date | None,
        Meta(description="The day the case was assigned for review.", examples=["2016-10-07"]),
    ] = None
    records_complete: Annotated[
        Date | None,
        Meta(
            description="The day the last of the medical records came in; "
            "the deadline runs from here.",
            examples=["2016-10-14"],
        ),
    ] = None
    decision_date: Annotated[
        Date | None,
        Meta(description="The day of the final determination.", examples=["2016-11-02"]),
    ] = None
    claim_number: Annotated[
        Identifier | None,
        Meta(
            description="The number that the claims administrator has given the claim.",
            examples=["EX-2016-0042"],
        ),
    ] = None
    eams_number: Annotated[
        Identifier | None,
        Meta(
            description="The number of the Workers' Compensation Appeals Board "
            "(in its system EAMS), if there is one.",
            examples=["ADJ0000042"],
        ),
    ] = None
    formulary: Annotated[
        bool | None,
        Meta(
            description="Whether this is a dispute over the drug formulary (5 working days).",
            examples=[False],
        ),
    ] = None


class Employee(Table, frozen=True):
    """The injured worker (`[employee]`)."""

    name: Annotated[
        PersonName | None, Meta(description="The worker's full name.", examples=["Maria Example"])
    ] = None
    date_of_birth: Annotated[
        Date | None, Meta(description="The worker's date of birth.", examples=["1971-05-20"])
    ] = None
    age: Annotated[
        Age | None,
        Meta(description="The worker's age in years at the determination.", examples=[45]),
    ] = None
    sex: Annotated[
        Literal["male", "female", "unspecified"] | None,
        Meta(description="The worker's sex.", examples=["female"]),
    ] = None
    represented: Annotated[
        bool | None,
        Meta(description="Whether an attorney represents the worker.", examples=[False]),
    ] = None

    def __post_init__(self) -> None:
        _trim(self, "name")


class Organization(Table, frozen=True):
    """The employer (`[employer]`) or the claims administrator (`[claims_administrator]`)."""

    name: Annotated[Text | None, Meta(description="Name.", examples=["Example Company"])] = None
    address: Annotated[
        Text | None,
        Meta(
            description="Postal address, with line breaks as on an envelope.",
            examples=["200 Sample Avenue\nFresno, CA 93721"],
        ),
    ] = None

    def __post_init__(self) -> None:
        _trim(self, "name")


class Physician(Table, frozen=True):
    """Who asked for the treatment (`[requesting_physician]`)."""

    name: Annotated[Text | None, Meta(description="Full name.", examples=["Robin Sample, MD"])] = (
        None
    )
    address: Annotated[
        Text | None,
        Meta(
            description="Postal address, with line breaks as on an envelope.",
            examples=["300 Sample Avenue\nFresno, CA 93721"],
        ),
    ] = None
    specialty: Annotated[
        Text | None,
        Meta(description="Medical specialty.", examples=["Physical Medicine & Rehabilitation"]),
    ] = None

    def __post_init__(self) -> None:
        _trim(self, "name", "specialty")


class Recipient(Table, frozen=True):
    """Someone a letter is sent to (`[[recipients]]`)."""

    role: Annotated[
        Text | None,
        Meta(description="Employee, attorney, claims administrator, …", examples=["Employee"]),
    ] = None
    name: Annotated[Text | None, Meta(description="Full name.", examples=["Maria Example"])] = None
    address: Annotated[
        Text | None,
        Meta(
            description="Postal address, with line breaks as on an envelope.",
            examples=["100 Sample Avenue\nFresno, CA 93721"],
        ),
    ] = None

    def __post_init__(self) -> None:
        _trim(self, "name")


class Reviewer(Table, frozen=True):
    """An expert reviewer's credentials, never the name (`[[reviewers]]`)."""

    licensure: Annotated[
        tuple[Text, ...], Meta(description="States of licensure.", examples=[["California"]])
    ] = ()
    certifications: Annotated[
        tuple[Text, ...],
        Meta(description="Certifications and specialties.", examples=[["Pain Management"]]),
    ] = ()
    vote: Annotated[
        Decision | None,
        Meta(
            description="This reviewer's vote, where a panel of several decided: one of the "
            "pack's outcomes.",
            examples=["upheld"],
        ),
    ] = None

    def __post_init__(self) -> None:
        _trim(self, "licensure", "certifications")


class Document(Table, frozen=True):
    """Documents that were reviewed (`[[documents]]`)."""

    kind: Annotated[
        Text,
        Meta(
            description="What it is: application, UR determination, medical records, …",
            examples=["Medical records"],
        ),
    ]
    author: Annotated[
        Text | None, Meta(description="Who wrote it.", examples=["Requesting physician"])
    ] = None
    from_: Annotated[
        Date | None,
        Meta(description="Date, or the first date of a range.", examples=["2016-03-10"]),
    ] = msgspec.field(default=None, name="from")
    to: Annotated[
        Date | None, Meta(description="The last date of a range.", examples=["2016-09-28"])
    ] = None


class Citation(Table, frozen=True):
    """A citation of the Medical Treatment Utilization Schedule (MTUS)."""

    title: Annotated[
        Text,
        Meta(
            description="The guideline's title, without “MTUS”.", examples=["Low Back Complaints"]
        ),
    ]
    year: Annotated[Year | None, Meta(description="The edition's year.", examples=[2004])] = None
    sections: Annotated[
        tuple[Text, ...], Meta(description="The sections cited.", examples=[["Physical Methods"]])
    ] = ()
    pages: Annotated[
        Text | None,
        Meta(description="The pages cited, as the letter writes them.", examples=["60 of 127"]),
    ] = None


class Basis(Table, frozen=True):
    """What a decision is based on. An empty table says that nothing was cited."""

    mtus: Annotated[
        tuple[Citation, ...],
        Meta(
            description="Citations of the Medical Treatment Utilization Schedule (MTUS).",
            examples=[[{"title": "Low Back Complaints", "sections": ["Physical Methods"]}]],
        ),
    ] = ()
    other: Annotated[
        tuple[Text, ...],
        Meta(
            description="Citations outside the MTUS, as the letter writes them.",
            examples=[["Official Disability Guidelines, Low Back, Physical Therapy"]],
        ),
    ] = ()
    as_written: Annotated[
        Text | None,
        Meta(
            description="Text that stands in the letter in place of the composed sentence.",
            examples=["The guidelines of the American Academy of Sleep Medicine were used."],
        ),
    ] = None


class Amount(Table, frozen=True):
    """A quantity and its unit, such as 12 “physical therapy sessions”."""

    quantity: Annotated[Quantity, Meta(description="How many or how much.", examples=[12])]
    unit: Annotated[
        Text,
        Meta(
            description="Of what, as the letter writes it after the number.",
            examples=["physical therapy sessions"],
        ),
    ]

    def __str__(self) -> str:
        # Neither rounded nor in powers of ten: 1250000.5 is 1250000.5, and 12.0 is 12.
        number = f"{Decimal(repr(self.quantity)):f}"
        return f"{number.removesuffix('.0')} {self.unit}"


class Code(Table, frozen=True):
    """A code of a coding system, such as CPT 97124."""

    system: Annotated[
        Term, Meta(description="The coding system: CPT, HCPCS, ICD-10, NDC, …", examples=["CPT"])
    ]
    code: Annotated[CodeText, Meta(description="The code.", examples=["97110"])]


class Issue(Table, frozen=True):
    """A disputed item and its decision (`[[issues]]`)."""

    item: Annotated[
        Text,
        Meta(
            description="The disputed item as the letter names it, without the decision.",
            examples=["Physical therapy, 12 additional visits for the lumbar spine"],
        ),
    ]
    decision: Annotated[
        Decision | None,
        Meta(
            description="What was decided: one of the pack's outcomes. Those of Independent "
            "Medical Review say whether the utilization review decision is upheld (the treatment "
            "stays refused) or overturned.",
            examples=["upheld"],
        ),
    ] = None
    ur_action: Annotated[
        Literal["denied", "modified", "delayed"] | None,
        Meta(description="What utilization review did.", examples=["denied"]),
    ] = None
    requested: Annotated[
        Text | Amount | None,
        Meta(
            description="For a modification: what was asked for, item included.",
            examples=["12 sessions of acupuncture"],
            extra=_AMOUNT,
        ),
    ] = None
    authorized: Annotated[
        Text | Amount | None,
        Meta(
            description="For a modification: what was authorized.",
            examples=["6 sessions"],
            extra=_AMOUNT,
        ),
    ] = None
    remaining: Annotated[
        Text | Amount | None,
        Meta(
            description="For a modification: what is in dispute.",
            examples=["6 sessions of acupuncture"],
            extra=_AMOUNT,
        ),
    ] = None
    category: Annotated[
        Text | None, Meta(description="Kind of treatment.", examples=["Physical therapy"])
    ] = None
    body_parts: Annotated[
        tuple[Term, ...],
        Meta(description="The body parts treated.", examples=[["lumbar spine"]]),
    ] = ()
    codes: Annotated[
        tuple[Code, ...],
        Meta(
            description="Procedure, drug and diagnosis codes.",
            examples=[[{"system": "CPT", "code": "97110"}]],
        ),
    ] = ()
    claims_administrator_basis: Annotated[
        Basis | None,
        Meta(
            description="What the claims administrator based its decision on; `{}` for nothing.",
            examples=[{"other": ["Official Disability Guidelines, Low Back"]}],
        ),
    ] = None
    reviewer_basis: Annotated[
        Basis | None,
        Meta(
            description="What the expert reviewer based the decision on; `{}` for nothing.",
            examples=[{"mtus": [{"title": "Low Back Complaints", "year": 2004}]}],
        ),
    ] = None
    rationale: Annotated[
        Narrative | None,
        Meta(
            description="Why the decision was made: the rationale, in Markdown.",
            examples=["The records do not show a gain in function after eight visits."],
        ),
    ] = None
    notices: Annotated[
        tuple[Term, ...],
        Meta(
            description="Notices that are set below the rationale, by the names that the pack "
            "gives them.",
            examples=[["opioid-taper"]],
        ),
    ] = ()
    depends_on: Annotated[
        Term | None,
        Meta(
            description="The item of the issue that this one is ancillary to, word for word.",
            examples=["Physical therapy, 12 additional visits for the lumbar spine"],
        ),
    ] = None

    def __post_init__(self) -> None:
        _trim(self, "item", "depends_on")


class Case(Table, frozen=True, dict=True):
    """A case: the items in question, and what was decided on each.

    Read one with `load_case`. `source` is what it was read from, so that a fault found later still
    has a line.
    """

    case: Annotated[
        Header, Meta(description="The case's number and dates.", extra=_CONFIDENTIAL)
    ] = Header()
    employee: Annotated[Employee, Meta(description="The injured worker.", extra=_CONFIDENTIAL)] = (
        Employee()
    )
    employer: Annotated[Organization, Meta(description="The employer.", extra=_CONFIDENTIAL)] = (
        Organization()
    )
    claims_administrator: Annotated[
        Organization,
        Meta(
            description="The claims administrator: the insurer, or who handles the claim for it.",
            extra=_CONFIDENTIAL,
        ),
    ] = Organization()
    requesting_physician: Annotated[
        Physician, Meta(description="Who asked for the treatment.", extra=_CONFIDENTIAL)
    ] = Physician()
    recipients: Annotated[
        tuple[Recipient, ...], Meta(description="Whom the letter is sent to.", extra=_CONFIDENTIAL)
    ] = ()
    reviewers: Annotated[
        tuple[Reviewer, ...],
        Meta(description="The expert reviewers' credentials; never a name, which is confidential."),
    ] = ()
    documents: Annotated[
        tuple[Document, ...], Meta(description="The documents reviewed.", extra=_CONFIDENTIAL)
    ] = ()
    clinical_summary: Annotated[
        Narrative | None,
        Meta(
            description="The clinical case summary, in Markdown.",
            examples=["The injured worker is a 45-year-old female with a lumbar strain."],
        ),
    ] = None
    issues: Annotated[
        tuple[Issue, ...],
        Meta(description="The disputed items, and what was decided on each."),
    ] = ()

    def __copy__(self) -> "Case":
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        # A case that goes to another process still knows the lines of its file.
        return (*msgspec.Struct.__reduce__(self), dict(self.__dict__))

    @property
    def source(self) -> Source | None:
        """What the case was read from; `None` for a case that was made in Python."""
        return self.__dict__.get("source")


CORE = Model(Case)
"""The fields that every case may have."""


def case_schema(
    model: Model[Case] = CORE, *, ref_template: str = "#/$defs/{name}"
) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a case file, for editors that complete and check.

    Args:
        model: The fields of the cases; those of a pack are its `TemplatePack.model`.
        ref_template: Where references lead to the schema of a part, `{name}` for its name. The
            parts are in `$defs`; an OpenAPI document, which is in this dialect since its version
            3.1, has them elsewhere: `#/components/schemas/{name}`.

    Raises:
        ValueError: The template has no `{name}`.
    """
    if "{name}" not in ref_template:
        raise ValueError("`ref_template` holds {name}, for the name of a part")
    schema = {"$schema": {"type": "string", "description": "This schema."}}
    return model.json_schema("imrgen case file", schema, ref_template)
