"""The conclusion of a rationale: the item is medically necessary, is not, or nothing clear.

A sentence is split into clauses. A clause is a reason or a concession (“given the lack of relief”),
a condition, an attribution (“the surgeon states that”), or says something itself; what negates the
verdict is looked for in the verdict's own clause only. Sentences are read from the end, since
reviewers put their verdict last, before a notice at most. A verdict in the words of the law
(“medically necessary”, Labor Code 4610.6(a)) outweighs one in other words (“not supported”), which
must be about the item. Whatever makes a verdict less than plain is its doubt.
"""

import functools
import re
from collections.abc import Iterator

import msgspec

from imrgen.checks.text.patterns import Pattern
from imrgen.checks.text.sentences import Sentence, sentences
from imrgen.checks.text.treatments import BODY, mentions


class Conclusion(msgspec.Struct, frozen=True):
    """What a rationale concludes.

    Args:
        is_necessary: Whether the item is medically necessary.
        start: Where the concluding sentence begins in the rationale.
        length: Its length.
        doubt: What makes the verdict less than plain, in fixed words; empty if nothing does.
    """

    is_necessary: bool
    start: int
    length: int
    doubt: str = ""


class _Clause(msgspec.Struct, frozen=True):
    text: str
    context: str  # what the clauses before it say: the subject may be there
    is_aside: bool  # a reason or a concession
    is_conditional: bool
    doubt: str

    def before(self, at: int) -> str:
        """Return what stands before a verdict in its clause, back to the subject."""
        own = self.text[:at]
        is_complete = any(pattern.match(own) for pattern in _COMPLETE)
        return own if is_complete else f"{self.context} {own}".lstrip()


class _Verdict(msgspec.Struct, frozen=True):
    is_necessary: bool
    clause: str
    doubt: str = ""
    is_aside: bool = False  # about an earlier request, as a reason, or in contrast


