"""Invented letters and seeded mutations of them: what checks catch, miss and report wrongly.

`make checks-report` prints the figures. They say how the checks do on sentences of these kinds, not
on real letters.
"""

from __future__ import annotations

import copy
import datetime
import functools
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import tomli

import imrgen
from imrgen.checks import Subject, all_checks
from tests.conftest import ROOT

TODAY = datetime.date(2026, 11, 1)
Letter = dict[str, Any]

OPENINGS = (
    "The injured worker is a {age} year old {sex} with a history of an injury on {doi}.",
    "This case involves a now {age}-year-old {sex} with a history of an occupational claim from "
    "{doi}.",
    "The injured worker was a {age} year old {sex}, who sustained an industrial injury on {doi}.",
    "The patient is a(n) {age} year old {sex} with an industrial injury date of {doi}.",
    "This {age} year old {sex} worker sustained an industrial injury {doi} while lifting a box.",
    "This is a {age}-year-old {sex} who was injured at work on {doi}.",
    "The file concerns a {age}-year-old {sex} clerk. The date of injury is {doi}.",
    "The claimant, a {age} y/o {sex}, reported a work-related injury of {doi}.",
)
REVIEWS = (
    "On {ur}, Utilization Review denied the request.",
    "The original Utilization Review (UR) ({ur}) denied the request.",
    "UR (utilization review board) denied certification on {ur}.",
    "The Utilization Review documentation dated {ur} did not certify it.",
    "In a utilization review report, with a decision date of {ur}, it was non-certified.",
    "The prior determination on {ur} denied it.",
    "This request was previously reviewed on {ur}.",
    "On {ur} the request for this treatment was non-certified.",
    "The utilization review decision of {ur} modified the request.",
)
# Item, what the rationale says of it, the quantity in it, the number that a mutation changes.
ITEMS = (
    ("Norco 10/325mg #60", "Norco 10/325mg #60", "#60", "low back"),
    ("Tramadol 50mg #90", "tramadol 50mg #90", "#90", "neck"),
    (
        "Physical therapy 2 times a week for 6 weeks, right knee",
        "physical therapy 2 times a week for 6 weeks for the right knee",
        "2 times a week",
        "right knee",
    ),
    (
        "Acupuncture x 12, left shoulder",
        "acupuncture x 12 for the left shoulder",
        "x 12",
        "left shoulder",
    ),
    (
        "Chiropractic treatment, 8 visits",
        "8 visits of chiropractic treatment",
        "8 visits",
        "low back",
    ),
    ("Omeprazole 20mg #30", "omeprazole 20mg, quantity 30", "quantity 30", "low back"),
    ("Massage therapy, 10 sessions", "10 sessions of massage therapy", "10 sessions", "neck"),
    ("Left knee arthroscopy", "arthroscopy of the left knee", "", "left knee"),
    ("MRI of the right shoulder", "MRI of the right shoulder", "", "right shoulder"),
    ("Right wrist brace", "brace for the right wrist", "", "right wrist"),
)
REASONS = (
    "The MTUS recommends it for a short time, with a record of function. The notes describe "
    "{his} pain "
    "of the {part}, but {he} has had no gain in function.",
    "The guideline asks for a trial of conservative care. {He} reports pain of the {part} that "
    "limits "
    "{his} work, and conservative care was tried.",
    "In this case, the injured worker has pain of the {part}. {His} examination showed tenderness. "
    "{He} works with restrictions.",
)
VERDICTS = (
    (
        "Therefore, the request for {ask} is medically necessary.",
        "Therefore, the request for {ask} is not medically necessary.",
    ),
    (
        "The requested {ask} is medically necessary.",
        "The requested {ask} is not medically necessary.",
    ),
    (
        "For {ask}, medical necessity has been established.",
        "For {ask}, medical necessity has not been established.",
    ),
    (
        "As such, the request for {ask} is considered medically necessary.",
        "As such, the request for {ask} is not considered medically necessary.",
    ),
)
NOTICES = (
    "",
    " This decision speaks to medical necessity alone and must not be read as advice to stop "
    "the drug.",
    " Weaning should follow the guideline.",
)
_SURNAMES = """
Okonkwo Brown King Lee White Young Hill Green Baker Parker Foster Long Price Wood Walker Gray
Cook Ward Park Kim Ito Cox Garcia Martinez Nguyen Smith Johnson Williams Jones Davis Miller
Lopez Gonzalez Hernandez Wilson Anderson Thomas Taylor Moore Jackson Martin Perez Thompson
Harris Clark Ramirez Lewis Robinson Allen Wright Scott Torres Flores Adams Nelson Hall Rivera
Campbell Mitchell Carter Roberts Gomez Phillips Evans Turner Diaz Cruz Edwards Collins Reyes
Stewart Morris Morales Murphy Rogers Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly
Howard Ramos Richardson Watson Brooks Chavez Bennett Mendoza Ruiz Hughes Alvarez Castillo
Sanders Patel Myers Ross Jimenez Powell Jenkins Perry Russell Sullivan Bell Coleman Butler
Henderson Barnes Fisher Vasquez Simmons Jordan Hayes Marshall Owens Rose Rice Stone Fox Day
"""
SURNAMES = _SURNAMES.split()
_GIVEN = """
Maria James Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard
Susan Joseph Jessica Thomas Sarah Charles Karen Christopher Lisa Daniel Nancy Matthew Betty
Anthony Sandra Mark Margaret Donald Ashley Steven Kimberly Andrew Emily Paul Donna Joshua
Michelle Kenneth Carol Kevin Amanda Brian Melissa George Deborah Timothy Stephanie Ronald
Rebecca Jason Laura Edward Helen Jeffrey Sharon Ryan Cynthia Jacob Kathleen Gary Amy Nicholas
Angela Eric Shirley Jonathan Anna Stephen Ruth Larry Brenda Justin Pamela Scott Nicole Brandon
Katherine Benjamin Samantha Samuel Christine Gregory Catherine Alexander Virginia Patrick Debra
Frank Rachel Raymond Janet Jack Emma Dennis Carolyn Jerry Grace Rose Hope
"""
GIVEN = _GIVEN.split()


