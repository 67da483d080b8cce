"""Checks that a rationale is about its item: the side of the body, and the kind of treatment."""

import re
from collections.abc import Iterator, Sequence

from imrgen.case import Issue
from imrgen.checks import Finding, Subject, check
from imrgen.checks.rules.medical.content import is_ancillary
from imrgen.checks.text import BODY, Pattern, drugs, lacks_drug, mentions, sentences
from imrgen.diagnostics import Path

_FACT = "Editorial: the facts of a letter agree with each other"


_SIDE = Pattern(
    r"(?<!dominant )\b(?:(?P<left>left|lt)|(?P<right>right|rt))\b"
    r"(?![ -]+(?:hand(?:ed)?[ -]+)?(?:is\s+)?(?:the\s+)?(?:handed|domina))",
    re.IGNORECASE,
    needs=(" left ", " lt ", " right ", " rt "),
)
_SIDE_WORDS = {"left": ("left", "lt"), "right": ("right", " rt")}
_BOTH = Pattern(r"\bbilat\w*|\bboth\b|\beach\b|\beither\b|\bb/l\b", re.IGNORECASE)
_LETTER = {
    "left": Pattern(r"\(L\)|\bL(?=\s+(?!spine\b)[a-z])"),
    "right": Pattern(r"\(R\)|\bR(?=\s+[a-z])"),
}
_COMPARED = Pattern(
    r"\bcontra-?\s?lateral|\bopposite|\bother\s+(?:side|extremity|one)\b|\buninjured|\bunaffected|"
    r"\bipsilateral",
    re.IGNORECASE,
)
_LOWER = Pattern(
    r"(?:knee|hip|ankle|f(?:oo|ee)t|leg|thigh|cal|heel|toe|groin|sacro|s\.?i|achilles|plantar|menisc|"
    r"l\d|s\d|lumbar|back|femur|tibia|fibula|patella)",
    re.IGNORECASE,
)
_PART = Pattern(rf"\b{BODY}\b", re.IGNORECASE)
# It is a side only next to a part of the body, unlike in “right to appeal” or “left work”.
_PART_OF_SIDE = Pattern(
    r"\.?[\s-]+(?:(?:sided?|lower|upper|distal|proximal|medial|lateral|anterior|posterior|index|"
    rf"middle|ring|small|little|great|big|total|partial)[\s-]+){{0,3}}({BODY})\b",
    re.IGNORECASE,
)


@check("IMR373", "The rationale is about the other side", "warning", _FACT)
def side_in_rationale(subject: Subject) -> Iterator[Finding]:
    """Compare the side of the body in the rationale with that of the item.

    What: The item says left or right (and not both). Its rationale, or the clinical summary, says
    neither that side nor “bilateral”, but the other side of the same part of the body; or a
    sentence of the rationale about the request (“the requested …”, “medically necessary”) does. The
    caret is placed there. “Right-handed” does not count, and nothing is reported where the text
    compares the sides, or where the summary's side is that of another item.

    Measured: 60 of 60 wrong sides in the sentence about the request were found. No finding on
    60 unchanged letters. Letters and mutations are invented (`make checks-report`).

    Why: A wrong side in a determination authorizes or denies treatment of the wrong limb.

    Fails:
        item = "MRI of the left knee"
        rationale = "The right knee locks … The requested MRI is medically necessary."

    Passes:
        rationale = "The left knee locks, and the right one does not …"
    """
    hints = ("correct the side here or in the `item`",)
    message = "only this side is mentioned here, but the item is for the other one"
    summary = subject.case.clinical_summary or ""
    items = " ".join(issue.item for issue in subject.case.issues)
    is_alone = len({side.lastgroup for side in _SIDE.finditer(items)}) == 1
    for number, issue in enumerate(subject.case.issues):
        own = _side(issue.item)
        other = "right" if own == "left" else "left"
        texts = ((issue.rationale or "").lower(), summary.lower())
        if own is None or not any(word in text for word in _SIDE_WORDS[other] for text in texts):
            continue
        parts = [(issue.rationale or "", 0)]
        parts += ((s.text, s.start) for s in sentences(issue.rationale or "") if _asks(s.text))
        sides = ((_other_side(issue, text), start) for text, start in parts)
        found = next(((side, start) for side, start in sides if side), None)
        if found:
            path: Path = ("issues", number, "rationale")
            yield Finding(path, message, hints, found[1] + found[0].start(), len(found[0][0]))
        elif is_alone and (side := _other_side(issue, summary)):
            yield Finding(("clinical_summary",), message, hints, side.start(), len(side[0]))
            return