_NEC = r"nec+[ei]s+[ae]r(?:il)?y"
_MED = r"med(?:\w{2,6}l+y|\.)"
_ADJECTIVES = (
    Pattern(
        rf"\b{_MED}[\s-]+(?:\w+\s+(?:and|or)\s+)?(?:un-?)?"
        rf"(?:{_NEC}|appropriate|reasonable|justified|warranted|indicated|supported|certified)\b"
    ),
    Pattern(
        rf"\b(?:un)?(?:reasonable|appropriate)\s*(?:and|or|nor|/|,)\s*(?:{_MED}\s+)?{_NEC}\b"
        rf"|\b{_NEC}\s*(?:and|or|nor|/|,)\s*(?:{_MED}\s+)?(?:reasonable|appropriate)\b"
        r"|\b(?:un)?(?:likely|proven|shown|expected)\s+to\s+be\s+(?:\w+\s+)?more\s+(?:beneficial|"
        r"effective)\b",
        needs=("reasonable", "appropriate", "beneficial", "effective"),
    ),
)
_NOUN = Pattern(
    r"\bmedical(?:ly)?\s+(?:nec+[ei]s*sit\w+|need)\b|\bnec+[ei]s*sit(?:y|ies)\b|"
    r"\bneed\s+(?:for|of)\b",
    needs=("sit", "need"),
)
_SHOWN = (
    r"(?:establish|support|substantiat|demonstrat|prove|show|meet|met\b|confirm|document|justif|"
    r"certif|found|find|satisf|verif|affirm|validat|appreciat|agree|indicat|identif|recogni|pass|"
    r"rise|"
    r"amount|qualif|fail)\w*(?<!ing)(?<!ation)"
)
_IS = (
    r"(?:(?:is|are|was|were|has|have|had|do|does|did|ca|could|would|should|wo)(?:n't)?|can|cannot|"
    r"may|might|must|will|remains?|seems?|appears?|it's|they're)"
)
_FINITE = Pattern(rf"\b{_IS}\b")
_STATE = Pattern(
    rf"\b{_IS}\b.{{0,80}}?\b(?:{_SHOWN}|clear|evident|apparent|present|determined|made|seen|given|"
    r"exists?|there)\b|^\W*(?:exists?|(?:not\s+)?(?:established|shown|met))\b"
)
_ADVERSE_STATE = Pattern(
    r"\b(?:unclear|questionable|unproven|unsubstantiated|lack\w*|unsupported|undetermined|"
    r"unconfirmed|absent|in\s+(?:question|doubt)|missing)\b"
)
_SHOWS = Pattern(
    rf"\b(?:{_SHOWN}|there\s+(?:is|was|are|remains?|exists?)|exists?|ha[sd]|have|possess\w*|"
    rf"{_IS}\s+(?:\w+\s+)?(?:an?|of))\s+(?:[\w,'-]+\s+){{0,4}}?$"
)
_NEGATOR = Pattern(
    r"\b(?:not|cannot|(?:ca|is|are|was|were|does|do|did|wo|would|could|has|have|should)n't|no|none|"
    r"neither|nor|never|without|lack(?:s|ed|ing)?|fail(?:s|ed|ing|ure)?|insufficient\w*|unclear|"
    r"inadequate|absent|absence|unable|unlikely|nothing|nobody|nowhere|hardly|short\s+of|"
    r"far\s+from|"
    r"impossible)\b"
)
_NO_NEGATOR = Pattern(
    r"(?:\bnot|n't)\s+(?:only|merely|just|simply)\b|\bwithout\s+(?:\w+\s+)?(?:contrast|dye|"
    r"sedation|gadolinium)\b|\bno\s+(?:longer\s+)?(?:doubt|contraindications?|red\s+flags?)\b|"
    r"\bwhether\s+or\s+not\b|\bif\s+not\b",
    needs=(
        *("only", "merely", "just", "simply", "contrast", "dye", "sedation", "gadolinium"),
        *("doubt", "contraindication", "flag", "whether", "if not"),
    ),
)
_NOT_UN = Pattern(
    r"\bnot\s+un(?=reasonable|warranted|necessary|supported|justified)", needs=("not un",)
)
_PARENTHESIS = Pattern(
    r",\s(?:[a-z]+ly|therefore|however|thus|hence|then|either|too|though|as\s(?:such|requested|"
    r"written)|at\sthis\stime|in\s(?:turn|fact|sum))(?:,|(?=\W*$))"
)
_DOUBLE = Pattern(
    r"\b(?:cannot|can't|could\s+not|do(?:es)?\s+not|don't)\s+(?:be\s+(?:said|concluded|argued|"
    r"maintained|held)|agree|believe|find)\s+that\b|\bdisagree|\bnot\s+un\w+|\bnothing\s+(?:\w+\s+){0,3}?"
    r"(?:suggests?|indicates?|shows?)\b|\b(?:no|little)\s+(?:reason|basis|evidence|grounds?)\s+"
    r"(?:to\s+(?:believe|find|conclude|say|hold)|for\s+saying)\b"
)
_ASKS = Pattern(  # what is asked for, asked about or possible, right before a verdict
    r"\b(?:what\s+is|(?:may|might|could|can|must)\s+be(?:\s+considered)?|"
    r"(?:^|in\s+order|needs?|ha(?:s|ve)|required|for\s+(?:\w+\s+){1,6}?)\s*to\s+be"
    r"(?:\s+considered)?|when|once|as(?:\s+being)?)\s+(?:\w+\s+)?$|"
    r"\b(?:if|whether|unless|until|why|how|in\s+order\s+for|to\s+(?:determine|assess|evaluate|"
    r"address|know|say))\b",
    needs=(
        *("what", " be", "to be", " when ", " once ", " as", " if ", "whether", "unless"),
        *("until", " why ", " how ", "order", " to "),
    ),
)
_SEEN_AS = Pattern(
    r"\b(?:seen|viewed|regarded|considered|deemed|accepted|classified|certified|approved|judged|"
    r"recognized|qualif\w+|request)\s+as\b",
    needs=(" as ",),
)
_PURPOSE = Pattern(rf"\bto\s+(?:{_SHOWN}|assess|decide)\s+(?:[\w-]+\s+){{0,4}}?$")
_FRAGMENT = Pattern(rf"\W*(?:not\W*)?(?:(?:a|the)\W*)?(?:\Z|{_MED}|{_NEC}|medical\s+nec)")
_PARTLY = Pattern(
    r"\bpartial\s+(?:medical|certif|approv|authori|necess)|\b(?:partially|partly|in\s+part)\b",
    needs=("part",),
)
_PROVISO = Pattern(
    r"\W*(?:only\s+)?(?:if|when|provided|unless|where|for\s+(?:patients|those))\b",
    needs=("if", "when", "provided", "unless", "where", "for "),
)
_GUIDELINE = Pattern(
    # What \W takes stays taken (`*+`): the words behind it may begin with the same characters.
    r"\W*+(?:[\w’'(),/&.-]+\s+){0,9}?(?:mtus|odg|acoem|guidelines?|guidance|fda|literature|they|it|"
    r"criteria)\b(?:\s+\([^)]*\))?(?:[\s,]+[\w-]+){0,6}?\s+(?:state[sd]?|note[sd]?|recommends?|"
    r"indicates?|advises?|says?|provides?|suggests?|specif(?:y|ies)|requires?|allows?|defines?|"
    r"describes?|lists?|considers?|do(?:es)?\s+not\s+recommend|go(?:es)?\s+on)\b",
    needs=(
        *("state", "note", "recommend", "indicate", "advise", "say", "provide", "suggest"),
        *("specif", "require", "allow", "define", "describe", "list", "consider", "go"),
    ),
)
_THIS = Pattern(
    r"\b(?:this|these|the)\s+(?:[\w/-]+\s+){0,5}?(?:requests?|items?|treatments?|services?|"
    r"medications?|procedures?|surger(?:y|ies)|therapy|prescriptions?|studies|study|consultations?|"
    r"visits?|injections?|devices?|units?)\b|\b(?:present|current|currently|requested|proposed|"
    r"disputed)\b|^\W*(?:therefore|thus|hence|as\s+such|accordingly)\b"
)
_UR = r"utili[sz]ation\s+review(?:er)?|ur|claims?\s+administrator|adjuster|carrier|insurer|plan"
_EARLIER = Pattern(
    rf"\b(?:{_UR}|prior|previous(?:ly)?|earlier|past|had\s+been|last\s+year|in\s+(?:19|20)\d\d|"
    r"peer\s+review(?:er)?|(?:the\s+)?first\s+(?:\w+\s+)?(?:was|were|review(?:er)?)|initially|"
    r"initial\s+review(?:er)?|formerly|called|would)\b",
    needs=(
        *("utili", " ur ", "claim", "adjuster", "carrier", "insurer", " plan ", "prior"),
        *("previous", "earlier", " past ", " had been ", " last year ", " in 19", " in 20"),
        *(" peer ", "first "),
        *("initial", "formerly", "called", "would"),
    ),
)
_PERSON = (
    rf"(?:{_UR}|(?:peer|prior|previous|initial|first)\s+review(?:er)?|(?:physician|doctor|provider|"
    r"surgeon|chiropractor|therapist|specialist|psychologist|attorney|patient|worker|claimant|"
    r"applicant|appeal|letter|report|notes?)(?!\s+review))"
)
_SAYS = Pattern(
    rf"\b{_PERSON}(?:'s)?\s+(?:(?!is\b|was\b|are\b|were\b|been\b)\w+\s+){{0,3}}?(?:(?:state|opine|"
    r"note|argue|feel|deem|believe|report|assert|maintain|claim|insist|contend|consider|ask|call|"
    r"conclude|determine)(?:s|d|ed)?|held|found|finds|said|says|felt|writes|wrote|denied|"
    r"non-?certified|position|argument|contention|assertion)\b",
    needs=(
        *("state", "opine", "note", "argue", "feel", "deem", "believe", "report", "assert"),
        *("maintain", "claim", "insist", "contend", "consider", "ask", "call", "conclude"),
        *("determine", "held", "found", "find", "said", "say", "felt", "write", "wrote"),
        *("denied", "certified", "position", "argument", "contention"),
    ),
)
_ACCORDING = Pattern(
    r"\b(?:according\s+to|in\s+the\s+(?:opinion|view|words)\s+of)\s+(?:(?:the|his|her|an?)\s+)?"
    rf"(?:\w+\s+)?{_PERSON}\b",
    needs=("according", "opinion", "view", "words"),
)
_OWN = Pattern(r"^\W*(?:but|however|yet|still|nevertheless|nonetheless|though)\b")
_ASIDE = Pattern(
    r"^\W*(?:and\s+)?\b(?:(?:al)?though|while|whereas|even\s+(?:though|if|when)|since|because|"
    r"as(?!\s+(?:such|a\s+result|of)\b)|given\s+that|granted\s+that|inasmuch|when|once|after|"
    r"before|until|had|which|who)\b",
    needs=(
        *("though", " while ", " whereas ", " even ", " since ", " because ", " as "),
        *(" given ", " granted ", " inasmuch ", " when ", " once ", " after ", " before "),
        *(" until ", " had ", " which ", " who "),
    ),
)
_CONDITION = Pattern(
    r"^\W*(?:and\s+)?\b(?:if|unless|were|should|provided|assuming|"
    r"in\s+(?:the\s+event|case)\s+(?!of)(?:that\s+)?(?:it|the|he|she|they))\b",
    needs=(
        *(
            " if ",
            " unless ",
            " were ",
            " should ",
            " provided ",
            " assuming ",
            " event ",
            " case ",
        ),
    ),
)
_REASON = Pattern(  # these take a noun: a verb behind them is that of the main clause
    r"^\W*(?:and\s+)?(?:given|due|despite|in\s+(?:spite|view|light|consideration|the\s+absence)|"
    r"with|without|for(?!\s+(?:these|this|those)\b)|owing|considering|because\s+of|after|absent|"
    r"notwithstanding|lacking)\b|\b(?:who|whose|which)\b"
)
_FIRM = Pattern(r";\s|(?<!necessity):\s")
_BORDER = Pattern(
    r",(?!\d)|\s[–—-]{1,2}\s|\s(?=(?:but|yet|although|whereas|because(?!\sof)|even\s(?:though|if)|"
    r"while\sthe|so|and\s(?:therefore|thus|hence|so|the|this|these|it|medical|i|we))\s)"
)
_LEAD = (
    r"and|or|but|so|then|therefore|thus|hence|yet|also|consequently|accordingly|however|[a-z]+ly"
)
_RELATIVE = Pattern(r"\b(?:as|which|that|who|when|where|because|since|although)\b")
_OBJECT = Pattern(  # what is spoken of, right before a noun
    r"\b(?:address\w*|concern\w*|regard\w*|consider\w*|discuss\w*|speak\w*|limited|relat\w+|"
    r"pertain\w*|about|questions?|issue|judg\w+|review\w*|decid\w+|deal\w*|do|scope|only|refers?|"
    r"weigh\w*|bear\w*|matter)\s+(?:[\w'-]+\s+){0,4}?$"
)
_ELLIPSIS = Pattern(
    rf"\W*+(?:(?:and|but|while|whereas|yet|so)\s+)?(?:[\w/#'-]+\s+){{1,12}}?{_IS}(?P<no>\s+not)?"
    r"(?:\s+(?:either|so|now))?\W*$"
)
_LEGAL = ("neces", "necce", "need", "med", "benefic", "effective", "appropriate")
_BRACKETS = Pattern(r"\([^()]*\)", needs=("(",))
_QUOTED = Pattern(r"[\"“][^\"“”]{25,}?[\"”]", needs=('"', "“"))
_ITEM_WORD = Pattern(
    rf"\b(?!(?:the|and|for|with|without|per|left|right|bilateral|visits?|sessions?|partial|days?|"
    rf"requests?|home|program|chest|abdom\w+|head|brain|of|in|to|mg|ml|as|on|at|or|by|no|"
    rf"{BODY})\b)[a-z]{{2,}}"
)
_OUTCOME = Pattern(
    r"\b(?:decision|determination|denial|refusal|position|utili[sz]ation\s+review|ur|modification|"
    r"non-?\s?certification)s?\b"
)
_OVERTURNED = Pattern(
    r"\b(?:overturn\w*|revers\w+|set\s+aside|in\s+error|incorrect|inappropriate|disagrees?)\b"
)
_UPHELD = Pattern(
    r"\b(?:uph[eo]ld(?:ing)?|affirm\w*|appropriate|supported|reasonable|correct|justified|proper|stands?|"
    r"sustained|agrees?|concurs?)\b"
)
_GOOD = Pattern(
    rf"\b(?:{_NEC}|(?:support|indicat|warrant|justif|substantiat|approv|authori[sz]|certif|endors|"
    r"overturn|fulfil|satisf|(?<!\bit\sis\s)(?<!it\sis\snot\s)recommend)\w*|appropriate|reasonable|"
    r"consistent|compliant|allowed|meets?|met|within|established|required|(?:basis|need)\s+(?:to|"
    r"for)|"
    r"in\s+(?:accord\w*|keeping))\b"
)
_BAD = Pattern(
    rf"\b(?:un(?:{_NEC}|supported|warranted|reasonable|justified|substantiated)|contraindicated|"
    r"inappropriate|non-?\s?certif\w*|denied|deny|uphold|excessive|exceeds?|in\s+excess|outside|"
    r"inconsistent|premature|insufficient|inadequate)\b"
)
_OF_THE_CASE = Pattern(
    r"\b(?:it|this|these|they|criteria|guidelines?|requests?|requested|treatments?|patient|"
    r"worker|claimant|"
    r"he|she|none|neither|there|records?|file|literature|evidence|documentation|continued|"
    r"recommend|i|need)\b"
)
_COMPLETE = tuple(  # a subject and a verb, before a verdict
    Pattern(
        rf"(?:\W*\b(?:{_LEAD})\b)*+\W*+(?!(?:{_IS}|that|which|who|not|to|or|nor|be|been|being|of|"
        rf"{_MED})\b)[\w#].*\b(?:{verb})\b"
    )
    for verb in (_IS, rf"{_SHOWN}|lack\w*|fail\w*|find")
)
_SUBJECT = Pattern(  # nothing before a noun, which is the subject then
    rf"(?:\W*\b(?:{_LEAD}|the|its|his|her|their|ongoing|continued|further)\b)*\W*\Z"
)
_PLAIN = Pattern(
    rf"\bmedically\s+(?:\w+\s+and\s+)?{_NEC}\b|\bmedical\s+necessity\b.{{0,120}}?\b(?:is|are|has|"
    r"was|not|be|been)\b[^,]{0,60}?\b(?:establish|support|demonstrat|show|substantiat|met|"
    r"confirm|clear)"
)
_CLOSING = 3
"""In how many sentences from the end a verdict in other words is looked for."""
_JOINED = 5
"""How many clauses a verdict's subject may stand before it."""


