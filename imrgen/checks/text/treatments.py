"""Names of treatments: brand and generic names, classes, abbreviations.

They answer one question: does a text mention an item at all? The answer is loose on purpose. A word
counts by its beginning, a drug by any of its names and by its class, a service by its other names,
and an abbreviation by the words whose initials it consists of.
"""

import functools
import itertools
import re

from imrgen.checks.text.patterns import Pattern

BODY = (
    r"(?:shoulders?|knees?|hips?|ankles?|f(?:oo|ee)t|hands?|wrists?|elbows?|arms?|forearms?|legs?|"
    r"thighs?|cal(?:f|ves)|heels?|thumbs?|fingers?|toes?|eyes?|ears?|extremit(?:y|ies)|limbs?|"
    r"groin|clavicle|scapula\w*|trapezi\w+|sacro-?iliac|s\.?i\.?|achilles|plantar|carpal|cubital|"
    r"rotator|meniscus|meniscal|[cltsCLTS]\d{1,2}|lumbar|cervical|thoracic|spin(?:e|al)|back|neck|"
    r"breast|jaw|rib|femur|tibia|fibula|humerus|radius|ulna|patella\w*)"
)
"""A pattern for a part of the body."""

# Class: names of one drug | names of another. A word stands for all that begin with it, `_` for a
# space.
_DRUGS = """
opioid opiate narcotic: norco vicodin lortab hydrocod hysingla
opioid opiate narcotic: percocet oxycontin roxicod endocet oxycod
opioid opiate narcotic: ultra tramad | nucynta tapentad | ms_contin kadian morphin
opioid opiate narcotic: dilaudid exalgo hydromorph
opioid opiate narcotic: opana oxymorph | butrans suboxone belbuca buprenorph | duragesic fentan
opioid opiate narcotic: tylenol codein
opioid opiate narcotic: methadon
muscle_relax antispas spasm: flexeril fexmid amrix cyclobenz | soma carisop | zanaflex tizan
muscle_relax antispas spasm: skelaxin metax
muscle_relax antispas spasm: robaxin methocarb | norflex orphen | lioresal baclof
muscle_relax antispas spasm: parafon lorzone chlorzox
nsaid anti_inflam antiinflam non_steroid nonsteroid: celebrex celecox cox_2 | mobic melox
nsaid anti_inflam antiinflam non_steroid nonsteroid: naprosyn anaprox aleve naprox
nsaid anti_inflam antiinflam non_steroid nonsteroid: voltaren diclof pennsaid flector zipsor
nsaid anti_inflam antiinflam non_steroid nonsteroid: motrin advil ibuprof duexis | relafen nabum
nsaid anti_inflam antiinflam non_steroid nonsteroid: lodine etodol
nsaid anti_inflam antiinflam non_steroid nonsteroid: daypro oxapro | toradol ketorol
nsaid anti_inflam antiinflam non_steroid nonsteroid: indocin indometh | flurbip
nsaid anti_inflam antiinflam non_steroid nonsteroid: ketoprof | nalfon fenoprof | vimovo
proton_pump ppi gastr gi: prilosec omepra | nexium esomep | protonix pantop | prevacid lansop
proton_pump ppi gastr gi: aciphex rabep
proton_pump ppi gastr gi: dexilant
gastr gi h2: zantac ranit | pepcid famot | carafate sucralf | misoprost cytotec
anti_epilep antiepilep aed anticonvul: neurontin gralise horizant gabapen | lyrica pregab
anti_epilep antiepilep aed anticonvul: topamax topiram
anti_epilep antiepilep aed anticonvul: lamictal lamot
antidepress ssri snri tricyc tca depress: cymbalta dulox | effexor venlaf | elavil amitrip
antidepress ssri snri tricyc tca depress: pamelor nortrip
antidepress ssri snri tricyc tca depress: sinequan doxepin | celexa cital | wellbutrin bupro
antidepress ssri snri tricyc tca depress: paxil parox
antidepress ssri snri tricyc tca depress: savella milnac | pristiq desvenl | viibryd
antidepress ssri snri tricyc tca depress insomn: desyrel trazod | zoloft sertral | prozac fluox
antidepress ssri snri tricyc tca depress insomn: lexapro escital
antidepress ssri snri tricyc tca depress insomn: remeron mirtaz
hypnot sleep insomn sedat: ambien zolpid | lunesta eszop | sonata zalep | restoril temaz
hypnot sleep insomn sedat: belsomra suvor
hypnot sleep insomn sedat: rozerem ramel
benzodiaz anxie anxio: xanax alpraz | valium diazep | ativan loraz | klonopin clonaz
topical compound analges patch cream ointment lotion gel: lidoder lidoc lidopro terocin
topical compound analges patch cream ointment lotion gel: menthoderm mentho bengay
topical compound analges patch cream ointment lotion gel: capsai | methyl_sal salicyl
laxat constip stool: colace docus | senokot senna | miralax polyeth | amitiza lubip
laxat constip stool: movantik naloxeg | linzess
antiemet nausea: zofran ondans | phenergan prometh
migrain headache triptan: imitrex sumat | fioricet butalb | maxalt rizat
erectile sexual: viagra silden | cialis tadal | levitra varden
analges: tylenol acetaminoph apap
antipsych: seroquel quetiap | abilify aripip | zyprexa olanz
steroid corticost: medrol methylpred | prednis | kenalog triamcin
medical_food supplement nutri vitamin: theramine | sentra | gabadone | trepadone
medical_food supplement nutri vitamin: glucosam chondroit
medical_food supplement nutri vitamin: cyanocobal b12 b_12
"""
# The words of a line are names of one service.
_SERVICES = """
physical_therap physiother pt physical_medic therapeutic_exerc exercis rehab therapy \
postsurgical_treat
occupational_therap ot hand_therap physical_therap physical_medic therapy
chiropract manipul manual_therap manual_medic
massage myofasc manual_therap soft_tissue
acupunct electroacu needl
aquat pool water hydrother
mri magnetic_reson mr_arthro mra imaging scan diagnostic_stud
ct ct_scan computed cat_scan imaging tomogra scan
x_ray xray x_rays radiogr plain_film imaging film scan diagnostic_stud
emg ncv ncs electrodiag electro_diag electromyo nerve_cond edx
ultraso sonogra
tens transcut electrother electrical_stim electric_stim
interferent ifc ics if_unit electrical_stim electrother
neuromuscular_elec nmes electrical_stim electrother
h_wave hwave
esi epidural transforam tfesi interlam lesi
facet medial_branch mbb zygapo
radiofreq radio_freq rfa rhizotom neurotom ablat
trigger_point tpi
sacroiliac si_joint sij si
hyaluron viscosup visco synvisc orthovisc euflexx supartz hyalgan monovisc
botox botul onabot
urine urinar drug_screen drug_test uds udt uts toxicol
durable dme equipment
cognitive_behav cbt psych behavioral biofeed counsel mental
psych mental biofeed counsel cognitive cbt
follow_up followup follow_ups office_visit re_eval reeval visit evaluation consult monitor
consult referral refer evaluat specialist office_visit second_opinion
evaluat consult assess office_visit
functional_restor frp multidiscip interdiscip chronic_pain_prog
functional_capac fce
work_hard work_condit
brace bracing orthosis orthot orthos lso tlso support splint corset sling immobili boot
cold cryot ice polar_care continuous_flow game_ready vascuther thermac hot_pack heat
dvt deep_vein compress pneumat thrombo vte
continuous_passive cpm
eswt shock_wave shockwave extracorpor
home_health homecare home_care caregiv home_assist home_serv
transport
gym health_club membership
bed mattress
walker cane crutch rollator ambulat mobil assistive
scooter wheelchair mobil ambulat
ekg ecg electrocard cardiac
lab laborat blood cbc cmp metabol panel hepatic renal liver
clearance preop pre_op preoperat medical_eval
assistant_surg surgical_assist co_surg surgical_first
inpatient hospital stay
spinal_cord_stim scs stimulat neuromod
bone_grow bone_stim osteogen
platelet prp
genet dna cytokin pharmacogen
sleep_stud polysom
weight diet nutrition
surge surgi operat arthroscop laminect discect decompress fusion arthrodes acdf alif plif tlif
arthroplas replace tka tha tkr thr
inject block steroid cortisone corticost
"""

