"""Where a fault of a document comes from: the template's line, the fields of the case."""

from __future__ import annotations

from collections.abc import Iterable

from imrgen.case import Case
from imrgen.compose import Composer
from imrgen.diagnostics import CaseError, Diagnostic, PackError
from imrgen.document import ConformanceFault


def located(
    faults: Iterable[ConformanceFault], composer: Composer, case: Case
) -> CaseError | PackError:
    """Return the error for what keeps a document from being a letter.

    Args:
        faults: What is at fault.
        composer: What made the document.
        case: The case that it was made of.

    Returns:
        A `CaseError` where every fault stands in words of the case, else a `PackError`.

    Raises:
        CaseError: A narrative cannot be shown in full.
        PackError: A template fails, or makes another letter each time.
    """
    origins = composer.trace(case)
    found, from_case = [], True
    for fault in faults:
        origin = None if fault.element is None else origins.at_element(fault.element)
        if fault.at is not None and fault.at < len(origins.offsets):
            origin = origins.at_character(fault.at)
        from_case = from_case and origin is not None and bool(origin.paths)
        if origin is None:
            message = f"pack `{composer.pack.name}`: {fault.message}"
            found.append(Diagnostic(fault.code, message, hints=(fault.hint,)))
        else:
            found.append(origins.diagnose(fault.code, fault.message, origin, hints=(fault.hint,)))
    return CaseError(found) if from_case else PackError(found)