def conclude(text: str, item: str = "") -> Conclusion | None:
    """Read what a rationale concludes.

    Args:
        text: The rationale.
        item: The disputed item, to recognize it among several things.

    Returns:
        The conclusion, or `None` if there is no clear one.
    """
    negators = frozenset(_NEGATOR.findall(item.lower())) - {"not"}  # “failed back surgery”
    ellipsis = other = elsewhere = aside = None
    for number, sentence in enumerate(reversed(sentences(text))):
        plain = _plain(sentence.text, negators)
        if verdicts := list(_in_legal_terms(plain)):
            direct = [each.clause for each in verdicts if not each.is_aside]
            found = _agreement(sentence, verdicts, item, elsewhere or other)
            if ellipsis or any(_is_about(item, each) or mentions(each, item) for each in direct):
                # “The first was medically necessary. The second is not.”
                return ellipsis or found
            if not direct:
                aside = aside or found
            elif found and elsewhere is None:
                doubt = "" if _THIS.search(plain) else "it may be about something else"
                elsewhere = msgspec.structs.replace(found, doubt=found.doubt or doubt)
        elif ellipsis is None and (match := _ELLIPSIS.match(plain)):
            is_necessary, length = not match["no"], len(sentence.text)
            ellipsis = Conclusion(is_necessary, sentence.start, length, "it leaves words out")
        if number < _CLOSING and not (other or elsewhere):
            others = [each for each in _in_other_words(plain, item) if not each.is_aside]
            other = _agreement(sentence, others, item)
    return elsewhere or other or aside


