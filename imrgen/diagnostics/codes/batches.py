"""Codes of batches and of the preview."""

from __future__ import annotations

from imrgen.diagnostics.codes.registry import Family

_BATCHES = Family("Batches and their workers", "preview")
_PREVIEW = Family("The preview", "preview")

NO_INPUT = _BATCHES.code(
    "IMR501",
    "An input holds no case",
    """
    What: A file or folder does not exist, a folder holds no case file, or a glob matches no file.

    Why: A batch of fewer cases than were meant would look complete.

    Mend: Correct the path. Quote globs, so that imrgen and not the shell expands them.

    Example:
        $ imrgen batch casse/ -o letters/
    """,
)
BAD_NAME_PATTERN = _BATCHES.code(
    "IMR502",
    "The pattern of file names cannot be used",
    """
    What: The pattern given by `--name` has a brace without its partner, asks for a field that a
    file name may not hold, holds a character that no file name should, or gives several formats one
    name.

    Why: Names of files are seen in logs and listings: of a case, only what identifies the matter
    may stand in them, never a person's data.

    Mend: Use the fields that the message lists, and end the pattern in `.{format}`.

    Example:
        $ imrgen batch cases/ -o letters/ --name '{employee.name}.{format}'
    """,
)
BAD_FILE_NAME = _BATCHES.code(
    "IMR503",
    "A letter's file name cannot be used",
    """
    What: A case lacks a field that the pattern of file names asks for, or its value holds a
    character that a file name should not, such as a slash, is too long, or is a name that a system
    reserves.

    Why: A name made of data could lead out of the folder, or mean two files on one system and one
    on another.

    Mend: Correct the field, or choose another `--name`, such as `{source}.{format}`.

    Example:
        [case]
        number = "CM16/0012345"
    """,
)
NAME_CLASH = _BATCHES.code(
    "IMR504",
    "Two cases would be written to the same file",
    """
    What: Two cases of a batch get the same file name, or names that some file systems take for the
    same, such as `A.pdf` and `a.pdf`.

    Why: One letter would replace the other. So no letter of the batch is made.

    Mend: Give each case its own number, or choose another `--name`; `{source}` is the name of the
    case file.

    Example:
        $ imrgen batch case.toml copy-of-case.toml -o letters/
    """,
)
FOLDER_IN_USE = _BATCHES.code(
    "IMR505",
    "Another batch uses the folder",
    """
    What: Another batch is writing into the folder, or has taken it over after this one seemed dead.

    Why: Two batches would mix their lines in one manifest.

    Mend: Wait for the other batch, or name another folder with `-o`.

    Example:
        $ imrgen batch june/ -o letters/ & imrgen batch july/ -o letters/
    """,
)
NO_BATCH = _BATCHES.code(
    "IMR506",
    "The folder holds no batch",
    """
    What: The folder has no manifest (`manifest.jsonl`), or an empty one.

    Why: Without it nothing tells which letters were made, of what, and for what options.

    Mend: Name the folder that `imrgen batch` wrote.

    Example:
        $ imrgen batch --retry-failed cases/
    """,
)
MANIFEST_CHANGED = _BATCHES.code(
    "IMR507",
    "The manifest was changed",
    """
    What: A line of the manifest, or one before it, is not what the batch wrote. Each line holds a
    digest of all lines before it.

    Why: The manifest is the record of what was made; a changed one proves nothing.

    Mend: Take the manifest from a backup, or make the batch anew in another folder.

    Example:
        $ sed -i 2d letters/manifest.jsonl; imrgen verify letters/
    """,
)
LETTER_CHANGED = _BATCHES.code(
    "IMR508",
    "A letter's file is missing or was changed",
    """
    What: The manifest tells of a letter whose file is not there, or has other bytes.

    Why: What is in the folder is not what the batch made.

    Mend: Run the same batch again: it makes the letter anew, and leaves the others as they are.

    Example:
        $ rm letters/CM16-0012345-determination.pdf; imrgen verify letters/
    """,
)
STRAY_FILE = _BATCHES.code(
    "IMR509",
    "The manifest does not list a file",
    """
    What: The folder of a batch holds a file that no line of its manifest tells of.

    Why: It could be taken for a letter of the batch.

    Mend: Take it away. If the batch was stopped while it wrote it, the next run makes it anew.

    Example:
        $ cp draft.pdf letters/; imrgen verify letters/
    """,
)
BATCH_UNFINISHED = _BATCHES.code(
    "IMR510",
    "The batch did not come to its end",
    """
    What: The manifest lacks the line that ends a batch: it was stopped, or the last lines are gone.

    Why: Cases may have no letter yet.

    Mend: Run the same batch again; it goes on where it was.

    Example:
        $ imrgen batch cases/ -o letters/  # stopped by Ctrl-C
        $ imrgen verify letters/
    """,
)
WORKER_LOST = _BATCHES.code(
    "IMR511",
    "A worker process was lost",
    """
    What: The process that made this letter crashed or was killed; the message says how it ended.

    Why: Only this letter is lost with it; the process is replaced, and the others are made. Usually
    the system killed it for its memory, or a native library crashed.

    Mend: Look at the case for what is unusual in it, such as a very long narrative; more `--memory`
    may help.

    Example:
        $ imrgen batch cases/ -o letters/ --memory 256
    """,
)
TIMED_OUT = _BATCHES.code(
    "IMR512",
    "A letter took too long",
    """
    What: Making the letter took longer than `--timeout` allows, and was ended.

    Why: One letter without an end would hold up all others.

    Mend: Look for a loop in the templates that does not end, and at the case for what is unusual in
    it; a larger `--timeout` gives more time.

    Example:
        {% for a in "x" * 99999 %}{% for b in "x" * 99999 %}{% endfor %}{% endfor %}
    """,
)
OUT_OF_MEMORY = _BATCHES.code(
    "IMR513",
    "A letter took too much memory",
    """
    What: Making the letter needed more memory than a worker may take.

    Why: One letter could exhaust the memory of the whole machine.

    Mend: Look at the case and the templates for what grows without bounds; `--memory` raises the
    limit.

    Example:
        {{ "x" * 4000000000 }}
    """,
)
OTHER_CASE = _BATCHES.code(
    "IMR514",
    "The letter holds another case's data",
    """
    What: A number that identifies another case of the batch, or the name of its employee, stands in
    this case's letter and nowhere in its own fields.

    Why: The usual cause is a narrative pasted from another case. The letter would disclose one
    person's matter to another, so it is not written.

    Mend: Correct the field that the message names. Where the words belong there, make this letter
    alone with `imrgen render`.

    Example:
        rationale = "As in case CM16-0054321, …"   # which is in the same batch
    """,
)
CASE_CHANGED = _BATCHES.code(
    "IMR515",
    "A case was changed while the batch was running",
    """
    What: A case file is not the same as when the batch looked for names and for other cases' data.

    Why: Those searches do not hold for the changed case.

    Mend: Run the batch again: it makes the letters that are missing.

    Example:
        $ vim cases/a.toml                 # while `imrgen batch cases/ -o letters/` is running
    """,
)
SCHEDULER_UNREACHABLE = _BATCHES.code(
    "IMR516",
    "The Dask scheduler cannot be reached",
    """
    What: No Dask scheduler answers at the address given by `--scheduler`.

    Why: There is nobody to do the work.

    Mend: Start one with `dask scheduler`, and workers with `dask worker`, or correct the address.

    Example:
        $ imrgen batch cases/ -o letters/ --scheduler tcp://10.0.0.1:8786
    """,
)
INTERNAL_FAULT = _BATCHES.code(
    "IMR517",
    "A fault of imrgen's own",
    """
    What: Making the letter failed in a way that imrgen does not expect: a bug of imrgen, or of an
    installed package that adds checks. The message names the kind of error only, since its words
    may quote the case.

    Why: The case is likely not at fault. The other letters are made.

    Mend: Run `imrgen render` on the case with `IMRGEN_TRACEBACK=1` to see where it fails, and
    report it, without the case.

    Example:
        $ IMRGEN_TRACEBACK=1 imrgen render case.toml
    """,
)
PACK_DIFFERS = _BATCHES.code(
    "IMR518",
    "The pack is not the same on every machine",
    """
    What: A worker's pack has other files than the pack of the machine that started the batch, or a
    file of the pack was changed while the batch was running.

    Why: The letters of one batch would differ in wording.

    Mend: Give every machine the same version of imrgen and of the packs, and change none of them
    while a batch is running.

    Example:
        $ vim my-pack/acme.css             # while a batch with --templates my-pack is running
    """,
)
NOT_TRANSFERABLE = _BATCHES.code(
    "IMR519",
    "A renderer cannot go to another process",
    """
    What: A program handed a `Renderer` to a batch whose executor works in other processes.

    Why: A renderer holds compiled templates and open libraries, which cannot be sent.

    Mend: Hand over `Options`, of which each process makes its own renderer.

    Example:
        with ProcessPoolExecutor() as executor:
            imrgen.render_batch(cases, imrgen.Renderer(), executor=executor)
    """,
)
STORE_UNREACHABLE = _BATCHES.code(
    "IMR520",
    "The object store cannot be reached",
    """
    What: Reading from or writing to the URL failed: network, credentials, or rights.

    Why: What was written so far is in the manifest.

    Mend: Check the URL and the credentials that fsspec uses for it, and run the batch again: it
    goes on where it was.

    Example:
        $ imrgen batch cases/ -o s3://no-such-bucket/letters
    """,
)
UNKNOWN_STORE = _BATCHES.code(
    "IMR521",
    "No library knows this kind of URL",
    """
    What: fsspec, the library for object stores, knows no store of this scheme.

    Why: The letters have nowhere to go.

    Mend: Correct what stands before `://`, or name a folder.

    Example:
        $ imrgen batch cases/ -o s4://bucket/letters
    """,
)
EXECUTOR_BROKEN = _BATCHES.code(
    "IMR522",
    "The executor is broken",
    """
    What: The executor that a program handed to the batch takes no more work: it was shut down, or
    it broke when one of its processes died.

    Why: Nothing more can be made with it.

    Mend: Run the batch again with a new executor: what is done is not done again. imrgen's own
    workers survive the death of one of them.

    Example:
        executor.shutdown()
        imrgen.render_batch(cases, spec, executor=executor, to="letters/")
    """,
)
WORKERS_NOT_STARTED = _BATCHES.code(
    "IMR523",
    "The worker processes end before they begin",
    """
    What: Again and again, a worker process ended before it was ready to work.

    Why: Usually a program calls `render_batch` at the top of its main module: each worker imports
    that module, and would start a batch of its own.

    Mend: Put the call behind `if __name__ == "__main__":`. Otherwise look at how the processes end,
    which the message says.

    Example:
        import imrgen
        imrgen.render_batch("cases/", imrgen.Options(), to="letters/")
    """,
)
BATCH_NOT_REPEATABLE = _BATCHES.code(
    "IMR524",
    "The batch cannot be asked for again",
    """
    What: `--retry-failed` should make what failed in a batch, but its cases came from standard
    input or from a program.

    Why: They cannot be read again.

    Mend: Run the batch again with the same cases: what is done is not done again.

    Example:
        $ imrgen batch - -o letters/ < cases.jsonl; imrgen batch --retry-failed letters/
    """,
)

