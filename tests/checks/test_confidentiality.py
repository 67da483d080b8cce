"""The checks of confidentiality find identifiers in any spelling, and ignore clinical text."""

from __future__ import annotations

import datetime
import time

import pytest

from imrgen.case import Amount, Basis, Case, Issue
from imrgen.case.model import (
    Citation,
    Code,
    Employee,
    Header,
    Organization,
    Physician,
    Recipient,
    Reviewer,
)
from imrgen.checks import Finding, Subject, all_checks

CHECKS = {each.id: each for each in all_checks() if each.id.startswith("IMR38")}
EMPLOYEE = "Zoë Castellano-O'Brien"
CASE = Case(
    case=Header(number="CM16-9000104", claim_number="WC-2013-448120", eams_number="ADJ9900101"),
    employee=Employee(name=EMPLOYEE, date_of_birth=datetime.date(1979, 12, 16)),
    requesting_physician=Physician(name="Ottoline Brandvold, MD"),
    employer=Organization(name="Tule Valley Cold Storage, Inc."),
    claims_administrator=Organization(name="State Compensation Insurance Fund"),
    recipients=(
        Recipient(role="attorney", name="Percival Nakagawa"),
        Recipient(role="defense attorney", name="Law Offices of Quillfeather & Stone"),
    ),
)
_REPLACE = {name: getattr(CASE, name) for name in CASE.__struct_fields__}


def case(**fields: object) -> Case:
    return Case(**{**_REPLACE, **fields})  # type: ignore[arg-type]


def found(subject: Case) -> list[tuple[str, str, Finding]]:
    checked = Subject(subject)
    return [
        (id, each.severity or check.severity, each)
        for id, check in CHECKS.items()
        for each in check.find(checked)
    ]


def in_rationale(text: str, **fields: object) -> list[tuple[str, str, str]]:
    hits = found(case(issues=(Issue(item="Lumbar MRI", rationale=text),), **fields))
    assert all(
        each.path == ("issues", 0, "rationale") and each.start is not None for *_, each in hits
    )
    return [
        (id, severity, text[each.start or 0 : (each.start or 0) + each.length])
        for id, severity, each in hits
    ]