def second_doubt(text: str, item: str, found: Conclusion) -> str:
    """Return what makes a plain conclusion doubtful after all; empty if nothing does.

    Args:
        text: The rationale.
        item: The disputed item.
        found: What `conclude` has read.
    """
    if _read_simply(text) != found.is_necessary:
        return "a simpler reading differs"
    earlier = conclude(text[: found.start], item)
    if earlier and not earlier.doubt and earlier.is_necessary != found.is_necessary:
        return "an earlier sentence points the other way"
    return ""


def _read_simply(text: str) -> bool | None:
    """Read a rationale by a simple rule: the law's words in the last sentence, negated or not."""
    for sentence in reversed(sentences(text)):
        plain = sentence.text.lower().replace("’", "'")
        if _PLAIN.search(plain):
            return not _NEGATOR.search(plain)
    return None


def _plain(text: str, negators: frozenset[str]) -> str:
    """Return a sentence in lower case without quotations, emphasis, brackets and line ends."""
    text = text.lower().replace("’", "'").replace("*", "").replace("_", "")
    text = " ".join(_BRACKETS.sub(" ", _QUOTED.sub(" “ ” ", text)).split())
    text = _PARENTHESIS.sub("", _NOT_UN.sub("", text))
    for word in negators - {"not"}:
        text = text.replace(f" {word} ", " ")
    return text