def corpus() -> Iterator[str]:
    """Yield the rationales of the corpora of conclusions."""
    for path in sorted((ROOT / "fixtures").glob("conclusions*.toml")):
        for entry in tomli.loads(path.read_text(encoding="utf-8"))["conclusions"]:
            yield entry["text"]


def written(day: datetime.date, rng: random.Random) -> str:
    return rng.choice(
        (
            f"{day.month}/{day.day}/{day.year}",
            f"{day.month}-{day.day}-{day.year}",
            f"{day.month}-{day.day}-{day.year % 100:02}",
            f"{day:%B} {day.day}, {day.year}",
        )
    )


def make_letter(rng: random.Random) -> Letter:
    """Return an invented letter of one to three issues in which everything agrees."""
    sex = rng.choice(("male", "female"))
    age = rng.randint(24, 66)
    injured = datetime.date(rng.randint(2010, 2015), rng.randint(1, 12), rng.randint(1, 28))
    reviewed = datetime.date(2016, rng.randint(7, 10), rng.randint(1, 28))
    issues = []
    chosen = rng.sample(ITEMS, rng.randint(1, 3))
    for item, ask, _, part in chosen:
        decision = rng.choice(("upheld", "overturned"))
        he, his = ("he", "his") if sex == "male" else ("she", "her")
        reason = rng.choice(REASONS).format(
            part=part, he=he, his=his, He=he.capitalize(), His=his.capitalize()
        )
        verdict = rng.choice(VERDICTS)[decision == "upheld"].format(ask=ask)
        notice = rng.choice(NOTICES) if "mg" in item else ""
        issues.append(
            {"item": item, "decision": decision, "rationale": f"{reason} {verdict}{notice}"}
        )
    parts = " and ".join(dict.fromkeys(part for *_, part in chosen))
    opening = rng.choice(OPENINGS).format(age=age, sex=sex, doi=written(injured, rng))
    review = rng.choice(REVIEWS).format(ur=written(reviewed, rng))
    he, his = ("He", "His") if sex == "male" else ("She", "Her")
    summary = (
        f"{opening} {he} has pain of the {parts}. {his} treatment has been medication and rest. "
        f"On examination of September 2, 2016, the range of motion was reduced. {review}"
    )
    return {
        "clinical_summary": summary,
        "case": {
            "number": f"CM16-{rng.randint(0, 9999999):07}",
            "claim_number": f"WC-{rng.randint(2010, 2016)}-{rng.randint(0, 999999):06}",
            "date_of_injury": injured,
            "ur_decision_date": reviewed,
            "decision_date": datetime.date(2016, 12, 5),
            "injury_kind": "specific",
        },
        "employee": {"name": f"{rng.choice(GIVEN)} {rng.choice(SURNAMES)}", "sex": sex, "age": age},
        "issues": issues,
    }


@functools.cache
def _pack() -> imrgen.TemplatePack:
    return imrgen.load_pack("imr")


