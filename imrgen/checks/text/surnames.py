"""Which capitalized words may be a surname, and which are everyday or clinical words."""

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
_NO_SURNAMES = frozenset(_NO_SURNAME_WORDS.split())
_EVERYDAY = _NO_SURNAMES.union(_EVERYDAY_WORDS.split())
GIVEN_NAMES = frozenset(_GIVEN_NAME_WORDS.split())
"""Common given names in lower case."""
CLINICAL = Pattern(
    r"(?:ology|olog(?:ist|ic|ical)|iatr(?:y|ic|ist)|icine|surg(?:ery|eries|ical|eon)|therap\w+|"
    r"[st]ion|opath\w+|pract(?:ic|or)\w*|pa?edi(?:c|st)|ician|itis|osis|algia|ectomy|plasty|"
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
