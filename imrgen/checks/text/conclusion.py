"""The conclusion of a rationale: the item is medically necessary, is not, or nothing clear.

The rationale is read from its end, clause by clause, since reviewers put their verdict last, before
a notice at most. A clause is not a verdict if it states what a guideline requires, what would
follow from a condition, what utilization review decided, or what was true of an earlier request. A
verdict in the words of the law (“medically necessary”, Labor Code 4610.6(a)) outweighs one in other
words (“not supported”), which is looked for in the closing sentences only. Nothing is concluded
where the clauses of a verdict disagree and it is unclear which of them is about the item.
"""

import re
from collections.abc import Iterator

import msgspec

from imrgen.checks.text.patterns import Pattern
from imrgen.checks.text.sentences import Sentence, sentences


class Conclusion(msgspec.Struct, frozen=True):
    """What a rationale concludes.

    Args:
        is_necessary: Whether the item is medically necessary.
        start: Where the concluding sentence begins in the rationale.
        length: Its length.
    """

    is_necessary: bool
    start: int
    length: int


class _Verdict(msgspec.Struct, frozen=True):
    is_necessary: bool
    clause: str
    is_aside: bool  # about an earlier request, as a reason, or in contrast


_NEC = r"nec+[ei]s+[ae]r(?:il)?y"
_MED = r"med(?:\w{2,6}l+y|\.)"
_ADJECTIVE = Pattern(
    rf"\b{_MED}[\s-]+(?:\w+\s+(?:and|or)\s+)?(?:un-?)?"
    rf"(?:{_NEC}|appropriate|reasonable|justified|warranted|indicated|supported|certified)\b"
    rf"|\b(?:un)?(?:reasonable|appropriate)\s*(?:and|or|nor|/|,)\s*(?:{_MED}\s+)?{_NEC}\b"
    rf"|\b{_NEC}\s*(?:and|or|nor|/|,)\s*(?:{_MED}\s+)?(?:reasonable|appropriate)\b"
)
_NOUN = Pattern(
    r"\bmedical(?:ly)?\s+(?:nec+[ei]s+it\w+|need)\b|\bnec+[ei]s+it(?:y|ies)\b|\bneed\s+(?:for|of)\b"
)
_STATE = Pattern(
    r"\b(?:establish|support|substantiat|demonstrat|prove|shown|show|met\b|meet|confirm|clear|"
    r"evident|document|justif|certif|found|find|apparent|satisf|exist|present|verif|affirm|validat|"
    r"appreciat|determin|made\b|agree|seen\b|have\b|has\b(?!\s+(?:not\s+)?been))\w*"
)
_ADVERSE_STATE = Pattern(
    r"\b(?:unclear|questionable|unproven|unsubstantiated|lack\w*|unsupported|undetermined|"
    r"unconfirmed|absent|in\s+(?:question|doubt))\b"
)
_GOOD = Pattern(
    rf"\b(?:{_NEC}|supported|supportable|indicated|warranted|appropriate|reasonable|justified|"
    r"substantiated|approved|authori[sz]ed|certified|certifiable|recommended|endorsed|consistent|"
    r"compliant|allowed|meets?|met|fulfil\w*|satisf(?:y|ies|ied)|within|established|"
    r"(?:an?\s+)?indications?|supports?|substantiates?|certify|certification|approval|approve|"
    r"authori[sz]e|overturn|(?:basis|need|justification)\s+(?:to|for)|required|"
    r"in\s+accord(?:ance)?|in\s+keeping)\b"
)
_BAD = Pattern(
    rf"\b(?:un{_NEC}|unsupported|contraindicated|unwarranted|inappropriate|unreasonable|"
    r"unjustified|unsubstantiated|non-?\s?certif\w*|denied|deny|uphold|excessive|exceeds?|"
    r"in\s+excess|inconsistent|outside|premature|insufficient|inadequate)\b"
)
_NEGATOR = Pattern(
    r"\b(?:not|cannot|can't|isn't|aren't|wasn't|weren't|doesn't|don't|didn't|won't|wouldn't|"
    r"couldn't|hasn't|haven't|no|none|neither|never|without|lack(?:s|ed|ing)?|fail(?:s|ed|ing)?|"
    r"insufficient\w*|inadequate|absent|absence|unable|unlikely|nothing|short\s+of|far\s+from)\b"
)
_NO_NEGATOR = Pattern(
    r"\bnot\s+only\b|\b(?:with\s+(?:and|or)\s+)?without\s+(?:\w+\s+)?(?:contrast|dye|sedation|"
    r"gadolinium)\b|\bno\s+(?:longer\s+)?(?:doubt|contraindications?|red\s+flags?)\b|"
    r"\bwhether\s+or\s+not\b|\bif\s+not\b"
)
_DOUBLE = Pattern(
    r"\b(?:cannot|can't|could\s+not)\s+be\s+(?:said|concluded|argued|maintained|held)\s+that\b|"
    r"\bnot\s+un\w+|\bnothing\s+(?:\w+\s+){0,3}?(?:suggests?|indicates?|shows?)\b|\b(?:no|"
    r"little)\s+(?:reason|basis|evidence|grounds?)\s+(?:to\s+(?:believe|find|conclude|say|hold)|"
    r"for\s+saying)\b"
)
_CONDITION = Pattern(
    r"\b(?:if|whether|unless|until|when|once|provided\s+that|in\s+order|what\s+is|"
    r"(?:^|\bin\s+order|\bneeds?|\bha(?:s|ve)|\brequired|\bfor\s+(?:\w+\s+){1,6}?)\s*to\s+be"
    r"(?:\s+considered)?|(?:only|deemed)\s+(?:if|when)|(?:may|might|could|can|"
    r"must)\s+be(?:\s+considered)?|as\s+being|as)\s+(?:\w+\s+)?$|\b(?:if|whether|unless|until|"
    r"in\s+order\s+for|to\s+(?:determine|establish|assess|support|document|demonstrate|justify|"
    r"confirm|evaluate|address|know|say))\b"
)
_DENIED_QUESTION = Pattern(
    r"\b(?:unable|not\s+possible|impossible|insufficient\w*|cannot)\b.*\bto\s+\w+\b|\bcannot\b"
)
_GUIDELINE = Pattern(
    # What \W takes stays taken (`*+`): the words behind it may begin with the same characters.
    r"^(?:\W*+(?:the|per|that|these|those|both|ca|california|current|they|"
    r"it)\b)*\W*+(?:[\w’'(),/&.-]+\s+){0,9}?"
    r"(?:mtus|odg|acoem|guidelines?|guidance|fda|literature|they|it|"
    r"criteria)\b(?:\s+\([^)]*\))?(?:[\s,]+[\w-]+){0,6}?\s+"
    r"(?:state[sd]?|notes?|noted|recommends?|indicates?|advises?|says?|provides?|suggests?|"
    r"specif(?:y|ies)|requires?|allows?|defines?|describes?|lists?|considers?|"
    r"do(?:es)?\s+not\s+recommend|go(?:es)?\s+on)\b"
)
_THIS = Pattern(
    r"\b(?:this|these|the)\s+(?:[\w/-]+\s+){0,5}?(?:requests?|items?|treatments?|services?|"
    r"medications?|procedures?|surger(?:y|ies)|therapy|prescriptions?|studies|study|consultations?|"
    r"visits?|injections?|devices?|units?)\b|\b(?:present|current|currently|requested|proposed|"
    r"disputed)\b|^\W*(?:therefore|thus|hence|as\s+such|accordingly)\b"
)
_UR = Pattern(
    r"\b(?:utili[sz]ation\s+review(?:er)?|ur|claims?\s+administrator|adjuster|carrier|"
    r"peer\s+review(?:er)?|insurer|(?:prior|previous|initial|first)\s+review(?:er)?)\b"
)
_UR_OUTCOME = Pattern(
    r"\b(?:(?:utili[sz]ation\s+review|ur|claims?\s+administrator|"
    r"reviewer)(?:'s)?\s+(?:\w+\s+){0,2}?(?:decision|determination|denial|non-?\s?certification|"
    r"modification)s?|(?:the|prior|original|adverse|initial|previous)\s+(?:\w+\s+)?(?:denial|"
    r"non-?\s?certification|adverse\s+determination|determination))\b(?P<rest>.*)|"
    r"\b(?P<concur>(?:dis)?agree|concur)s?\s+with\s+(?:the\s+)?(?:\w+\s+){0,2}(?:utili[sz]ation\s+r"
    r"eview|ur\b|denial|non-?\s?certification)|\b(?P<to>uphold|affirm|overturn|"
    r"reverse)\s+the\s+(?:\w+\s+){0,3}(?:decision|determination|denial|non-?\s?certification)"
)
_UPHELD = Pattern(
    r"\b(?:upheld|affirmed|appropriate|supported|reasonable|correct|justified|proper|stands?|"
    r"sustained)\b"
)
_OVERTURNED = Pattern(r"\b(?:overturned|reversed|set\s+aside|in\s+error|incorrect|inappropriate)\b")
_EARLIER = Pattern(
    r"\b(?:prior|previous(?:ly)?|earlier|past|had\s+been|last\s+year|in\s+(?:19|20)\d\d|"
    r"(?:the\s+)?first\s+(?:\w+\s+)?"
    r"(?:was|were)|initially|formerly)\b"
)
_NOTICE = Pattern(
    r"\babrupt|\bwean|\btaper|\bpreclude|\bwithdrawal\b|\bof\s+note\b|\bdiscontinuation\s+of|"
    r"\bmust\s+not\s+be\s+read|\bdoes\s+not\s+mean\b|\bsubmit|\bin\s+(?:the\s+)?future\b|"
    r"\bshould\s+not\s+be\s+(?:construed|read|taken|stopped)"
)
_ASIDE = Pattern(
    r"^\W*(?:(?:al)?though|while|whereas|even\s+(?:though|if)|despite|in\s+spite|notwithstanding|"
    r"since|because|as(?!\s+such)|given|if|when|unless|were|in\s+the\s+(?:event|absence)|had)\b"
)
_CLAUSE = Pattern(
    r"[;()]|\s[–—-]{1,2}\s|,\s*(?=(?:but|however|yet|so|therefore|thus|hence|which|(?:al)?though|"
    r"while|whereas|because|since|as|nor|none|the|this|these|it|its|they|medical|"
    r"and\s+(?:\w+\s+){1,8}?(?:is|are|does|do|has|have|was|were))\b)|\s+(?=(?:but|although|whereas|"
    r"because|even\s+though|while\s+the)\b)"
)
_ELLIPSIS = Pattern(
    r"^\W*(?:(?:and|but|while|whereas|yet)\s+)?(?:the|this|that|these|it|an?)\b.{0,60}?\b(?:is|are|"
    r"was|were|do|does)"
    r"(?P<no>\s+not)?\W*$"
)
_BARE = Pattern(rf"\b(?:not\s+)?(?:{_NEC}|{_MED})\b")
_PROVISO = Pattern(r"\W*(?:only\s+)?(?:if|when|provided|unless|where|for\s+(?:patients|those))\b")
_QUOTED = Pattern(r"[\"“][^\"“”]{25,}?[\"”]")
_ITEM_WORD = Pattern(r"\b(?!(?:the|and|for|with|without|per|left|right|bilateral)\b)[a-z]{3,}")
_ATTRIBUTED = Pattern(
    r"\b(?:utili[sz]ation\s+review(?:er)?|ur|claims?\s+administrator|adjuster|insurer|reviewer|"
    r"(?:treating\s+)?(?:physician|doctor|provider))(?:'s)?\s+(?:\w+\s+){0,3}?(?:held|found|finds|"
    r"determined|stated|states|opined|opines|noted|notes|said|says|argued|argues|felt|feels|deemed|"
    r"believes|denied|non-?certified|concluded|reported|writes|wrote)\b"
)
_PARTLY = Pattern(r"\b(?:partial(?:ly)?|partly|in\s+part)\b")
_NOT_UN = Pattern(r"\bnot\s+un(?=reasonable|warranted|necessary|supported|justified)")