def findings(letter: Letter) -> list[tuple[str, str, str]]:
    """Return code, severity and path of all findings but those of what is missing."""
    subject = Subject(imrgen.load_case(letter), _pack(), TODAY)
    return [
        (check.id, found.severity or check.severity, str(found.path))
        for check in all_checks()
        for found in check.find(subject)
        if check.id[:4] in ("IMR3",) and check.id[:5] not in ("IMR31", "IMR35")
    ]


def _append(letter: Letter, sentence: str, rng: random.Random) -> None:
    """Put a sentence at the end of the summary or of a rationale."""
    if rng.random() < 0.5:
        letter["clinical_summary"] += f" {sentence}"
    else:
        rng.choice(letter["issues"])["rationale"] += f" {sentence}"


def flip(letter: Letter, rng: random.Random) -> None:
    issue = rng.choice(letter["issues"])
    issue["decision"] = "upheld" if issue["decision"] == "overturned" else "overturned"


def change_age(letter: Letter, rng: random.Random) -> None:
    age = letter["employee"]["age"]
    other = rng.choice([each for each in range(20, 75) if abs(each - age) > 3])
    letter["clinical_summary"] = re.sub(
        rf"\b{age}\b", str(other), letter["clinical_summary"], count=1
    )


_SEXES = {"male": "female", "female": "male", "he": "she", "she": "he", "his": "her", "her": "his"}


def _turned(text: str) -> str:
    def turn(match: re.Match[str]) -> str:
        other = _SEXES[match[0].lower()]
        return other.capitalize() if match[0][0].isupper() else other

    return re.sub(r"\b(?:fe)?male\b|\bs?he\b|\bhis\b|\bher\b", turn, text, flags=re.IGNORECASE)


def change_sex_in_summary(letter: Letter, rng: random.Random) -> None:
    letter["clinical_summary"] = _turned(letter["clinical_summary"])


def change_sex_in_rationale(letter: Letter, rng: random.Random) -> None:
    issue = rng.choice(letter["issues"])
    issue["rationale"] = _turned(issue["rationale"])


def _change_date(letter: Letter, name: str, rng: random.Random) -> None:
    day = letter["case"][name]
    letter["case"][name] = day + datetime.timedelta(days=rng.choice((-40, -9, 10, 31)))


def change_injury_date(letter: Letter, rng: random.Random) -> None:
    _change_date(letter, "date_of_injury", rng)


def change_review_date(letter: Letter, rng: random.Random) -> None:
    _change_date(letter, "ur_decision_date", rng)


def change_quantity(letter: Letter, rng: random.Random) -> None:
    quantities = {item: quantity for item, _, quantity, _ in ITEMS if quantity}
    issues = [each for each in letter["issues"] if each["item"] in quantities]
    if not issues:
        letter["issues"] = make_letter(rng)["issues"]
        change_quantity(letter, rng)
        return
    issue = rng.choice(issues)
    quantity = quantities[issue["item"]]
    number = re.findall(r"\d+", quantity)[0]
    other = rng.choice(("3", "4", "5", "7", "9", "14", "16", "24", "45", "120", "180"))
    wrong = quantity.replace(number, other)
    issue["rationale"] = issue["rationale"].replace(quantity, wrong)


def change_side(letter: Letter, rng: random.Random) -> None:
    issues = [each for each in letter["issues"] if re.search("left|right", each["rationale"])]
    if not issues:
        letter["issues"] = make_letter(rng)["issues"]
        change_side(letter, rng)
        return
    issue = rng.choice(issues)
    sides = {"left": "right", "right": "left"}
    places = list(re.finditer(r"\b(?:left|right)\b", issue["rationale"]))
    place = places[-1]
    text = issue["rationale"]
    issue["rationale"] = text[: place.start()] + sides[place[0]] + text[place.end() :]


def swap_rationale(letter: Letter, rng: random.Random) -> None:
    known = {issue["item"].split()[0] for issue in letter["issues"]}
    while True:
        other = make_letter(rng)["issues"][0]
        if (
            other["item"].split()[0] not in known
            and other["decision"] == letter["issues"][0]["decision"]
        ):
            letter["issues"][0]["rationale"] = other["rationale"]
            return


def _add(*forms: str) -> Callable[[Letter, random.Random], None]:
    """Return a mutation that adds a sentence; `#` is a digit, and fields of the case are named."""

    def add(letter: Letter, rng: random.Random) -> None:
        form = rng.choice(forms)
        given, surname = letter["employee"]["name"].split(maxsplit=1)
        claim, number = letter["case"]["claim_number"], letter["case"]["number"]
        wrong = claim[:-1] + str((int(claim[-1]) + rng.randint(1, 9)) % 10)
        text = form.format(
            given=given, surname=surname, small=surname.lower(), glued=given + surname, wrong=wrong,
            last=claim[-4:], number=number,
        )  # fmt: skip
        _append(letter, re.sub("#", lambda _: str(rng.randint(2, 8)), text), rng)

    return add


