"""From a case file to a case that has been validated, with all faults of the file at once."""

from collections.abc import Iterator

from imrgen.case.fields import Model
from imrgen.case.model import CORE, Amount, Case
from imrgen.case.source import Fault, Readable, Source, TextFormat, read, source_of
from imrgen.case.validation import decode, decode_draft
from imrgen.diagnostics import CaseError, Path, codes


def load_case(
    origin: Case | Readable | Source,
    model: Model[Case] = CORE,
    text_format: TextFormat | None = None,
) -> Case:
    """Read and validate a case.

    Args:
        origin: A path to a TOML or JSON file, its bytes, an open stream, a mapping, a source that
            was read already, or a case, which is validated again.
        model: The fields that the case may have.
        text_format: What a text must be; `None` for what its name says, or its beginning.

    Raises:
        CaseError: With every fault of the file.
        TypeError: The origin is something else.
    """
    source = _source(origin, text_format)
    if source.kind == "toml" and not source.is_refused and not source.data:
        hint = "`imrgen new case.toml` makes one to begin with"
        raise source.error(
            [Fault(codes.INVALID_TOML, "the file is empty", hints=(hint,))], CaseError
        )
    case = decode(source, model.type)
    faults = list(_relations(case))
    if faults:
        raise source.error(faults, CaseError)
    case.__dict__["source"] = source
    return case


def load_draft(
    origin: Case | Readable | Source, model: Model[Case] = CORE
) -> tuple[Case, CaseError | None]:
    """Read a case of which a part may be missing or at fault; that part is `None`, or empty.

    Args:
        origin: What `load_case` takes.
        model: The fields that the case may have.

    Returns:
        The case, and the error that `load_case` would raise, `None` for none.

    Raises:
        CaseError: The file cannot be read, or is not TOML or JSON.
    """
    source = _source(origin)
    case, error = decode_draft(source, model.type)
    faults = [] if error else list(_relations(case))
    case.__dict__["source"] = source
    return case, source.error(faults, CaseError) if faults else error


def _source(origin: Case | Readable | Source, text_format: TextFormat | None = None) -> Source:
    if isinstance(origin, Case):
        return origin.source or source_of(origin, CaseError)
    return origin if isinstance(origin, Source) else read(origin, text_format=text_format)


def _relations(case: Case) -> Iterator[Fault]:
    """Find contradictions between fields, each of which is valid by itself."""
    items = [issue.item for issue in case.issues]
    for number, issue in enumerate(case.issues):
        path: Path = ("issues", number)
        amounts = {name: getattr(issue, name) for name in ("requested", "authorized", "remaining")}
        present = [name for name, amount in amounts.items() if amount is not None]
        if present and len(present) < len(amounts):
            missing = next(name for name in amounts if name not in present)
            message = (
                "a modification gives requested, authorized and remaining together; "
                f"`{missing}` is missing"
            )
            hints = (f"add `{missing}`",)
            yield Fault(codes.CONTRADICTION, message, (*path, present[0]), hints, on="key")
        if _exceeds(issue.authorized, issue.requested):
            message = "more is authorized than was requested"
            hints = ("correct `requested` or `authorized`",)
            yield Fault(codes.CONTRADICTION, message, (*path, "authorized"), hints)
        if present and issue.ur_action in ("denied", "delayed"):
            message = (
                f"{', '.join(present)} belong to a modification, but `ur_action` is not `modified`"
            )
            hints = ('write ur_action = "modified"',)
            yield Fault(codes.CONTRADICTION, message, (*path, "ur_action"), hints)
        others = [item for other, item in enumerate(items) if other != number]
        if issue.depends_on is not None and issue.depends_on not in others:
            message = "names no other issue's item"
            hints = ("write the `item` of the issue it depends on, word for word",)
            yield Fault(codes.CONTRADICTION, message, (*path, "depends_on"), hints)


def _exceeds(amount: str | Amount | None, other: str | Amount | None) -> bool:
    return (
        isinstance(amount, Amount)
        and isinstance(other, Amount)
        and amount.unit.lower() == other.unit.lower()
        and amount.quantity > other.quantity
    )
