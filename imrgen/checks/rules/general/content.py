"""Checks of content: a letter must hold nothing that does not belong."""

from collections.abc import Iterator

from imrgen.checks import Finding, Subject, check
from imrgen.checks.text import Pattern, joined_lines
from imrgen.diagnostics import Path, Severity, field

_TOKEN = Pattern(r"\d+(?:\.\d+)?|[^\W\d_]+")


@check("IMR315", "The same item twice", "warning", "Editorial: one decision on each item")
def same_item_twice(subject: Subject) -> Iterator[Finding]:
    """Report two issues with the same item.

    What: Items are compared without case, punctuation and spacing. Those with other quantities,
    strengths, dates or sides are two items, and so are those whose `body_parts`, `codes`,
    `requested`, `authorized` or `remaining` differ.

    Why: An item that is decided twice can be decided in two ways, and is most often an entry that
    was copied.

    Fails:
        two issues, item = "Norco 10/325mg #60" and item = "Norco 10/325 mg, #60"

    Passes:
        two issues, item = "Norco 10/325mg #60" and item = "Norco 10/325mg #90"
    """
    seen: dict[tuple[object, ...], Path] = {}
    for number, issue in enumerate(subject.case.issues):
        tokens = (
            token if token.isalpha() else f" {token} "
            for token in _TOKEN.findall(issue.item.casefold())
        )
        amounts = (issue.requested, issue.authorized, issue.remaining)
        key = (
            "".join(tokens),
            amounts,
            issue.codes,
            frozenset(part.casefold() for part in issue.body_parts),
        )
        path: Path = ("issues", number, "item")
        first = seen.setdefault(key, path)
        if first != path:
            yield Finding(
                path,
                f"this item is the same as `{field(first)}`",
                ("remove one of the two, or state how they differ",),
            )


_PLACEHOLDER = Pattern(
    r"(?P<certain>\bTODO\s*:|\bFIXME\b|\b(?:LOREM\s+IPSUM|[Ll]orem\s+[Ii]psum)\b|"
    r"\{\{[^{}\n]{0,200}\}\}|\{%[^{}\n]{0,200}%\}|"
    r"[\[<({]\s*(?:[Ii]nsert|INSERT)\b[^\[\]<>(){}\n]{0,80}\b(?:here|HERE)\s*[\])>}]|"
    r"\bINSERT(?:\s+[\w'’-]+){0,5}\s+HERE\b)|"
    r"(?P<note>\bTODO\b|\bTBD\b|\bXXX+\b|\bxxx+\b)|(?P<marks>\?{3,})|(?P<box>\[[ \u00a0]{0,3}\])|"
    r"(?P<insert>[\[<]\s*(?:[Ii]nsert|INSERT)\b[^\[\]<>\n]{1,80}[\]>]|"
    r"\b[Ii]nsert(?:\s+[\w'’-]+){1,5}\s+here\b)|"
    # What record systems and mail merges leave where nobody has filled in anything.
    r"(?P<wildcard>(?<![\w*])\*{3}(?![\w*])|@[A-Z][A-Z0-9_]{1,30}@|\[\*\*[^\]\n]{1,60}\*\*\]|"
    r"\{[A-Za-z][A-Za-z /-]{1,40}:\d{3,}[^{}\n]{0,100}\}|<<[^<>\n]{1,60}>>|«[A-Za-z]+_\w+»)"
)
# The pattern is slow, and few texts contain any of these.
_SIGNS = (
    "TODO",
    "FIXME",
    "psum",
    "PSUM",
    "nsert ",
    "NSERT",
    "TBD",
    "XXX",
    "xxx",
    "???",
    "[ ",
    "[\u00a0",
    "[]",
    "***",
    "@",
    "[**",
    "{",
    "<<",
    "«",
)
_TICKED = Pattern(r"\[[xX✓✔]\]")


@check(
    "IMR316",
    "Placeholder text",
    "warning",
    "Editorial: a letter is sent without notes to its author",
)
def placeholder_text(subject: Subject) -> Iterator[Finding]:
    """Report placeholders and notes to the author.

    What: “TODO:”, “FIXME”, “Lorem ipsum”, braces of a template, and “insert … here” in brackets or
    capitals are errors: they belong in no letter. “TODO”, “TBD”, “XXX”, “???”, an empty pair of
    brackets, other requests to insert something, and what record systems and mail merges leave
    (“***”, “@NAME@”, “{PAIN:12345}”, “<<Date>>”) are warnings, since a quoted record may
    have them: “XXX” may be a redaction, and “[ ]” a box of a form. A box is not reported where
    another box of the same text is ticked. Each kind is reported once per text.

    Why: The letter would be sent to the parties with a gap in it.

    Fails:
        rationale = "… has had [insert number here] visits of therapy."

    Passes:
        rationale = "… has had 12 visits of therapy."
    """
    whole = "\n".join(text for _, text in subject.texts)
    signs = [sign for sign in _SIGNS if sign in whole]
    hints = ("write the intended text, or remove it",)
    for path, text in subject.texts if signs else ():
        if not any(sign in text for sign in signs):
            continue
        seen: set[str | None] = set()
        for found in _PLACEHOLDER.finditer(text):
            kind = found.lastgroup
            if kind in seen or (kind == "box" and _TICKED.search(text)):
                continue
            seen.add(kind)
            certain = kind == "certain"
            message = "a placeholder was left here" if certain else "this looks like a placeholder"
            severity: Severity = "error" if certain else "warning"
            yield Finding(path, message, hints, found.start(), len(found[0]), severity)


@check(
    "IMR318",
    "Lines that run together",
    "warning",
    "CommonMark 0.31, 4.8: the lines of a paragraph are one text",
)
def lines_that_run_together(subject: Subject) -> Iterator[Finding]:
    """Report lines that were typed one below another, and are one paragraph in the letter.

    What: In a narrative, only a blank line, or a list of at least two lines whose markers run on,
    begins a new line of the letter. Reported are lines that look as if they should: one that begins
    like an item of a list (`•`, `3.`), several that begin with a label (`Allergies:`) or a sign
    (`-Babinski`), rows of a table that was typed with tabs, spaces or bars alone, headings or rules
    of Markdown (`# Plan`, `---`), and a sentence right below a list. Each paragraph is reported
    once.

    Why: The words all arrive, but what was a list can no longer be read as one.

    Fails:
        clinical_summary = '''
        MEDICATIONS: Norco, Soma
        ALLERGIES: none
        '''

    Passes:
        clinical_summary = '''
        - MEDICATIONS: Norco, Soma
        - ALLERGIES: none
        '''
    """
    message = "this line and the one above it run together in the letter"
    hints = (
        "put a blank line between them",
        "or begin each with a list's marker, such as `- `, or `1.` and `2.`",
    )
    for path, text in subject.narratives:
        for line in joined_lines(text):
            yield Finding(path, message, hints, line.start)