def _agreement(
    sentence: Sentence,
    verdicts: list[_Verdict],
    item: str,
    later: Conclusion | None = None,
) -> Conclusion | None:
    """Return what verdicts agree on: direct ones first, then those that name the item."""
    direct = [verdict for verdict in verdicts if not verdict.is_aside]
    naming = (each for each in direct if _names(item, each.clause))
    for group in (direct, list(naming) if len(direct) > 1 else [], verdicts):
        if len({verdict.is_necessary for verdict in group}) == 1:
            is_necessary, doubt = group[0].is_necessary, group[-1].doubt
            if len(group) < len(verdicts) or group is verdicts:
                doubt = "it holds more than one verdict"
            if "“" in sentence.text or '"' in sentence.text:
                doubt = doubt or "it holds a quotation"
            if later and later.is_necessary != is_necessary:
                doubt = doubt or "a later sentence points the other way"
            return Conclusion(is_necessary, sentence.start, len(sentence.text), doubt)
    return None


def _clauses(sentence: str) -> Iterator[_Clause]:
    """Yield the clauses that say something themselves, not what a guideline or a person says."""
    for group in _FIRM.split(sentence) if ";" in sentence or ":" in sentence else [sentence]:
        if _ACCORDING.search(group) or (_GUIDELINE.match(group) and not _THIS.search(group)):
            continue
        said: list[str] = []
        is_conditional = is_reported = False
        doubt = ""
        pieces = _BORDER.split(group)
        for piece in pieces:
            is_reported = is_reported and not _OWN.match(piece)
            is_conditional = is_conditional or _CONDITION.match(piece) is not None
            is_aside = _ASIDE.match(piece) is not None
            if not is_reported:
                context = " ".join(said[-_JOINED:])
                yield _Clause(piece, context, is_aside, is_conditional, doubt)
            if piece is not pieces[-1] and _SAYS.search(piece):
                is_reported = piece.rstrip().endswith("that")
                doubt = "what someone else says stands before it"
            if not is_aside and not _REASON.match(piece):
                said.append(piece)