# The check, its weight, and a text in which the words to be found stand between bars.
FOUND = [
    ("IMR380", "error", "The expert reviewer, |Dr. Alma Doe|, agrees with the request."),
    ("IMR380", "error", "Expert Reviewer: |Jane Doe, MD|"),
    ("IMR380", "error", "The IMR reviewer was |John Q. Doe, D.O.| of this panel."),
    ("IMR380", "error", "The expert reviewer, |Jane Doe|, finds the request necessary."),
    ("IMR380", "error", "I, |John Smith, MD|, have reviewed the records."),
    ("IMR380", "error", "The request is denied.\n\nRespectfully submitted,\n\n|Jane Doe, M.D.|"),
    ("IMR380", "error", "The request is denied.\n\nSincerely,\n|Dr. Doe|"),
    ("IMR380", "error", "It is not necessary.\n/s/ |Jane Doe, DC|"),
    ("IMR380", "warning", "The file was reviewed by |Dr. Xander|."),
    ("IMR380", "warning", "Decision made by: |Hugo Marlowe, MD| in 2016."),
    ("IMR380", "warning", "Reviewer: |Hugo Marlowe|"),
    ("IMR380", "warning", "The UR reviewer, |Dr. Marlowe|, denied it."),
    ("IMR380", "warning", "Unlike the expert reviewer, |Dr. Marlowe| supports the request."),
    ("IMR380", "warning", "Electronically signed by: |Hugo Marlowe, DO|"),
    ("IMR380", "warning", "The request is not necessary.\n|Hugo Marlowe, M.D.|"),
    ("IMR380", "warning", "I, |Dr. Marlowe|, declare that it is true."),
    ("IMR381", "error", "|Zoë Castellano-O'Brien| has low back pain."),
    ("IMR381", "error", "|ZOE CASTELLANO-OBRIEN| has low back pain."),
    ("IMR381", "error", "|zoe castellano o'brien| has low back pain."),
    ("IMR381", "error", "|Zoë Castellano O’Brien|'s pain is worse."),
    ("IMR381", "error", "the file of |Castellano-O'Brien, Zoe|"),
    ("IMR381", "error", "|Zoe M. Castellano-O'Brien| has low back pain."),
    ("IMR381", "error", "Then |Zoë\nCastellano-O'Brien| came back."),
    ("IMR381", "error", "|Zoe\u0308 Castellano-O'Brien| has low back pain."),
    ("IMR381", "error", "|Ms. Castellano-O'Brien| has low back pain."),
    ("IMR381", "error", "|Ms. Castellano| has low back pain."),
    ("IMR381", "error", "|mrs castellano| has low back pain."),
    ("IMR381", "error", "**|Zoë** Castellano-O'Brien| has pain."),
    ("IMR381", "error", "|Mr.Castellano| has low back pain."),
    ("IMR381", "error", "|Z o e  C a s t e l l a n o| has low back pain."),
    ("IMR381", "warning", "|Castellano| reported no relief."),
    ("IMR381", "warning", "It hurts |Castellano|’s back."),
    ("IMR381", "warning", "The file of |C a s t e l l a n o| was read."),
    ("IMR381", "warning", "Z. |Castellano| reported no relief."),
    ("IMR381", "warning", "|Dr. Brandvold| asked for an MRI."),
    ("IMR381", "warning", "|Ottoline Brandvold| asked for an MRI."),
    ("IMR381", "warning", "|Brandvold, Ottoline| asked for an MRI."),
    ("IMR381", "warning", "The MRI was asked for by |Brandvold|."),
    ("IMR381", "warning", "Counsel, |Percival Nakagawa|, wrote."),
    ("IMR381", "warning", "She works at |Tule Valley Cold Storage|."),
    ("IMR381", "warning", "She works at |tule valley cold-storage|."),
    ("IMR381", "warning", "The letter of |Quillfeather and Stone| says so."),
    ("IMR381", "warning", "The |State Compensation Insurance Fund| denied it."),
    ("IMR382", "error", "The claim |WC-2013-448120| was accepted."),
    ("IMR382", "error", "The claim |wc2013448120| was accepted."),
    ("IMR382", "error", "The claim |WC 2013 448120| was accepted."),
    ("IMR382", "error", "The claim |WC–2013–448120| was accepted."),
    ("IMR382", "error", "See |ADJ9900101|."),
    ("IMR382", "error", "See |ADJ 9900101|."),
    ("IMR382", "warning", "See |9900101|."),
    ("IMR382", "warning", "In case |CM16-9000104| the request was denied."),
    ("IMR382", "warning", "In case |CM16 9000104| the request was denied."),
    ("IMR383", "warning", "She lives at |519 Lower Ditch Lane| with her son."),
    ("IMR383", "warning", "She lives at |519 Lower Ditch Lane, Ceres, CA 95307|."),
    ("IMR383", "warning", "The office at |78 Orangeburg Court|, Suite 4."),
    ("IMR383", "warning", "The office at |1200 N. Harbor Blvd|, Suite 4."),
    ("IMR383", "warning", "The office at |350 5th Avenue| called."),
    ("IMR383", "warning", "The office at |41 Main St.|, Modesto."),
    ("IMR383", "warning", "Write to |P.O. Box 1182|."),
    ("IMR383", "warning", "Write to |PO Box 1182|."),
    ("IMR383", "warning", "He moved to Modesto, |CA 95350-1234|."),
    ("IMR383", "warning", "He moved to |Reno, NV 89501|."),
    ("IMR384", "warning", "The pharmacy at |(916) 555-0123| confirmed it."),
    ("IMR384", "warning", "The pharmacy at |916-555-0123| confirmed it."),
    ("IMR384", "warning", "The pharmacy at |916.555.0123| confirmed it."),
    ("IMR384", "warning", "The pharmacy at |1-800-555-0199| confirmed it."),
    ("IMR384", "warning", "The pharmacy at |+1 916-555-0123| confirmed it."),
    ("IMR384", "warning", "Fax: |555-0123|"),
    ("IMR384", "warning", "Tel. no. |9165550123|"),
    ("IMR384", "warning", "She was called at |916 555 0123| twice."),
    ("IMR385", "warning", "Her message from |zoe@example.com| says so."),
    ("IMR385", "warning", "Her message from |zoe.c+imr@mail.example.co.uk| says so."),
    ("IMR385", "warning", "Her message from |zoe [at] example [dot] com| says so."),
    ("IMR385", "warning", "See |https://www.linkedin.com/in/somebody| for details."),
    ("IMR385", "warning", "See |www.drsomebody.com| for details."),
    ("IMR385", "warning", "See |www.valleychiropractic.com| for details."),
    ("IMR386", "warning", "|DOB: 1/2/1970| is on file."),
    ("IMR386", "warning", "The |date of birth is January 2, 1970|."),
    ("IMR386", "warning", "He was |born on 2 January 1970|."),
    ("IMR386", "warning", "He was |born in May 1970|."),
    ("IMR386", "warning", "|D.O.B. 01-02-70| is on file."),
    ("IMR386", "warning", "|1/2/1970 (DOB|) is on file."),
    ("IMR386", "error", "She, |12/16/1979|, has pain."),
    ("IMR386", "error", "She, |12-16-79|, has pain."),
    ("IMR386", "error", "She, |1979-12-16|, has pain."),
    ("IMR386", "error", "She, |December 16, 1979|, has pain."),
    ("IMR386", "error", "She, |Dec. 16th, 1979|, has pain."),
    ("IMR386", "error", "She, |16 Dec 1979|, has pain."),
    ("IMR386", "error", "She, the |16th day of December, 1979|, has pain."),
    ("IMR386", "error", "She, |16DEC1979|, has pain."),
    ("IMR386", "error", "She, |Dec 16, '79|, has pain."),
    ("IMR386", "error", "She (|DOB 12/16/1979|) has pain."),
    ("IMR386", "warning", "She, |16/12/1979|, has pain."),
    ("IMR387", "error", "Her number, |123-45-6789|, is on file."),
    ("IMR387", "error", "SSN: |123-45-6789|"),
    ("IMR387", "warning", "Her number, |912-45-6789|, is on file."),
    ("IMR387", "warning", "|SSN 123456789| is on file."),
    ("IMR387", "warning", "SSN: |xxx-xx-6789| is on file."),
    ("IMR387", "warning", "|social security number ending in 6789| is on file."),
    ("IMR387", "warning", "last four of |SSN: 6789| are on file."),
    ("IMR388", "warning", "|MRN 00123456| is on file."),
    ("IMR388", "warning", "|MRN: A-123456| is on file."),
    ("IMR388", "warning", "|Medical record no. 4455667| is on file."),
    ("IMR388", "warning", "|chart #44556| is on file."),
    ("IMR388", "warning", "|Patient ID: 4455667| is on file."),
    ("IMR388", "warning", "|member ID XYZ123456| is on file."),
    ("IMR388", "warning", "|policy no. 12-3456-78901| is on file."),
    ("IMR388", "warning", "|claim # 5566778| is on file."),
    ("IMR388", "warning", "|ADJ1234567| is on file."),
    ("IMR389", "warning", "|Dr. Marlowe| asked for an MRI."),
    ("IMR389", "warning", "|Dr Marlowe| asked for an MRI."),
    ("IMR389", "warning", "|DR. MARLOWE| ASKED FOR AN MRI."),
    ("IMR389", "warning", "|Dr. H. J. Marlowe| asked for an MRI."),
    ("IMR389", "warning", "|Dr. O’Malley| asked for an MRI."),
    ("IMR389", "warning", "|Dr. van der Berg| asked for an MRI."),
    ("IMR389", "warning", "|Dr. Núñez-Peña| asked for an MRI."),
    ("IMR389", "warning", "|Ms. Jones| feels better."),
    ("IMR389", "warning", "|Mr. Young| feels better."),
    ("IMR389", "warning", "It was read by |Hugo Marlowe, M.D.|, last year."),
    ("IMR389", "warning", "It was read by |Hugo J. Marlowe, DPM| last year."),
    ("IMR389", "warning", "It was read by |HUGO MARLOWE, MD| last year."),
    ("IMR389", "warning", "It was read by |Hugo Marlowe PA-C| last year."),
    ("IMR389", "warning", "The patient's wife, |Linda Marlowe|, came along."),
]