_ASKS = Pattern(
    r"\b(?:request(?:ed)?|proposed|disputed|medically\s+necessary|medical\s+necessity)\b",
    re.IGNORECASE,
)
_EARLIER = Pattern(
    r"\b(?:prior|previous\w*|earlier|underwent|status\s+post|s/p|history|had|ago|(?:19|20)\d\d)\b",
    re.IGNORECASE,
)


def _asks(sentence: str) -> bool:
    """Return whether a sentence is about the request, and about nothing earlier."""
    return _ASKS.search(sentence) is not None and not _EARLIER.search(sentence)


def _side(item: str) -> str | None:
    """Return the one side of the body that an item names; `None` if it names none, or both."""
    own = {side.lastgroup or "" for side in _SIDE.finditer(item)}
    own |= {name for name, letter in _LETTER.items() if letter.search(item)}
    return own.pop() if len(own) == 1 and not _BOTH.search(item) else None


def _other_side(issue: Issue, rationale: str) -> re.Match[str] | None:
    """Find the other side of the item's part of the body in a text that lacks the item's side."""
    name = _side(issue.item)
    if name is None or _BOTH.search(rationale) or _COMPARED.search(rationale):
        return None
    sides = list(_SIDE.finditer(rationale))
    if any(side.lastgroup == name for side in sides) or _LETTER[name].search(rationale):
        return None
    parts = {
        _singular(part) for text in (issue.item, *issue.body_parts) for part in _PART.findall(text)
    }
    for side in sides:
        part = _PART_OF_SIDE.match(rationale, side.end())
        if part and _singular(part[1]) in parts:
            return side
    return None


def _singular(part: str) -> str:
    return (
        part.lower()
        .replace("feet", "foot")
        .replace("calves", "calf")
        .replace("extremities", "extremity")
        .rstrip("s")
    )


_MEDICATION = Pattern(
    r"\d\s*(?:mg|mcg|ml|g|gm|grams?|%)\b|%|#\s*\d|\b(?:tab|cap|cream|patch|ointment|gel|lotion|"
    r"drops)",
    re.IGNORECASE,
)
_OPERATION = Pattern(
    r"\b(?:surg\w+|arthroscop\w+|\w+(?:ectomy|plasty|desis|otomy)|fusion|repair|replacement|"
    r"release|decompression)\b",
    re.IGNORECASE,
)
_OF_MEDICATION = (
    r"(?:medications?|medicines?|drugs?|prescriptions?|compound\w*|topicals?|"
    r"creams?|analges\w+|supplements?)"
)
_OF_OPERATION = r"(?:surger\w+|surgical|procedures?|operat\w+|interventions?)"
_OF_SERVICE = (
    r"(?:services?|items?|tests?|testing|stud(?:y|ies)|imaging|diagnostics?|devices?|equipment|"
    r"units?|suppl\w+|therap\w+|modalit\w+|procedures?|interventions?|injections?|consult\w*|"
    r"referrals?|programs?|evaluations?|visits?|sessions?|treatments?|surger\w+)"
)


def _mention(nouns: str, article: str) -> Pattern:
    """Return a pattern for “the requested medication” and the like."""
    return Pattern(
        rf"\b(?:requested|this|these|such|said|proposed|disputed{article})\s+"
        rf"(?:[\w-]+\s+){{0,2}}?{nouns}\b",
        re.IGNORECASE,
    )


