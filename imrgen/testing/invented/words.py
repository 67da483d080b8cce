"""The texts of invented cases: obviously invented, short and long, plain and odd."""

from collections.abc import Mapping

ODD = (
    "Zoë & Søren’s “Example” — ½ of it, ≥ 5 µg, <sample>",
    "Beispiel-Straße 7½, Łódź",
    "Ångström’s Sample № 5 · naïve façade",
    "Ejemplo: ¡ánimo! 10 % (~3)",
    "a*b_c`d [e] #f | g\\h {{ i }} {% j %}",
)
"""Signs that templates, Markdown, HTML or a font may take for something else, or lack."""

LONG = (
    "An invented text that is much longer than the others, so that it is set in several lines, and "
    "goes on for a while, with commas, and (in parentheses) with more of the same, until it ends"
)
PLAIN = ("Example", "Sample text", "An invented text", "Fictional, for a test")

SYLLABLES = ("ba", "den", "fo", "gri", "lu", "mar", "no", "pel", "quo", "ros", "ti", "vun")
"""Names of people and of companies are made of these, so that no two cases have the same."""

GIVEN_NAMES = ("Alex", "Bodil", "Casey", "Élodie", "Jørgen", "Robin", "Zoë")

NUMBERS = ("EX", "SAMPLE", "T-ST", "N/A-EX")
"""What the numbers of one case alone begin with."""

SENTENCES = (
    "This sentence is invented.",
    "The records of this sample describe what nobody has had.",
    "It was treated with exercises, rest and patience.",
    "An examination of the example showed nothing new.",
    "The notes mention “pain” in quotation marks, and a dash — like this one.",
    "Improvement was reported, but not measured.",
    "*Emphasis* and **strong emphasis** stand in this sentence.",
    "Values of 5 µg and ≥ 3 ½ units, at 20 °C & 40 %, were noted in the naïve façade of Łódź.",
)
BLOCKS = (
    "- first point\n- second point\n- third point",
    "1. one\n2. two\n3. three",
    "> Quoted from an invented guideline.",
    "| measure | before | after |\n|---|---|---|\n| motion | 20 | 40 |\n| strength | 3 | 4 |",
    "- a point\n\n  with a paragraph of its own\n- another\n  - and one within",
)

CONCLUSIONS: Mapping[str | None, str] = {
    "necessary": "For these reasons, the request for {item} is medically necessary.",
    "not necessary": "For these reasons, the request for {item} is not medically necessary.",
    "partly": "A part of {item} is to be covered, as said above.",
    None: "So much for {item}.",
}
"""How a rationale ends, by what the outcome means."""

BANKS: Mapping[str, tuple[str, ...]] = {
    "issues[].item": (
        "Physical therapy, {number} visits for the lumbar spine",
        "MRI of the left knee without contrast",
        "Acupuncture, {number} sessions",
        "Examplin 20 mg, {number} tablets",
        "Durable medical equipment (sample bed, lift & rails)",
        "Consultation with an invented specialist",
        "Functional restoration program, {number} days, with lodging, transport and meals for one",
        "Übungsbehandlung",
    ),
    "issues[].body_parts[]": ("lumbar spine", "left knee", "right shoulder"),
    "issues[].codes[].system": ("CPT", "HCPCS", "ICD-10", "NDC"),
    "reviewers[].licensure[]": ("California", "Nevada", "New York", "Ohio"),
    "reviewers[].certifications[]": (
        "Physical Medicine & Rehabilitation",
        "Orthopaedic Surgery",
        "Pain Management",
        "Internal Medicine",
    ),
    "recipients[].role": ("Employee", "Attorney", "Claims administrator"),
}
"""Texts of fields that the checks read, by pattern."""