NOT_IN_PREVIEW = _PREVIEW.code(
    "IMR601",
    "The preview has no such case, file or value",
    """
    What: The page asks for a case or a file that is not among those that the preview was started
    with, or for a value that the case does not have.

    Why: Only what the preview was started with can be opened; no path is made of what a page says.

    Mend: Load the page again: the file may have been moved or deleted. Or start the preview with
    the folder that the file is in.

    Example:
        $ imrgen preview june/             # the page asks for july/a.toml
    """,
)
SAVE_CONFLICT = _PREVIEW.code(
    "IMR603",
    "The file was changed by another program",
    """
    What: The case file that the page should save is no longer what the page has read, or is gone.

    Why: Saving would undo what the other program wrote. Nothing was written.

    Mend: Copy what you typed, load the file again, and put it in.

    Example:
        $ git checkout case.toml           # while the page holds unsaved changes to it
    """,
)
BAD_REQUEST = _PREVIEW.code(
    "IMR604",
    "A malformed request",
    """
    What: The preview got a request that its own page would not send.

    Why: It is not guessed at what was meant. The usual cause is a page that was loaded from another
    version of imrgen.

    Mend: Load the page again.

    Example:
        POST /render                       # with a body that is not a JSON object
    """,
)
PORT_IN_USE = _PREVIEW.code(
    "IMR605",
    "The port cannot be used",
    """
    What: The preview cannot listen on the address and port: another program does, or it is not
    allowed.

    Why: The browser would find another program there.

    Mend: Choose another port with `--port`, or 0 for one that is free.

    Example:
        $ imrgen preview & imrgen preview
    """,
)
NOTHING_TO_COMPARE = _PREVIEW.code(
    "IMR606",
    "There is nothing to compare with",
    """
    What: The letter should be compared with that of the last save or of a git revision, but nothing
    was saved since the preview was started, git has no such revision of these files, or they are in
    no repository.

    Why: There is no second letter.

    Mend: Save a file first, name a revision that git knows, or compare with another pack.

    Example:
        git:HEAD~2                         # of a case that is not under version control
    """,
)
EDITOR_NOT_STARTED = _PREVIEW.code(
    "IMR607",
    "The editor cannot be started",
    """
    What: The command given by `--editor` or `IMRGEN_EDITOR` could not be run.

    Why: The place could not be opened.

    Mend: Check the command in a terminal. An editor that lives in a terminal has nowhere to show
    itself; one that opens a window of its own does.

    Example:
        $ imrgen preview --editor 'my-editor {file}:{line}'
    """,
)