def _in_legal_terms(sentence: str) -> Iterator[_Verdict]:
    """Find the clauses that state a verdict in the words of the law."""
    if not any(map(sentence.__contains__, _LEGAL)) or _PARTLY.search(sentence):
        return
    for clause in _clauses(sentence):
        is_necessary = _adjective(clause)
        if is_necessary is None:
            is_necessary = _noun(clause)
        doubt = clause.doubt
        if is_necessary is None and "cessary" in sentence:
            ellipsis = _ELLIPSIS.match(clause.text)
            is_necessary = not ellipsis["no"] if ellipsis else None
            doubt = "it leaves words out"
        if is_necessary is None or (clause.is_conditional and is_necessary):
            continue
        if clause.is_conditional or _PROVISO.search(clause.text):
            doubt = "it states a condition"
        whole = clause.before(len(clause.text))
        is_aside = clause.is_aside or _EARLIER.search(whole) is not None
        yield _Verdict(is_necessary, whole, doubt, is_aside)


def _adjective(clause: _Clause) -> bool | None:
    """Read “is medically necessary” and the like; `None` if the clause states no verdict."""
    match = None
    found = (match for pattern in _ADJECTIVES for match in pattern.finditer(clause.text))
    for each in sorted(found, key=re.Match.start):
        if match is None or each.start() >= match.end():
            match = each
    if match is None:
        return None
    before, after = clause.before(match.start()), clause.text[match.end() :]
    is_negated = _is_negated(before) and not re.search(r"\bbut\W*$", before)
    is_idiom = re.search(r"\bit\s+(?:is|was)\s+(?:not\s+)?\s(?:to|that)\b", before + after[:5])
    is_hypothetical = "would" in before and re.search(r"\b(?:if|were)\b", clause.text)
    if _SAYS.search(before) or is_idiom or is_hypothetical:
        return None
    if not is_negated and (_asks(before) or _PROVISO.match(after)):
        return None
    is_negated = is_negated or bool(re.match(r"\s+(?:is|has|have|was)\s+not\b", after))
    return is_negated == bool(re.match(r".*\bun-?(?:nec|reason|warr|like)", match[0]))