@pytest.mark.parametrize(("id", "severity", "text"), FOUND, ids=range(len(FOUND)))
def test_a_personal_identifier_is_found(id: str, severity: str, text: str) -> None:
    assert text.count("|") == 2
    assert in_rationale(text.replace("|", "")) == [(id, severity, text.split("|")[1])]


CLEAN = """
The injured worker is a 46-year-old female who hurt her low back on October 18, 2016.
Lumbar flexion was 40 degrees; straight leg raising was positive at 45 degrees.
Norco 10-325 mg #60, 10-325-5555, and 5/325 #120 were requested.
Hydrocodone/APAP 10/325mg #180 with 2 refills; MED of 120.
CPT 97110, 97140-59 and 99213 x 12 visits; HCPCS J0690; ICD-10 M54.16.
CPT codes 95886, 95910-95913 and 63030 were requested.
NDC 00406-0123-01 and 54868-5555-00 were dispensed.
NDC 0406-0123-62 was dispensed.
Blood pressure 120-80, pulse 72, weight 185-190 lb, BMI 31.2.
Range of motion: flexion 50/60, extension 20/25, rotation 60-65-70.
A dose of 100-200-300 mg three times a day was tried in 2014 2015 and 2016.
Visits on 10-13-16, 10/13/2016, 2016-10-13, October 13, 2016 and 13 Oct 2016.
The study (Spine 2010;35(26):E1482-7, PMID 21102279) is not enough.
doi:10.1016/j.spinee.2012.05.018 and ISBN 978-0-323-03506-2.
8 CCR 9792.20 to 9792.27.23 and Labor Code 4610.5(c)(2) apply.
MTUS 2009, 8 C.C.R. 9792.24.2, page 60 of 127.
The Beck Depression Inventory score was 24, and the Oswestry Disability Index 46%.
Waddell's signs were 3 of 5; Spurling's test was negative.
Positive Tinel's and Phalen's signs; Finkelstein's was negative.
Lachman, McMurray and Apley tests were negative.
Hawkins and Neer signs were positive; Speed's test and Yergason's were negative.
Patrick's, FABER and Gaenslen's tests were positive on the left.
The Jackson compression test and Thomas test were negative.
A Jones fracture and a Baker's cyst were seen.
A Smith-Robinson approach was planned, and a Smith's fracture was seen.
Smith et al. found no benefit.
According to Smith 2014 and Jones (2015), it is of no benefit.
Dr. Waddell's signs were described in 1980.
Dr. Smith et al. found no benefit.
Chou and colleagues, and Deyo & Weinstein, found no benefit.
The Cochrane review and Mosby's Drug Consult agree.
Wheeless' Textbook of Orthopaedics, Campbell's Operative Orthopaedics.
Goodman & Gilman's The Pharmacological Basis of Therapeutics.
She wears Dr. Martens and Dr. Scholl's insoles.
MS Contin 30 mg was tapered, and Depakote DR continued.
Omeprazole DR 20 mg #60 was denied.
MR arthrogram of the left hip; MR Arthrogram; MR imaging.
The patient saw the Dr. The patient was then seen by P.T.
She was referred by Dr. for an evaluation.
She was seen by Dr. . The plan was physical therapy.
Per Dr.  On examination there was spasm.
Per Dr. [redacted] and Dr. XXX and Dr. ____, it is stable.
The Primary Treating Physician, M.D., requested it.
An Orthopedic Surgeon, MD, and a Pain Management, M.D., were consulted.
An Internal Medicine, D.O. and Chiropractor, D.C. were consulted.
Published in Bethesda, MD: National Institutes of Health.
Silver Spring, MD and Washington, DC are the places of publication.
Author: Stephen Kishner, MD; Chief Editor: Dean H Hommer, MD; eMedicine, updated 2014.
The Expert Reviewer based the decision on the MTUS.
The reviewer notes that the records hold no red flag.
The physician reviewer denied the request.
The MRI was reviewed by the treating physician.
The decision was made by Utilization Review.
The case was reviewed by Physical Medicine and Rehabilitation.
Type I, Physical Therapy and home exercise were continued.
The opioid agreement was signed by the patient.
Signed consent was obtained. Sincerely held beliefs were discussed.
Best regards to function, nothing has changed.
He lives at home and walks 2 blocks down the street.
4 Wheel Drive vehicles, 3 Way Stop, 64 Slice CT.
12 sessions of Physical Therapy. 6 Weeks Post Op. Dr. visits.
In 2013 Superior Court records were not reviewed.
Take 1 tablet PO BID; PO box not ticked; p.o. 5 mg.
CA MTUS 2016 and CA 9792.21 apply; California 2009 guidelines.
97140 OR 97110; Therapy, OR 97110.
Smoking: 1 pack per day for 20 years in Sacramento, CA.
The unit was called a TENS unit; call 911; level 4 call.
Called on 10-18-2016. Fax dated 10/18/2016. Phone visit of 10.18.2016.
The telephone visit lasted 15 minutes in 2016.
Cell count 5500; telephone consultation 2016; contact dermatitis.
Pain 7/10 @ rest and 9/10 @ work; 5 mg @ bedtime.
See www.dir.ca.gov/dwc and http://www.ncbi.nlm.nih.gov/pubmed/21102279.
See www.odg-twc.com, www.acoem.org, www.drugs.com, www.webmd.com and www.rxlist.com.
See http://www.guideline.gov/content.aspx?id=38289 and http://orthoinfo.aaos.org/topic.cfm?topic=A00197.
See http://www.mdguidelines.com and https://www.uptodate.com/contents/search.
See http://emedicine.medscape.com/article/305143-overview.
She was born in Mexico and her child was born healthy.
DOB: not given. Date of birth redacted. DOI: 10/18/2016.
A newborn; birth control; Birth weight 2500 g.
Social Security Disability was granted in 2014.
A SSN block in 2014 and a suprascapular nerve (SSN) block.
MRN 2016: magnetic resonance neurography of the plexus.
Medical records 2015 through 2016 were reviewed.
The medical record does not show 1200 mg of gabapentin.
Aetna Clinical Policy Bulletin Number: 0016, Back Pain.
Medical policy no. 7.01.85 and Coverage Policy Number 0104.
The chart note of 2016 and the chart of 10/18/2016.
Patient #2 of 3; claim of 2013; the group of 2016 patients; account of the injury.
Back pain persists. Hand grip is weak. Young age is noted. Gray matter is intact.
The claim was accepted; State law and Federal law apply.
Tule fog and a valley; cold packs and storage of ice.
Right L4-L5 and L5-S1 transforaminal epidural steroid injection.
Zoe's law? No: the zone of injury is castellated.
Serum 25-OH vitamin D 16.7 on 12/16; hemoglobin 12.16.
It decreased 16, 79 and 12 16 79 on 12-16; L2/16/79; 12/16/79% better.
The 12/16/2016 report and the 12/17/1979 report differ.
It is 79 percent better on 12/16.
Ratings of 4/5, 5-/5 and 4+/5; +2 edema; +1 916 reflex.
Lidoderm 5% patch #30, Voltaren 1% gel 100 gm, Terocin #30.
Surgery of 9/16/79 was remote.
ROM 120-80-20; grip (Jamar) 40-42-38 / 20-22-18.
Electromyography (EMG)/nerve conduction velocity (NCV) of 2015-2016.
QTc 470 ms. Median nerve latency 4.5 ms. Ulnar nerve normal.
Miss appointments at your peril. Doctor visits continue. Doctor of Chiropractic.
Patient is s/p ACDF C5-C7, D.O.I. 2009, P&S 2011.
Dr. Patient relationship and Dr. Visit were noted.
The Oswestry, Roland Morris and Epworth scales were used.
McKenzie exercises and Pilates were tried; Williams flexion exercises too.
A Foley catheter and a Bledsoe brace were used after surgery.
Robaxin, Zanaflex, Soma, Flexeril; Ultram ER; Butrans 10 mcg/hr.
GAF 55; AXIS I, Major Depression; AXIS II, None.
Grade I, Grade II and Grade III, L4 on L5.
Type 1-2-3; level 100.200.300.
H-Wave unit, 30 day rental, then purchase; Game Ready, 2 weeks.
DVT max; Q-Tech; Vascutherm 4 days; Cold Compression Unit, 7 days.
The State of California and the County of residence are irrelevant.
No. 12345 is the number of the study; protocol 20142015.
One of 1234 patients; 10,000 units; 1250000.5 units; 2500 mg.
Sodium 140; 123-45-678; 12-345-6789; 1234-56-7890.
ACOEM Guidelines, 2nd Edition, 2004, Chapter 12, pages 303-305.
The worker's compensation claim was accepted for the left knee.
Back in 2013 the Beck and PHQ-9 scores were high.
He works full duty as a driver. Baker by trade. Carpenter's tools.
May 2016: no change. June 2016: improved. April showers.
Main Street, the avenue of treatment, and the drive to work.
Follow up with Dr. in 4 weeks; RTC 4 wks; RTW 10-18-16.
Up to 2000 mg/day (500 mg 4 x daily) since 2014-2015.
Apply 2-3 gm to area 3-4 times/day, 120 gm x 2 refills.
It was read on 3/2/2015, 4/5/2015, and 6/7/2016 respectively.
The American Academy of Orthopaedic Surgeons, Rosemont, Illinois 2013.
Knee Surg Sports Traumatol Arthrosc. 2012 Apr;20(4):625-30.
J Bone Joint Surg Am. 2010 Jul;92(7):1580-9. Kuhn JE, Dunn WR.
Mauricio PD, Hegedus EJ. Br J Sports Med. 2008;42:80-92.
""".strip().split("\n")