def conclude(text: str, item: str = "") -> Conclusion | None:
    """Read what a rationale concludes.

    Args:
        text: The rationale.
        item: The disputed item, to recognize it among several things.

    Returns:
        The conclusion, or `None` if there is no clear one.
    """
    every = list(sentences(text))
    words = frozenset(_ITEM_WORD.findall(item.lower()))
    ellipsis: Conclusion | None = None
    for sentence in reversed(every):
        plain = _plain(sentence)
        verdicts = list(_in_legal_terms(plain))
        if verdicts:
            # “The first was medically necessary. The second is not.”
            return ellipsis or _conclusion(sentence, _agreement(verdicts, words))
        match = _ELLIPSIS.match(plain)
        ellipsis = ellipsis or (_conclusion(sentence, not match["no"]) if match else None)
    closing = [sentence for sentence in every if not _NOTICE.search(_plain(sentence))][-2:]
    for sentence in reversed(closing):
        verdicts = list(_in_other_words(_plain(sentence), words, sentence is closing[-1]))
        direct = [verdict for verdict in verdicts if not verdict.is_aside]
        if conclusion := _conclusion(sentence, _agreement(direct, words)):
            return conclusion
    return None


def _conclusion(sentence: Sentence, is_necessary: bool | None) -> Conclusion | None:
    if is_necessary is None:
        return None
    return Conclusion(is_necessary, sentence.start, len(sentence.text))


