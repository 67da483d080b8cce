"""Every code that imrgen can report: its title, its severity and its manual.

A code has one meaning. Those of checks (`IMR3..`) are registered by `imrgen.checks.check`, and all
others here; nothing else spells a code out. Whoever reports one names its constant:

    Diagnostic(codes.UNKNOWN_PACK, "there is no pack `acme`")
"""

from __future__ import annotations

import msgspec

from imrgen.diagnostics.diagnostic import Severity


class Code(msgspec.Struct, frozen=True):
    """What is known of a code.

    Args:
        id: `IMR` and three digits.
        title: A few words.
        severity: `error` stops the letter, `warning` does not; a diagnostic may weigh otherwise.
        manual: What it means, why, how to mend it, and an example.
        source: The law, regulation or standard that it comes from; empty for none.
    """

    id: str
    title: str
    severity: Severity
    manual: str
    source: str = ""


registry: dict[str, Code] = {}
"""The codes by id, in the order of the ids."""


def _code(id_: str, title: str, manual: str, severity: Severity = "error") -> str:
    registry[id_] = Code(id_, title, severity, manual)
    return id_


# Reading a file

CASE_UNREADABLE = _code("IMR001", "A file cannot be read", "")
INVALID_TOML = _code("IMR002", "Not valid TOML", "")
INVALID_JSON = _code("IMR003", "Not valid JSON", "")
TOO_LARGE = _code("IMR004", "Too large to be read", "")
NOT_UTF8 = _code("IMR005", "Not UTF-8", "")

# What a case file may hold

UNKNOWN_KEY = _code("IMR101", "An unknown key", "")
WRONG_TYPE = _code("IMR102", "A value of the wrong type", "")
WRONG_VALUE = _code("IMR103", "A value that the field does not allow", "")
CONTRADICTION = _code("IMR104", "Fields that contradict each other", "")
MISSING_KEY = _code("IMR105", "A key is missing", "")
REQUIRED_BY_LETTER = _code("IMR106", "A field that the letter requires is missing", "")
UNKNOWN_NOTICE = _code("IMR107", "The pack has no notice of this name", "")
NARRATIVE_LOST = _code("IMR110", "A part of a narrative would not be seen", "")

# Packs and templates

UNKNOWN_PACK = _code("IMR201", "There is no such pack", "")
UNKNOWN_LETTER = _code("IMR202", "The pack has no such letter", "")
UNKNOWN_REQUIREMENT = _code("IMR203", "A letter requires a field that no case has", "")
PACK_FILE_MISSING = _code("IMR204", "A file of the pack is missing", "")
TEMPLATE_SYNTAX = _code("IMR205", "A template has a syntax error", "")
TEMPLATE_UNDEFINED = _code("IMR206", "A template uses a value that is not there", "")
IMAGE_UNUSABLE = _code("IMR207", "An image cannot be used", "")
UNKNOWN_CHECK = _code("IMR208", "There is no such check", "")
TEMPLATES_NOT_A_FOLDER = _code("IMR209", "Not a folder of templates", "")
PACKS_IN_A_CIRCLE = _code("IMR210", "Packs extend each other in a circle", "")
OVERLAY_UNUSED = _code("IMR211", "A folder of templates replaces nothing", "")
TEMPLATE_FAILED = _code("IMR212", "A template failed", "")
TEMPLATE_VARIES = _code("IMR213", "A template makes another letter each time", "")
NOTICE_LOST = _code("IMR214", "A part of a notice would not be seen", "")

# Making and writing a letter

FILE_NOT_WRITTEN = _code("IMR401", "A file cannot be written", "")
NATIVE_LIBRARY_MISSING = _code("IMR402", "A native library is missing", "")
PDF_NOT_SET = _code("IMR403", "The document cannot be set as a PDF", "")
GLYPH_MISSING = _code("IMR404", "No font of the pack has a character", "")
WORDS_LOST = _code("IMR405", "The PDF would not show what text and HTML show", "")
NOT_ACCESSIBLE = _code("IMR406", "The document cannot be made accessible", "")
NO_ROOM = _code("IMR407", "Something has no room on the page", "")
NO_CASE_TO_ATTACH = _code("IMR408", "There is no case file to attach", "")
NO_CASE_ATTACHED = _code("IMR409", "A letter has no case file attached", "")
LETTER_UNREADABLE = _code("IMR410", "A letter's file cannot be read", "")
UNKNOWN_FORMAT = _code("IMR411", "A file name that names no format", "")
EXTRA_MISSING = _code("IMR412", "An optional part of imrgen is not installed", "")
NESTED_TOO_DEEP = _code("IMR413", "The document is nested too deep", "")
FOREIGN_FILE = _code("IMR414", "The letter asks for a file that is not the pack's", "")
FOREIGN_FONT = _code("IMR415", "A font was used that is not the pack's", "")
ENGINE_WARNED = _code("IMR416", "The PDF engine reported a problem", "")
ENGINE_UNKNOWN = _code("IMR417", "imrgen does not know this version of WeasyPrint", "")
FONT_UNUSABLE = _code("IMR418", "A font cannot be loaded", "")