def test_there_are_many_everyday_texts() -> None:
    assert len(CLEAN) >= 120 <= len(set(CLEAN))


@pytest.mark.parametrize("text", CLEAN, ids=range(len(CLEAN)))
def test_everyday_clinical_text_is_left_alone(text: str) -> None:
    assert in_rationale(text) == []


def test_everyday_clinical_text_is_left_alone_as_a_whole() -> None:
    assert in_rationale("\n".join(CLEAN)) == []


def test_many_texts_are_tried() -> None:
    assert len(FOUND) >= 80


# An employee's name, a text, and what is to be found there as a name of the case.
NAMES = [
    ("Marvin Back", "Back pain. |Mr. Back| feels better. Low Back pain. MR Back.", "error"),
    ("Maria Young", "Young patients do better. |Ms. Young| is not one.", "error"),
    ("Maria Young", "|maria young| feels better", "error"),
    ("Grant Hand", "The grant for hand therapy: |Grant Hand| feels better.", "warning"),
    ("Max Payne", "A Payne is a name. |MAX PAYNE| feels better.", "error"),
    ("John Gray", "Gray matter. Mr. gray. |Gray, John| feels better.", "error"),
    ("Müller, Jürgen", "|Jurgen Mueller| feels better.", "error"),
    ("Jurgen Mueller", "|Jürgen Müller| feels better.", "error"),
    ("Łukasz Łódź-Søn", "|LODZ SON, LUKASZ| feels better.", "error"),
    ("Strauß, Anna", "|Anna Strauss| feels better.", "error"),
    ("Anna Strauss", "|Anna Strauß| feels better.", "error"),
    ("Anh Le", "bilateral LE, an LE brace; |Anh Le| feels better.", "error"),
    ("Li Wu", "|Wu, Li| feels better.", "error"),
    ("Li Wu", "L. |Wu| feels better; wu.", "warning"),
    ("Juan de la Cruz", "|DELACRUZ, JUAN| feels better.", "error"),
    ("Juan Delacruz", "|Mr. De La Cruz| feels better.", "error"),
    ("Sean O'Brien", "O'Brien's test was positive. |Mr. OBrien| feels better.", "error"),
    ("Sean OBrien", "|Sean O’Brien| feels better.", "error"),
    ("María José García López", "|Ms. Garcia| feels better.", "error"),
    ("María José García López", "|Maria Jose Garcia Lopez| feels better.", "error"),
    ("Smith, John Q., Jr.", "|John Smith| feels better.", "error"),
    ("Mr. John Smith", "|Smith Jr., John| feels better.", "error"),
    (
        "John Smith",
        "Smith et al., Smith (2014), Smith J. Spine 2014;3. Smith-Petersen nail, Smith's fracture.",
        "none",
    ),
    ("John Smith", "|S m i t h| is better.", "warning"),
    ("John Smith", "|J o h n S m i t h| is better.", "error"),
    (
        "Robert Jackson",
        "Jackson's compression test and Jackson and Spurling tests were negative.",
        "none",
    ),
    ("Robert Thomas", "The Thomas test was positive.", "none"),
    ("Ana Norco", "Norco 10/325 mg was denied.", "none"),
    ("Injured Worker", "The Injured Worker is the injured worker.", "none"),
    ("John A. Smith", "John a 45-year-old; John A. said so.", "none"),
    ("An Le", "an LE brace, and an le; An LE brace", "warning none"),
    ("Zo\u0308e Mu\u0301noz", "|Zöe Múñoz|".replace("ñ", "n") + " feels better.", "error"),
]