_MEDICATION_MENTION = _mention(_OF_MEDICATION, "|the|of|any")
_OPERATION_MENTION = _mention(_OF_OPERATION, "|the|of|any")
_SERVICE_MENTION = _mention(rf"(?:{_OF_SERVICE}|{_OF_MEDICATION})", "")


@check(
    "IMR374",
    "The rationale does not mention the item",
    "warning",
    "Editorial: a rationale states the reasons of the decision on its item",
)
def item_in_rationale(subject: Subject) -> Iterator[Finding]:
    """Look for the item in its rationale.

    What: The item's words are searched for by their beginnings, together with common names of the
    same treatment: brand and generic names, classes of drugs, abbreviations. Words of quantity and
    parts of the body do not count. Nothing is reported where the rationale says “the requested
    medication” (surgery, service …) or calls the item ancillary. It is also reported where the
    rationale finds another drug necessary or not and never names the item's. The summary is
    reported where it names neither the treatment nor the limb of any item.

    Measured: 51 of 60 rationales of another item were found; what is missed is of the same
    class of treatment. No finding on 60 unchanged letters. Letters and mutations are invented
    (`make checks-report`).

    Why: A rationale that never mentions what it decides was most often pasted from another issue.

    Fails:
        item = "Acupuncture, 6 visits" rationale = "The guideline asks for a red flag before
        imaging. … The requested MRI is not medically necessary."

    Passes:
        rationale = "… The requested acupuncture is medically necessary."
    """
    hints = ("name the item in the rationale, or move the rationale to its own issue",)
    for number, issue in enumerate(subject.case.issues):
        if not issue.rationale:
            continue
        if lacks_drug(issue.rationale, issue.item) and _asks_for_another(issue):
            message = "this rationale is about another drug than the item"
            yield Finding(("issues", number, "rationale"), message, hints)
            continue
        if mentions(issue.rationale, issue.item) is not False:
            continue
        if not _mentions_treatment(issue, issue.rationale) and not is_ancillary(issue):
            path = ("issues", number, "rationale")
            yield Finding(path, "this rationale does not mention the item", hints)
    summary = subject.case.clinical_summary
    if summary and _is_foreign(summary, subject.case.issues):
        message = "this summary mentions neither the treatment nor the limb of any item"
        yield Finding(("clinical_summary",), message, ("make sure that it is this case's",))


def _asks_for_another(issue: Issue) -> bool:
    """Return whether the sentences about the request name another drug than the item."""
    asking = " ".join(s.text for s in sentences(issue.rationale or "") if _asks(s.text))
    return bool(drugs(asking)) and not mentions(asking, issue.item)


def _is_foreign(summary: str, issues: Sequence[Issue]) -> bool:
    """Return whether a summary mentions neither the treatment nor the limb of any issue."""
    lower = summary.lower()
    words = [word for issue in issues for word in issue.item.lower().split() if len(word) > 3]
    if not words or any(word in lower for word in words):
        return False  # what is asked next takes ten times as long
    if any(mentions(summary, issue.item) is not False for issue in issues):
        return False
    limbs = _limbs(summary)
    own = [_limbs(" ".join((issue.item, *issue.body_parts))) for issue in issues]
    return bool(limbs) and all(each and not each & limbs for each in own)


def _limbs(text: str) -> set[bool]:
    """Return which halves of the body a text names: whether the lower one, for each part."""
    return {_LOWER.match(part) is not None for part in _PART.findall(text)}


def _mentions_treatment(issue: Issue, rationale: str) -> bool:
    if _MEDICATION.search(issue.item):
        return _MEDICATION_MENTION.search(rationale) is not None
    mention = _OPERATION_MENTION if _OPERATION.search(issue.item) else _SERVICE_MENTION
    return mention.search(rationale) is not None