def _plain(sentence: Sentence) -> str:
    """Return a sentence in lower case without quotations, emphasis and line ends."""
    text = sentence.text.lower().replace("’", "'").replace("*", "").replace("_", "")
    return _NOT_UN.sub("", " ".join(_QUOTED.sub(" ", text).split()))


def _agreement(verdicts: list[_Verdict], item: frozenset[str]) -> bool | None:
    """Return what verdicts agree on: direct ones first, then those that name the item."""
    direct = [verdict for verdict in verdicts if not verdict.is_aside]
    naming = [each for each in direct if item & set(_ITEM_WORD.findall(each.clause))]
    for group in (direct, naming, verdicts):
        if len({verdict.is_necessary for verdict in group}) == 1:
            return group[0].is_necessary
    return None


def _in_legal_terms(sentence: str) -> Iterator[_Verdict]:
    """Find the clauses that state a verdict in the words of the law."""
    if _ATTRIBUTED.search(sentence) or (_GUIDELINE.match(sentence) and not _THIS.search(sentence)):
        return
    is_bare = _BARE.search(sentence) is not None
    has_verdict = False
    for clause in _clauses(sentence):
        is_necessary = _adjective(clause)
        if is_necessary is None:
            is_necessary = _noun(clause)
        if is_necessary is None and (has_verdict or is_bare):
            ellipsis = _ELLIPSIS.match(clause)
            is_necessary = not ellipsis["no"] if ellipsis else None
        if is_necessary is not None:
            has_verdict = True
            yield _Verdict(is_necessary, clause, _is_aside(clause))