@pytest.mark.parametrize(("name", "text", "severity"), NAMES, ids=range(len(NAMES)))
def test_a_name_is_found_in_its_spellings(name: str, text: str, severity: str) -> None:
    got = in_rationale(text.replace("|", ""), employee=Employee(name=name))
    own = [(each, words) for id, each, words in got if id == "IMR381"]
    if "|" in text:
        assert own == [(severity, text.split("|")[1])]
    elif severity == "none":
        assert got == []


ORGANIZATIONS = [
    ("Target Corporation", "Target heart rate; the target.", None),
    ("The Gap", "A gap in treatment. Gap in care.", None),
    ("State of California", "The State of California guideline.", None),
    ("Back Pain Clinic LLC", "The Back Pain Clinic.", None),
    ("N/A", "N/A", None),
    ("Home Depot, Inc.", "the home depot; the |Home Depot|", "Home Depot"),
    ("A & B Roofing Co.", "She works at |A&B Roofing|.", "A&B Roofing"),
    ("Sedgwick CMS", "|SEDGWICK CMS| denied it.", "SEDGWICK CMS"),
    (
        "Almond Grove Packing Cooperative",
        "the |almond grove packing cooperative|",
        "almond grove packing cooperative",
    ),
]


@pytest.mark.parametrize(("name", "text", "words"), ORGANIZATIONS, ids=range(len(ORGANIZATIONS)))
def test_an_organization_is_found_by_its_full_name(name: str, text: str, words: str | None) -> None:
    got = in_rationale(text.replace("|", ""), employer=Organization(name=name))
    assert got == ([("IMR381", "warning", words)] if words else [])