# Signatures

SIGNING_FILE_UNREADABLE = _code("IMR420", "A file that signing needs cannot be read", "")
KEY_UNUSABLE = _code("IMR422", "The key or its certificate cannot be used", "")
NOT_SIGNABLE = _code("IMR423", "The letter cannot be signed", "")
SIGNATURES_UNREADABLE = _code("IMR424", "The letter's signatures cannot be read", "")

# Verification

SEAL_BROKEN = _code("IMR430", "The letter's seal does not hold", "")
NOT_A_LETTER = _code("IMR431", "Nothing says that imrgen made the file", "")
NOT_MADE_AGAIN = _code("IMR432", "The letter was not made again", "", "warning")
SAME_WORDS = _code("IMR433", "The words are those of the letter made again", "", "warning")
WORDS_DIFFER = _code("IMR434", "The words differ from the letter made again", "")
MADE_OTHERWISE = _code("IMR435", "The letter was made of or with something else", "", "warning")
SIGNATURE_UNSOUND = _code("IMR436", "A signature does not vouch for the letter", "")
NOT_THE_FORMAT = _code("IMR437", "The file is not what its name says", "")

# Batches

NO_INPUT = _code("IMR501", "An input holds no case", "")
BAD_NAME_PATTERN = _code("IMR502", "The pattern of file names cannot be used", "")
BAD_FILE_NAME = _code("IMR503", "A letter's file name cannot be used", "")
NAME_CLASH = _code("IMR504", "Two cases would be written to the same file", "")
FOLDER_IN_USE = _code("IMR505", "Another batch uses the folder", "")
NO_BATCH = _code("IMR506", "The folder holds no batch", "")
MANIFEST_CHANGED = _code("IMR507", "The manifest was changed", "")
LETTER_CHANGED = _code("IMR508", "A letter's file is missing or was changed", "")
STRAY_FILE = _code("IMR509", "The manifest does not list a file", "")
BATCH_UNFINISHED = _code("IMR510", "The batch did not come to its end", "")
WORKER_LOST = _code("IMR511", "A worker process was lost", "")
TIMED_OUT = _code("IMR512", "A letter took too long", "")
OUT_OF_MEMORY = _code("IMR513", "A letter took too much memory", "")
OTHER_CASE = _code("IMR514", "The letter holds another case's data", "")
CASE_CHANGED = _code("IMR515", "A case was changed while the batch was running", "")
SCHEDULER_UNREACHABLE = _code("IMR516", "The Dask scheduler cannot be reached", "")
INTERNAL_FAULT = _code("IMR517", "A fault of imrgen's own", "")
PACK_DIFFERS = _code("IMR518", "The pack is not the same on every machine", "")
NOT_TRANSFERABLE = _code("IMR519", "A renderer cannot go to another process", "")
STORE_UNREACHABLE = _code("IMR520", "The object store cannot be reached", "")
UNKNOWN_STORE = _code("IMR521", "No library knows this kind of URL", "")
EXECUTOR_BROKEN = _code("IMR522", "The executor is broken", "")
WORKERS_NOT_STARTED = _code("IMR523", "The worker processes end before they begin", "")
BATCH_NOT_REPEATABLE = _code("IMR524", "The batch cannot be asked for again", "")

# The preview

NOT_IN_PREVIEW = _code("IMR601", "The preview has no such case, file or value", "")
SAVE_CONFLICT = _code("IMR603", "The file was changed by another program", "")
BAD_REQUEST = _code("IMR604", "A malformed request", "")
PORT_IN_USE = _code("IMR605", "The port cannot be used", "")
NOTHING_TO_COMPARE = _code("IMR606", "There is nothing to compare with", "")
EDITOR_NOT_STARTED = _code("IMR607", "The editor cannot be started", "")