def _clauses(sentence: str) -> list[str]:
    return [clause.strip() for clause in _CLAUSE.split(sentence) if clause and clause.strip()]


def _is_aside(clause: str) -> bool:
    return bool(_ASIDE.match(clause) or _EARLIER.search(clause) or _UR.search(clause))


def _adjective(clause: str) -> bool | None:
    """Read “is medically necessary” and the like; `None` if the clause states no verdict."""
    matches = list(_ADJECTIVE.finditer(clause))
    if not matches:
        return None
    match = matches[-1]
    before, after = clause[: match.start()], clause[match.end() :]
    refused_so_far = re.search(r"\b(?:until|unless)\b.*\bnot\s+(?:\w+\s+)?$", before)
    if _CONDITION.search(before) and not _DENIED_QUESTION.search(before) and not refused_so_far:
        return None
    is_hypothetical = re.search(r"\bwould\b", before) and re.search(r"\bif\b|\bwere\b", clause)
    if _PARTLY.search(before) or is_hypothetical:
        return None
    if _PROVISO.match(clause, match.end()) and not _is_negated(before):
        return None
    is_negated = _is_negated(before) or bool(re.match(r"\s+(?:is|has|have|was)\s+not\b", after))
    is_adverse = bool(re.search(r"\bun-?(?:nec|reason|warr)", match[0]))
    return is_negated == is_adverse