CREDENTIALS = [
    ("Dr. Jane Doe", "error"),
    ("Jane Doe, MD", "error"),
    ("Board Certified, Jane Q. Doe, M.D.", "error"),
    ("H. Marlowe, DC", "error"),
    ("Hugo Marlowe, DO", "warning"),
    ("Jane Doe", "warning"),
    ("Internal Medicine, MD", None),
    ("Physical Medicine & Rehabilitation", None),
    ("Orthopedic Surgery, Spine Fellowship, MD", None),
    ("Chiropractor, D.C.", None),
    ("Family Practice, D.O.", None),
    ("Licensed Acupuncturist, L.Ac.", None),
    ("Pain Medicine (Subspecialty of Anesthesiology)", None),
    ("Médecine physique (Montréal)", None),
    ("Doctor of Chiropractic, DC", None),
    ("Infectious Disease, MD", None),
]


@pytest.mark.parametrize(("written", "severity"), CREDENTIALS)
def test_credentials_hold_no_name(written: str, severity: str | None) -> None:
    for field in ("certifications", "licensure"):
        got = found(case(reviewers=(Reviewer(**{field: ("California", written)}),)))
        assert [(id, each) for id, each, _ in got] == ([("IMR380", severity)] if severity else [])
        assert all(each.path == ("reviewers", 0, field, 1) for *_, each in got)