MUTATIONS: dict[str, tuple[Callable[[Letter, random.Random], None], tuple[str, ...], float]] = {
    "decision": (flip, ("IMR320",), 0.98),
    "age in summary": (change_age, ("IMR371",), 0.9),
    "sex in summary": (change_sex_in_summary, ("IMR372",), 0.9),
    "sex in rationale": (change_sex_in_rationale, ("IMR372",), 0.8),
    "injury date": (change_injury_date, ("IMR336",), 0.9),
    "UR date": (change_review_date, ("IMR337",), 0.8),
    "quantity in rationale": (change_quantity, ("IMR321",), 0.9),
    "side in rationale": (change_side, ("IMR373",), 0.8),
    "another rationale": (swap_rationale, ("IMR374",), 0.75),
    "surname alone": (
        _add("{surname} reported that the pain was worse.", "{surname} had improved.",
             "The pain was worse, and {surname} returned to work.",
             "The denial is of November 28, 2016; {surname} reported more pain.",
             "The surgeon examined {surname}.", "{surname}'s pain was worse.",
             "The notes show that {surname} has not improved."),
        ("IMR381",), 0.95,
    ),
    "given name alone": (
        _add("{given} reported more pain.", "The surgeon told {given} to rest.",
        "{given}'s knee locks."),
        ("IMR381",), 0.8,
    ),
    "glued name": (_add("The note of {glued} was read."), ("IMR381",), 0.8),
    "small surname": (_add("The notes say that {small} reported pain."), ("IMR381",), 0.8),
    "claim number with a wrong digit": (_add("The claim {wrong} was accepted."), ("IMR382",), 0.95),
    "last four of the claim number": (_add("The claim number ending in {last} was accepted."),
                                      ("IMR382",), 0.9),
    "another case's number": (
        _add("See the determination CM17-#######.", "In CM15-####### the brace was denied."),
        ("IMR382",), 0.9,
    ),
    "social security number": (
        _add("SSN ###-##-####.", "The number ### ## #### was given.", "She gave ###.##.####.",
             "The form shows #########."),
        ("IMR387",), 0.9,
    ),
    "telephone": (
        _add("The office (415 ### ####) confirmed it.", "Call +1 415 ### ####.",
        "The number is 415#######.",
             "He can be reached at 415-###-####.", "The clinic at (415) ###-#### sent it."),
        ("IMR384",), 0.9,
    ),
    "record number": (
        _add("DEA AB#######.", "See file number ######.",
        "The driver's license D####### was copied.",
             "MRN ########."),
        ("IMR388",), 0.9,
    ),
    "mail": (_add("Write to jane at gmail dot com.",
    "Write to j.doe@college.edu."), ("IMR385",), 0.9),
    "address": (
        _add("The worker lives at 1# Camino Real.", "The worker lives at 4# maple street.",
             "The office is at 4#1# Highway 12.", "The zip is 9####-####.",
             "It is 67# Mission Lane.",
             "The worker lives at 1# Maple St. It has stairs."),
        ("IMR383",), 0.9,
    ),
    "birth": (_add("The worker was born in 19#7."), ("IMR386",), 0.9),
    "another person": (
        _add("The note of dr. okonjo was read.", "Dr. Park requested the brace.",
             "The treating physician Olena Brown requested it."),
        ("IMR389",), 0.9,
    ),
    "reviewer": (_add("The reviewer Olena Brown finds the request proper."), ("IMR380",
    "IMR389"), 0.8),
}  # fmt: skip


def run(number: int, seed: int = 2016) -> Iterator[tuple[str, int, Counter[str]]]:
    """Yield each kind of mutation with how many are caught, and the findings that are new."""
    for name, (mutate, codes, _) in MUTATIONS.items():
        rng = random.Random(f"{seed} {name}")
        caught = 0
        others: Counter[str] = Counter()
        for _ in range(number):
            letter = make_letter(rng)
            before = Counter(findings(letter))
            mutated = copy.deepcopy(letter)
            mutate(mutated, rng)
            after = Counter(findings(mutated)) - before
            caught += any(code in codes for code, *_ in after)
            others.update({code for code, *_ in after if code not in codes})
        yield name, caught, others


def false_findings(number: int, seed: int = 2016) -> Counter[str]:
    """Return the findings of unchanged letters, by code and severity."""
    rng = random.Random(seed)
    letters = (make_letter(rng) for _ in range(number))
    return Counter(f"{code} {severity}" for each in letters for code, severity, _ in findings(each))
