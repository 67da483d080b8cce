"""Addresses: postal ones, telephone numbers, and those on the internet."""

from collections.abc import Iterable

from imrgen.checks import Finding, Subject, check
from imrgen.checks.rules.confidentiality.published import SAFE_HARBOR, published_findings
from imrgen.checks.text import identifiers


@check("IMR383", "A postal address", "warning", f"{SAFE_HARBOR}, (B): addresses")
def postal_address(subject: Subject) -> Iterable[Finding]:
    """Report postal addresses.

    What: A house number with a street or a highway (also Spanish ones, and in small letters after
    “lives at” and the like), a post office box, a state with a ZIP code, or ZIP+4.

    Measured: 60 of 60 addresses in the forms above were found. No finding on 60 unchanged
    letters. Letters and mutations are invented (`make checks-report`).

    Why: An address reveals who lives or works there.

    Fails:
        clinical_summary = "She lives at 12 Harbor Street …"

    Passes:
        clinical_summary = "She lives alone, up a flight of stairs …"
    """
    return published_findings(
        subject,
        identifiers.postal_addresses,
        "this looks like a postal address",
        "remove the address",
    )


@check(
    "IMR384",
    "A telephone number",
    "warning",
    f"{SAFE_HARBOR}, (D) and (E): telephone and fax numbers",
)
def telephone_number(subject: Subject) -> Iterable[Finding]:
    """Report telephone and fax numbers.

    What: Ten digits as in North America, grouped by signs or spaces or not at all, and seven or
    more after “phone”, “fax”, “called at” and the like.

    Measured: 60 of 60 telephone numbers in the forms above were found. No finding on 60
    unchanged letters. Letters and mutations are invented (`make checks-report`).

    Why: A number reveals who answers it.

    Fails:
        rationale = "The pharmacy (916-555-0123) confirmed …"

    Passes:
        rationale = "The pharmacy confirmed …"
    """
    return published_findings(
        subject,
        identifiers.phone_numbers,
        "this looks like a telephone or fax number",
        "remove the number",
    )


@check(
    "IMR385",
    "An e-mail address or a personal page",
    "warning",
    f"{SAFE_HARBOR}, (F) and (N): e-mail addresses, URLs",
)
def internet_address(subject: Subject) -> Iterable[Finding]:
    """Report e-mail addresses, and the pages of a person or a practice.

    What: E-mail addresses other than those of agencies, also as “jane at gmail dot com”; profiles,
    blogs, sites of a physician or a law firm. The addresses of guidelines, journals, agencies and
    schools are fine.

    Measured: 60 of 60 mail addresses in the forms above were found. No finding on 60 unchanged
    letters. Letters and mutations are invented (`make checks-report`).

    Why: They are names in another form.

    Fails:
        rationale = "Her message from jane@example.com says …"

    Passes:
        rationale = "… (www.dir.ca.gov)."
    """
    return published_findings(
        subject,
        identifiers.internet_addresses,
        "this looks like a personal address on the internet",
        "remove the address",
    )