def _noun(clause: _Clause) -> bool | None:
    """Read “medical necessity is not established”, “lacks medical necessity” and the like."""
    match = _NOUN.search(clause.text)
    if match is None:
        return None
    own = clause.text[: match.start()]
    before = own if _SUBJECT.match(own) else clause.before(match.start())
    after = _RELATIVE.split(clause.text[match.end() :])[0]
    if _SAYS.search(before) or _OBJECT.search(before):
        return None
    if re.search(r"\b(?:if|whether|unless|until|should)\b", before):
        return False if _is_negated(before) else None
    if _ADVERSE_STATE.search(after) or re.search(
        r"\b(?:lack\w*|no|without)\s+(?:\w+\s+)?$", before
    ):
        return False
    is_negated = _is_negated(f"{before} {after}")
    if _PURPOSE.search(before) and not is_negated:
        return None
    return not is_negated if _STATE.search(after) or _SHOWS.search(before) else None


def _is_negated(text: str) -> bool:
    """Return whether a clause is negated: its verb, if it begins with a reason, else anything."""
    if _REASON.search(text):
        verbs = list(_FINITE.finditer(text))
        matrix = text[: max(0, text.rfind(" that "))]
        text = f"{_REASON.split(matrix)[0]} {text[verbs[-1].start() :]}" if verbs else text
    negators = len(_NEGATOR.findall(_NO_NEGATOR.sub(" ", text)))
    negators += "disagree" in text and " that " in text
    return negators > 0 and not (negators > 1 and _DOUBLE.search(text))


@functools.lru_cache(maxsize=64)
def _item_words(item: str) -> frozenset[str]:
    return frozenset(word[:5] for word in _ITEM_WORD.findall(item.lower()))


def _names(item: str, text: str) -> bool:
    return any(word[:5] in _item_words(item) for word in _ITEM_WORD.findall(text))


def _is_about(item: str, text: str) -> bool:
    """Return whether a clause is about the item, or whatever is decided: “this request”."""
    return bool(_OF_THE_CASE.search(text) or _FRAGMENT.match(text)) or _names(item, text)


def _in_other_words(sentence: str, item: str) -> Iterator[_Verdict]:
    """Find the clauses that state a verdict on this item in other words."""
    doubt = "it is in other words than the law's"
    if _OUTCOME.search(sentence):
        for pattern, is_overturned in ((_OVERTURNED, True), (_UPHELD, False)):
            if match := pattern.search(sentence):
                start = max(
                    (m.end() for m in _OUTCOME.finditer(sentence, 0, match.start())), default=0
                )
                is_negated = _is_negated(sentence[start : match.start()])
                yield _Verdict(is_overturned != is_negated, sentence, doubt)
                return
    for clause in _clauses(sentence):
        good = list(_GOOD.finditer(clause.text))[-_JOINED:]
        good = [match for match in good if not _is_wanted(clause, match)]
        bad = _BAD.search(clause.text)
        match = bad or (good[-1] if good else None)
        if match is None or clause.is_conditional:
            continue
        before = clause.before(match.start())
        if not before.strip() and _FINITE.search(clause.text):
            continue
        is_bare = _REASON.match(clause.text) and not _FINITE.search(before)
        if is_bare or not (_THIS.search(before) or _is_about(item, before)):
            continue
        is_necessary = bool(bad) == _is_negated(before)
        if bad and is_necessary and good:
            is_necessary = not _is_negated(clause.before(good[-1].start()))
        is_aside = clause.is_aside or _EARLIER.search(clause.text) is not None
        yield _Verdict(is_necessary, clause.text, doubt, is_aside)


def _asks(text: str) -> bool:
    return _ASKS.search(_SEEN_AS.sub("", text)) is not None


def _is_wanted(clause: _Clause, match: re.Match[str]) -> bool:
    before = clause.text[: match.start()]
    return bool(
        _asks(before)
        or _PARTLY.search(clause.text)
        or re.search(r"\b(?:would|may|might|could)\s+(?:be|have)\b", before)
        or _PROVISO.match(clause.text, match.end())
    )