# Words of an item for quantity, frequency and manner, or that could occur in any text.
_COMMON = frozenset(
    re.findall(
        r"[a-z]+",
        """
        the and for with without per from that this than then into over time times week weeks weekly
        day days daily month months monthly year years hour hours minutes twice once one two three
        four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen eighteen
        twenty thirty gram grams tab tabs tablet tablets cap caps capsule capsules pill pills qty
        quantity unit units count refill refills dispense supply supplies bid tid qid prn date dates
        service services retrospective retro prospective request requested requests initial
        additional continued continue continuation ongoing outpatient new left right bilateral both
        either lower upper low high side sided level levels body part parts treatment treatments
        session sessions visit visits purchase rental rent use each every extra total associated
        surgical item items medical standard generic brand strength dose dosage oral pain chronic
        care plus any all other not type size large small medium extended release delayed mg mcg ml
        """,
    )
)
_BODY_WORD = Pattern(rf"{BODY}$", re.IGNORECASE)
_TO_SPACES = str.maketrans(dict.fromkeys("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~‐‑–—“”‘’•®™×", " "))
_DRUG_TEXT_LENGTH = 20_000
_ITEM_LENGTH = 500  # characters that are searched: time grows with the product of both lengths
_CAPITALS = Pattern(r"\b[A-Z]{2,6}\b")