@pytest.mark.parametrize(
    "state",
    ["MD", "West Virginia, MD", "Washington, DC", "Rhode Island, MD", "CA, NV, DC", "New York, NY"],
)
def test_a_state_is_not_a_name(state: str) -> None:
    assert found(case(reviewers=(Reviewer(licensure=(state,)),))) == []


def test_every_text_that_a_determination_shows_is_searched() -> None:
    words = "as Ms. Castellano said, DOB 12/16/1979"
    basis = Basis(
        mtus=(Citation(title=words, sections=(words,), pages=words),),
        other=(words,),
        as_written=words,
    )
    issue = Issue(
        item=words,
        requested=Amount(quantity=2, unit=words),
        authorized=words,
        remaining=words,
        category=words,
        claims_administrator_basis=basis,
        reviewer_basis=basis,
        rationale=words,
        depends_on=words,
        codes=(Code(system="CPT", code=words),),
    )
    got = found(
        case(
            issues=(issue,), clinical_summary=words, reviewers=(Reviewer(certifications=(words,)),)
        )
    )
    for id in ("IMR381", "IMR386"):
        assert len({each.path for code, _, each in got if code == id}) == 1 + 1 + 6 + 2 * 5
    assert not any({"depends_on", "codes"} & set(each.path) for *_, each in got)


