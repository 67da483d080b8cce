"""Sentences made from a grammar: what a reviewer may write around a verdict, and what it comes to.

A *frame* is what surrounds a verdict; `{v}` stands for a verdict of the letter's own decision about
`{i}`, the item. A *notice* follows it. The held-out frames and notices were written before the
reader was, and nothing was adjusted to them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

ITEMS = (
    ("Tramadol 50mg #60", "tramadol"),
    ("MRI of the right knee", "the MRI of the right knee"),
    ("Acupuncture, 6 visits", "acupuncture"),
    ("Left knee arthroscopy with partial meniscectomy", "the partial meniscectomy"),
    ("Interferential unit, 30 day rental", "the requested rental"),
)

# Each verdict: necessary, not necessary. Those in plain words can be an error.
PLAIN = (
    ("{i} is medically necessary", "{i} is not medically necessary"),
    ("the request is medically necessary", "the request is not medically necessary"),
    ("{i} is deemed medically necessary", "{i} is not deemed medically necessary"),
    (
        "the medical necessity of {i} is established",
        "the medical necessity of {i} is not established",
    ),
)
OTHER = (
    ("{i} is seen as medically necessary", "{i} is not seen as medically necessary"),
    ("{i} is a medical necessity", "{i} is not a medical necessity"),
    (
        "the records establish medical necessity for {i}",
        "the records fail to establish medical necessity for {i}",
    ),
    ("{i} is supported", "{i} is not supported"),
    (
        "{i} is likely to be more beneficial than any available standard treatment",
        "{i} is unlikely to be more beneficial than any available standard treatment",
    ),
    ("the denial of {i} should be overturned", "the denial of {i} should be upheld"),
)

# Frames that leave a plain verdict plain.
CLEAR = (
    "{V}.",
    "Therefore, {v}.",
    "For these reasons, {v}.",
    "On this record {v}.",
    "{V} at this time.",
    "The guideline was reviewed. {V}.",
)
# Frames in which it is read, if with a doubt.
DOUBTFUL = (
    "Given the lack of improvement with therapy, {v}.",
    "Since rest has not helped, {v}.",
    "With no relief after six weeks of rest, {v}.",
    "Due to the absence of relief from rest, {v}.",
    "For a worker who cannot take naproxen, {v}.",
    "Although the notes lack detail, {v}.",
    "In spite of the lack of a guideline, {v}.",
    "As conservative care has failed, {v}.",
    "There is no sign of misuse, and {v}.",
    "While the guideline does not recommend routine use, this is an exception: {v}.",
    "Even if the diagnosis is confirmed, {v}.",
    "Although it was called medically necessary in March, {v}.",
    "Since the earlier sessions were found medically necessary, the same was expected here. {V}.",
    "The surgeon states that it is medically necessary. {V}.",
)
NOTICES = (
    "",
    " This decision addresses the medical necessity of opioids as they have been "
    "prescribed. It is no advice to stop them at once.",
    " A gradual taper is recommended.",
    " Further evaluation by an orthopedist is indicated.",
    " A home exercise program is appropriate.",
    " The reviewer is certified in orthopedic surgery.",
    " No mobility examination was sent, which is required to determine the necessity of a chair.",
)

# Written before the reader; never looked at while it was made.
HELD_OUT_FRAMES = (
    "Because two epidurals brought nothing, {v}.",
    "In view of an unsuccessful trial of splints, {v}.",
    "Owing to the failure of oral agents, {v}.",
    "After eight weeks without progress, {v}.",
    "Notwithstanding the sparse notes and no imaging, {v}.",
    "Inasmuch as he never responded to ibuprofen, {v}.",
    "Without a contraindication on file, {v}.",
    "Being unable to tolerate gabapentin, the worker has few options left, and {v}.",
    "Granted that the literature isn't uniform, {v}.",
    "Under these circumstances – no surgery is planned – {v}.",
    "The reviewer's answer is as follows: {v}.",
    "Even when the findings of June are left aside, {v}.",
    "The insurer held that nothing new was sent; on the whole file, {v}.",
    "The treating doctor maintains it is not medically necessary to wait, yet {v}.",
    "Having weighed the risks, none of which is severe, I find that {v}.",
    "It is this reviewer's opinion that {v}.",
)
HELD_OUT_NOTICES = (
    " The conclusion reached here concerns necessity alone and is no instruction to end "
    "the drug overnight.",
    " Readers should bear in mind that only the medical necessity of the regimen as "
    "written was considered.",
    " A specialist's opinion about the neck would be appropriate.",
    " Should withdrawal arise, slow reduction is reasonable.",
    " Another guideline, on nerve pain, supports gabapentin.",
)
HELD_OUT_VERDICTS = (
    ("{i} is felt to be medically necessary", "{i} is not felt to be medically necessary"),
    ("medical necessity for {i} has been shown", "medical necessity for {i} has not been shown"),
    (
        "{i} is regarded as being medically necessary",
        "{i} cannot be regarded as being medically necessary",
    ),
    ("I find {i} to be medically necessary", "I do not find {i} to be medically necessary"),
    ("there is medical necessity for {i}", "there is no medical necessity for {i}"),
    (
        "the plan's refusal of {i} ought to be reversed",
        "the plan's refusal of {i} ought to be affirmed",
    ),
    ("{i} is warranted", "{i} is unwarranted"),
)

# Sentences of each kind by hand: item, text, whether necessary (None: nothing may be an error).
BY_HAND: tuple[tuple[str, str, bool | None], ...] = (
    (
        "Norco 10/325mg #90",
        "The requested Norco is not medically necessary. What was judged is the medical "
        "necessity of the drug as it has been used so far. Nobody should stop it overnight.",
        False,
    ),
    (
        "Norco 10/325mg #90",
        "Norco is not medically necessary. The determination above has to do with "
        "medical necessity, and should not be taken as a direction to halt the drug.",
        False,
    ),
    (
        "Norco 10/325mg #90",
        "The request is medically necessary. Nothing in this letter about medical "
        "necessity replaces the prescriber's judgment.",
        True,
    ),
    (
        "Work hardening, 10 visits",
        "Considering that he never went back to work, work hardening is medically necessary.",
        True,
    ),
    (
        "Work hardening, 10 visits",
        "In light of a failed return to work, the request is medically necessary.",
        True,
    ),
    (
        "Work hardening, 10 visits",
        "There are no contraindications, and the medical necessity of work hardening has "
        "been demonstrated.",
        True,
    ),
    (
        "Manual wheelchair",
        "The chair is not medically necessary. A gait study would be needed to establish "
        "the necessity of any chair.",
        False,
    ),
    ("Home infusion", "The plan's determination of medical necessity is upheld.", False),
    (
        "CT of the chest",
        "The requested CT is not supported by the guideline. Referral to a pulmonologist "
        "is reasonable.",
        False,
    ),
    ("CT of the chest", "The CT is inappropriate. A chest film is indicated.", False),
    (
        "Gene therapy",
        "The literature supports the treatment, with no reasonable alternatives at hand.",
        True,
    ),
    (
        "Lumbar brace",
        "The surgeon argues that the brace is medically necessary, but on this file the "
        "brace is not.",
        False,
    ),
    (
        "Lumbar brace",
        "The claims administrator said that it is not medically necessary, but on this file it is.",
        True,
    ),
    ("Partial knee replacement", "The partial knee replacement is not medically necessary.", False),
    ("Partial hospitalization, 10 days", "Partial hospitalization is medically necessary.", True),
    ("Botulinum toxin", "The requested injections are not viewed as medically necessary.", False),
    ("Botulinum toxin", "Botulinum toxin is of medical necessity.", True),
    (
        "Proton therapy",
        "Proton therapy is not likely to be more beneficial for this enrollee than any "
        "available standard therapy.",
        False,
    ),
    ("Proton therapy", "The health plan's denial should be overturned.", True),
    ("Proton therapy", "Thus, the decision of utilization review is upheld.", False),
    (
        "Hip injection",
        "The file demonstrates the medical necessity of the injection. Surgery has its "
        "risks. Rest did not help.",
        True,
    ),
    (
        "Hip injection",
        "Routine use is not advised, but this is different: the hip injection is "
        "medically necessary.",
        True,
    ),
    (
        "Hip injection",
        "Even if the pain is from the joint, the hip injection is not medically necessary.",
        False,
    ),
    (
        "Hip injection",
        "If the pain is from the joint, the hip injection is medically necessary.",
        None,
    ),
    (
        "Hip injection",
        "The surgeon is asked whether the hip injection is medically necessary.",
        None,
    ),
    ("Hip injection", "“The hip injection is medically necessary,” wrote the surgeon.", None),
    (
        "Hip injection",
        "To be medically necessary, an injection must follow a trial of therapy.",
        None,
    ),
    ("Hip injection", "The hip injection is partially medically necessary.", None),
    (
        "Hip injection",
        "The shoulder surgery is medically necessary. The hip injection is not.",
        False,
    ),
    ("Hip injection", "According to the surgeon, the hip injection is medically necessary.", None),
    ("Hip injection", "It may be medically necessary at a later time.", None),
    (
        "Postoperative therapy",
        "Because the fusion is not medically necessary, postoperative therapy is not, either.",
        False,
    ),
    ("Hip injection", "I do not agree that the hip injection is not medically necessary.", True),
    (
        "Hip injection",
        "It is not medically necessary to wait; the hip injection is medically necessary.",
        True,
    ),
    ("Hip injection", "Neither the hip injection nor the brace is medically necessary.", False),
    ("Hip injection", "None of these is medically necessary.", False),
    ("Hip injection", "The hip injection is medically unnecessary.", False),
)


def letters(
    frames: tuple[str, ...], verdicts: tuple[tuple[str, str], ...], notices: tuple[str, ...]
) -> Iterator[tuple[str, str, bool]]:
    """Yield item, rationale and whether it finds the item necessary, for every combination."""
    for frame, pair, notice, (item, name) in itertools.product(frames, verdicts, notices, ITEMS):
        for verdict, is_necessary in zip(pair, (True, False), strict=True):
            words = verdict.format(i=name)
            text = frame.format(v=words, V=words[0].upper() + words[1:])
            yield item, f"The records were read. {text}{notice}", is_necessary