def mentions(text: str, item: str) -> bool | None:
    """Return whether a text mentions an item; `None` if the item has no word to search for."""
    item = item[:_ITEM_LENGTH]
    plain_text = _plain(text)
    plain_item = _plain(item)
    names = {
        pair
        for word in plain_item.split()
        for pair in _equivalents().get(word[:2], ())
        if pair[0] in plain_item
    }
    if any(other in plain_text for _, others in names for other in others):
        return True
    known = "|".join(name for name, _ in names)
    rest = re.sub(rf"(?:{known})[a-z]*", " ", plain_item) if known else plain_item
    words = [word for word in rest.split() if _is_specific(word)]
    if any(f" {_stem(word)}" in plain_text for word in words):
        return True
    if not words and not names:
        return None
    return _is_abbreviated(text, item) or _is_misspelled(plain_text, plain_item)


def lacks_drug(text: str, item: str) -> bool:
    """Return whether an item is a drug whose names do not occur in a text."""
    own = drugs(item)
    return bool(own) and not any(name in _plain(text) for n in own for name in _drug_list()[n])


@functools.lru_cache(maxsize=64)
def drugs(text: str) -> frozenset[int]:
    """Return the drugs that a text names, each by its position in the table."""
    plain = _plain(text[:_DRUG_TEXT_LENGTH])
    beginnings = {word[:2] for word in plain.split()}
    found = ((name, n) for two in beginnings for name, n in _drug_names().get(two, ()))
    return frozenset(number for name, number in found if name in plain)


@functools.cache
def _drug_list() -> list[tuple[str, ...]]:
    lines = (line.split(":")[1] for line in _DRUGS.strip().splitlines())
    return [_terms(drug) for line in lines for drug in line.split("|")]


@functools.cache
def _drug_names() -> dict[str, list[tuple[str, int]]]:
    names: dict[str, list[tuple[str, int]]] = {}
    for number, terms in enumerate(_drug_list()):
        for name in terms:
            names.setdefault(name[1:3], []).append((name, number))
    return names


@functools.lru_cache(maxsize=64)
def _plain(text: str) -> str:
    return f" {' '.join(text.lower().translate(_TO_SPACES).split())} "


@functools.cache
def _equivalents() -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """Return the names of items with the other names of the same treatment.

    The keys are the names' first two letters.
    """
    groups: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    for line in _DRUGS.strip().splitlines():
        kind, _, drugs = line.partition(":")
        classes = _terms(kind)
        each = [_terms(drug) for drug in drugs.split("|")]
        groups.append((classes, (*classes, *itertools.chain.from_iterable(each))))
        groups += ((names, (*names, *classes)) for names in each)
    groups += ((names, names) for names in map(_terms, _SERVICES.strip().splitlines()))
    equivalents: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for names, others in groups:
        for name in names:
            equivalents.setdefault(name[1:3], []).append((name, others))
    return equivalents


def _terms(words: str) -> tuple[str, ...]:
    """Return the terms of a table's words; short ones must be whole words, plural or not."""
    terms: list[str] = []
    for word in words.split():
        term = f" {word.replace('_', ' ')}"
        if len(word) > 4:
            terms.append(term)
        else:
            terms += (f"{term} ", f"{term}s ") if len(word) > 2 else (f"{term} ",)
    return tuple(terms)


def _is_specific(word: str) -> bool:
    return len(word) > 2 and word.isalpha() and word not in _COMMON and not _BODY_WORD.match(word)


def _stem(word: str) -> str:
    return word if len(word) < 5 else word[: max(4, len(word) - 3)]


def _is_abbreviated(text: str, item: str) -> bool:
    """Return whether capitals in one are the initials of consecutive words in the other."""
    for short, long in ((text, item), (item, text)):
        initials = "".join(word[0] for word in _plain(long).split())
        abbreviations = (
            capitals.lower()
            for capitals in _CAPITALS.findall(short)
            if len(capitals) > 2 or short is text
        )
        if any(each in initials for each in abbreviations):
            return True
    return False


def _is_misspelled(text: str, item: str) -> bool:
    import difflib  # most items are found as they are written

    words = {word for word in text.split() if len(word) > 5}
    for word in item.split():
        if len(word) > 5 and _is_specific(word):
            candidates = [other for other in words if other[0] == word[0]]
            if difflib.get_close_matches(word, candidates, 1, 0.84):
                return True
    return False