def _noun(clause: str) -> bool | None:
    """Read “medical necessity is not established”, “lacks medical necessity” and the like."""
    match = _NOUN.search(clause)
    if match is None:
        return None
    before, after = clause[: match.start()], clause[match.end() :]
    if re.search(r"\b(?:if|whether|unless|until|should)\b", before):
        return False if re.search(r"\bunable|cannot|unclear|not\s+clear", before) else None
    if re.search(r"\bto\s+(?:\w+\s+)?$", before) and not _is_negated(before):
        return None
    if _ADVERSE_STATE.search(after) or re.search(
        r"\b(?:lack\w*|no|without|unclear)\s+(?:\w+\s+)?$", before
    ):
        return False
    if not (_STATE.search(after) or _STATE.search(before)):
        return None
    return not _is_negated(clause)


def _is_negated(text: str) -> bool:
    negators = len(_NEGATOR.findall(_NO_NEGATOR.sub(" ", text)))
    is_double = negators > 1 and _DOUBLE.search(text)
    return negators > 0 and not is_double and not re.search(r"\bnot\s+un\w+\s*$", text)


def _in_other_words(sentence: str, item: frozenset[str], is_last: bool) -> Iterator[_Verdict]:
    """Find the clauses that state a verdict on this request in other words."""
    outcome = _UR_OUTCOME.search(sentence)
    is_upheld = _is_upheld(outcome) if outcome else None
    if is_upheld is not None:
        yield _Verdict(not is_upheld, sentence, is_aside=False)
        return
    is_about_this = _THIS.search(sentence)
    if not is_about_this and _GUIDELINE.match(sentence):
        return
    if not (is_about_this or is_last or item & set(_ITEM_WORD.findall(sentence))):
        return
    for clause in _clauses(sentence):
        good = [match for match in _GOOD.finditer(clause) if not _is_conditional(clause, match)]
        bad = _BAD.search(clause)
        if good:
            is_necessary = not _is_negated(clause[: good[-1].end()]) and not bad
            yield _Verdict(is_necessary, clause, _is_aside(clause))
        elif bad:
            yield _Verdict(_is_negated(clause[: bad.start()]), clause, _is_aside(clause))


def _is_conditional(clause: str, match: re.Match[str]) -> bool:
    before = clause[: match.start()]
    return bool(
        _CONDITION.search(before) or _PARTLY.search(before) or _PROVISO.match(clause, match.end())
    )


def _is_upheld(outcome: re.Match[str]) -> bool | None:
    if outcome["concur"]:
        return not outcome["concur"].startswith("dis")
    if outcome["to"]:
        return outcome["to"] in ("uphold", "affirm")
    rest = outcome["rest"] or ""
    if _OVERTURNED.search(rest):
        return _is_negated(rest)
    if _UPHELD.search(rest):
        return not _is_negated(rest)
    return None