def test_every_place_is_reported() -> None:
    got = in_rationale("Ms. Castellano, then Ms. Castellano, then Castellano")
    assert [each for _, each, _ in got] == ["error", "error", "warning"]


def test_places_are_right_behind_characters_that_fold_to_none_or_two() -> None:
    got = in_rationale(
        "Stra\u00dfe \ufb01n \u00adn\u0303 \u0130\u0130 Ms. Castellano-O'Brien, born on 1/2/1970"
    )
    assert [words for *_, words in got] == ["Ms. Castellano-O'Brien", "born on 1/2/1970"]


def test_a_message_does_not_quote_what_was_found() -> None:
    for id, _, text in FOUND:
        for *_, each in found(
            case(issues=(Issue(item="Lumbar MRI", rationale=text.replace("|", "")),))
        ):
            words = " ".join((each.message, *each.hints)).lower()
            assert not any(
                word in words
                for word in ("castellano", "zoe", "brandvold", "marlowe", "555", "1979")
            ), id
            assert each.hints
            assert not each.message.endswith(".")


def test_an_empty_case_is_fine() -> None:
    assert found(Case()) == []
    assert (
        found(Case(issues=(Issue(item="x"),), recipients=(Recipient(),), reviewers=(Reviewer(),)))
        == []
    )


@pytest.mark.parametrize(
    "piece", ["Dr. ", "MD ", "1234 ", "Ab-", "1 A", "a@", "I, ", "9", "A", "\u0301", "Castellano "]
)
def test_a_long_text_is_searched_in_good_time(piece: str) -> None:
    start = time.process_time()  # of this process: others take none of it
    found(case(clinical_summary="x" + piece * (40_000 // len(piece))))
    assert time.process_time() - start < 5
