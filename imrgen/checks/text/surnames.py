"""Which capitalized words may be a surname, and which are everyday or clinical words."""

import re

from imrgen.checks.text.patterns import Pattern

# Words that are capitalized next to a title or a degree, or begin a sentence there, but are hardly
# ever a surname.
_NO_SURNAME_WORDS = """
a acoem acupuncturist acute adjuster after again all also ame an and ankle another anterior any
appeal applicant appointment april are arm as assessment at attorney august back based because
before bethesda bilateral block board both brace but by california can cap capacity care center
certified cervical chapter chest chiropractic chronic city claimant clinic clinical complaint
complex contin could county cream ct currently daily date day december decision delayed did
director disc disease doctor does dose drug due during each east elbow electrical emergency emg
employee employer epidural evaluation evidence exam examiner exercise expert extended extremities
extremity facet family february feet fellowship finger first flexeril follow foot for forearm
fracture from functional gabapentin gel general guideline had hand has have he head health her
here hip his history home hospital hour how however hydrocodone ibuprofen if imaging imr in
independent injured injury insured internal interventional is island it its january joint july
june knee lab last lateral left leg licensed lidocaine lower lumbar management manual march
marten maryland massage may md medial medical medication mild month more most mri mtus muscle
musculoskeletal name naproxen national neck negative nerve neurological new next no norco normal
north note november nurse occupational october odg of office official omeprazole on opioid or
order ordered orthopaedic orthopedic other our page pain panel park patch patient pcp per phd
physical physician plan positive posterior practitioner preventive primary prior procedure
program progress provider psychologist ptp qme quantity range rationale recommendation record
redacted rehab rehabilitation release report reported request requested requesting review
reviewer rfa right scholl screen second secondary section september service session severe she
should shoulder since soma some south specialist spinal spine sport spring state stated steroid
strain strength studies study symptom syndrome tab table tablet test testing that the their then
therapist there therefore these they this thoracic those thumb thus time to today tramadol
treating treatment trigger unit united until upper utilization visit was washington wcab we week
were west what when where which while who why will with without work worker would wrist xxx year
yes
"""
_EVERYDAY_WORDS = """
adson babinski baker ball bank beck bell best bill black bone borg bright brown burn cane card
case cash chair charcot child chin cochrane cold cook cross cuff cushing dark dean down drain
dupuytren early england epworth faith fall field fine finkelstein fish floor foley force foster
france frank free freed french friend full gain gait gap german glass gold good grace graft grand
grant grave gray green grey grip groin gross guard guide ham hammer hard hardy hay heart heat
help high hill hope horn house hurt iron jamar jobe joy judge just justice keen keep key king
lachman lake land large law le lead lean leave light limb line link little long loss love low
lung lyme main man mark mason mast mayo mcmurray mean merit mill mind mine minor mix mood mosby
nail near neer night old orange oswestry pace paine palm parker parkinson part pay payne peace
peak peer pen penny person phalen pick pilates pill pine place plain plate poor post powder power
price quick rain rash ray raynaud reach read reading rest rice rich ring rise road rod roland
roll romberg room root rose rough round rule run rush sale scale seal seat self shank sharp shell
shin shock shoe short shot sight simple sleep slow small smart smoke so spear speed spurling
staff start steel step stern stock stone story stout straight street strong swell swift swing
target temple tender tinel travel trial trip turn vein vest waddell waist walk walker wall want
ward wash water way weak wear weight well wheel white wild wise wood word worth yergason young
youth
"""
_GIVEN_NAME_WORDS = """
andrew anthony barbara carol charles christopher daniel david deborah elizabeth eric james jane
jason jennifer john jose joseph karen kevin linda lisa margaret maria mark mary michael patricia
paul peter richard robert ronald sandra sarah steven susan thomas timothy william
"""
# Everyday words that are hardly ever the subject of a sentence without an article.
_ARTICLE_WORDS = """
baker bell best black brown cook dark day dean fisher ford foster fox free french gray green grey
grant hall hill hunt hunter jamar judge keen king lane large law lee little long lord love low lowe
mason mayo mosby parker paine payne pierce porter price rich road roland rose sharp short singer
smart stern story strong swift temple wall ward warner weaver west white wild wise wood young youth
"""
# What only a person does, and what a person does as well as a treatment.
_PERSONAL = (
    r"reports?|reported|complain(?:s|ed)|state[sd]|den(?:ies|ied)|said|says|feels|felt|told|tells|"
    r"rate[sd]|describe[sd]|admit(?:s|ted)|agree[sd]|asked|wants?|wanted|fell|slipped|tripped|"
    r"twisted|lifted|underwent|sustained|presented|presents|attended|lives|lived|smokes|drinks|"
    r"weighs|believes?|injured|tolerate[sd]|finds|writes|wrote|noted|notes|requested|requests|"
    r"recommended|recommends|prescribed|examined|saw|opined?|concluded"
)
_ALSO = (
    r"ha[sd]|was|is|can|cannot|could|did|does|will|would|may|might|remain(?:s|ed)|continue[sd]|"
    r"receive[sd]|returned|works?|worked|takes?|took|walks?|walked|improved?|improves|uses?|used|"
    r"started|stopped|completed|needs|needed|failed|stands?|sits|sleeps|slept|went|came|then|also"
)
_POSSESSED = (
    r"pain|condition|injur\w+|symptoms?|complaints?|records?|claim|case|history|request|treatment|"
    r"physician|doctor|surgeon|work|job|employer|husband|wife|spouse|age|shoulder|knee|neck|back|"
    r"hand|wrist|hip|ankle|foot|elbow|low\s+back|medications?|function|progress|exam\w*|mri|file"
)
_SUBJECT = {
    is_thing: Pattern(
        rf"['’]s?\s+(?:current\s+|right\s+|left\s+|chronic\s+)?(?:{_POSSESSED})\b|\s+(?:\w+ly\s+)?"
        rf"(?:{verbs})\b"
    )
    for is_thing, verbs in ((True, _PERSONAL), (False, f"{_PERSONAL}|{_ALSO}"))
}
_BEFORE_SUBJECT = Pattern(
    r"(?:\A|[.,;:!?()\n\0*“\"][\s*]*|\b(?:and|but|that|when|while|because|since|as|if|where|although|"
    r"after|before|then|so|therefore|although|though|whether|of|by|for|to|in)\s+)\Z",
    re.IGNORECASE,
)
_BEFORE_OBJECT = Pattern(
    r"\b(?:saw|examined|treated|told|tells|advised|asked|informed|referred|evaluated|interviewed|"
    r"assessed|by|for|with|to|of|from|that|see|treat|examine|given|gave|let|named|called|is|was)"
    r"\s+\Z"
)
_AFTER_OBJECT = Pattern(
    r"[.,;:)!?\n\0]|\Z|\s+(?:to|and|at|on|in|for|with|who|as|about|that|again|today|from|has|had|"
    r"was|is)\b"
)
_NO_SURNAMES = frozenset(_NO_SURNAME_WORDS.split())
_WITH_ARTICLE = frozenset(_ARTICLE_WORDS.split())
_EVERYDAY = _NO_SURNAMES.union(_EVERYDAY_WORDS.split())
GIVEN_NAMES = frozenset(_GIVEN_NAME_WORDS.split())
"""Common given names in lower case."""
CLINICAL = Pattern(
    r"(?:ology|olog(?:ist|ic|ical)|iatr(?:y|ic|ist)|icine|surg(?:ery|eries|ical|eon)|therap\w+|"
    r"(?<!^mis)[st]ion|opath\w+|pract(?:ic|or)\w*|pa?edi(?:c|st)|ician|itis|osis|algia|ectomy|plasty|"
    r"esthe\w+)s?$"
)
"""Words of clinical text, which are not part of a surname or a street."""


def is_surname(word: str) -> bool:
    """Return whether a capitalized word may be a surname where one is expected."""
    lower = word.lower()
    return not {lower, lower.removesuffix("s")} & _NO_SURNAMES and not CLINICAL.search(lower)


def is_everyday(word: str) -> bool:
    """Return whether a name is as likely an everyday or clinical word when it stands alone."""
    return bool({word.lower(), word.lower().removesuffix("s")} & _EVERYDAY)


def is_used_as_name(text: str, start: int, stop: int) -> bool:
    """Return whether a word is the subject or the object of a sentence, as only a name can be.

    It has no article, and does what a person does (“Brown reported”, “Lee's pain”), or, with a
    capital, is whom someone sees or tells.
    """
    word = text[start:stop]
    lead = text[max(0, start - 30) : start]
    is_thing = word.islower() or (is_everyday(word) and word.lower() not in _WITH_ARTICLE)
    if _SUBJECT[is_thing].match(text, stop) and _BEFORE_SUBJECT.search(lead):
        return True
    is_object = _BEFORE_OBJECT.search(lead) and _AFTER_OBJECT.match(text, stop)
    return bool(is_object) and not word.islower() and not is_thing
