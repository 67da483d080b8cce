"""Codes of batches and of the preview."""

from imrgen.diagnostics.codes.registry import Family

_BATCHES = Family("Batches and their workers", "preview")
_PREVIEW = Family("The preview", "preview")

NO_INPUT = _BATCHES.code(
    "IMR501",
    "An input contains no case",
    """
    What: A file or folder does not exist, a folder holds no case file, or a glob matches no file.

    Why: A batch of fewer cases than intended would look complete.

    Fix: Correct the path. Quote globs, so that imrgen and not the shell expands them.

    Example:
        $ imrgen batch casse/ -o letters/
    """,
)
BAD_NAME_PATTERN = _BATCHES.code(
    "IMR502",
    "The pattern of file names cannot be used",
    """
    What: The pattern given by `--name` has an unmatched brace, uses a field that a file name must
    not contain, contains a character that a file name should not have, or gives several formats the
    same name.

    Why: File names appear in logs and listings: they may identify the case, but never contain a
    person's data.

    Fix: Use the fields that the message lists, and end the pattern in `.{format}`.

    Example:
        $ imrgen batch cases/ -o letters/ --name '{employee.name}.{format}'
    """,
)
BAD_FILE_NAME = _BATCHES.code(
    "IMR503",
    "A letter's file name cannot be used",
    """
    What: A case lacks a field that the pattern of file names uses, or its value contains a
    character that a file name should not have, such as a slash, is too long, or is a reserved name.

    Why: A name made of data could lead out of the folder, or stand for two files on one system and
    one on another.

    Fix: Correct the field, or choose another `--name`, such as `{source}.{format}`.

    Example:
        [case]
        number = "CM16/0012345"
    """,
)
NAME_CLASH = _BATCHES.code(
    "IMR504",
    "Two cases would be written to the same file",
    """
    What: Two cases of a batch get the same file name, or names that are the same on some file
    systems, such as `A.pdf` and `a.pdf`.

    Why: One letter would overwrite the other. So no letter of the batch is rendered.

    Fix: Give each case its own number, or choose another `--name`; `{source}` is the name of the
    case file.

    Example:
        $ imrgen batch case.toml copy-of-case.toml -o letters/
    """,
)
FOLDER_IN_USE = _BATCHES.code(
    "IMR505",
    "Another batch uses the folder",
    """
    What: Another batch is writing to the folder, or has taken it over because this one seemed dead.

    Why: The lines of two batches would be mixed in one manifest.

    Fix: Wait for the other batch, or name another folder with `-o`.

    Example:
        $ imrgen batch june/ -o letters/ & imrgen batch july/ -o letters/
    """,
)
NO_BATCH = _BATCHES.code(
    "IMR506",
    "The folder contains no batch",
    """
    What: The folder has no manifest (`manifest.jsonl`), or an empty one.

    Why: Without it, it is unknown which letters were rendered, from which cases, and with which
    options.

    Fix: Name the folder that `imrgen batch` wrote.

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

    Why: The manifest is the record of the batch; a changed one proves nothing.

    Fix: Restore the manifest from a backup, or run the batch again in another folder.

    Example:
        $ sed -i 2d letters/manifest.jsonl; imrgen verify letters/
    """,
)
LETTER_CHANGED = _BATCHES.code(
    "IMR508",
    "A letter's file is missing or was changed",
    """
    What: The manifest lists a letter whose file is missing, or has other bytes.

    Why: The folder does not contain what the batch wrote.

    Fix: Run the same batch again: it renders the letter again, and leaves the others as they are.

    Example:
        $ rm letters/CM16-0012345-determination.pdf; imrgen verify letters/
    """,
)
STRAY_FILE = _BATCHES.code(
    "IMR509",
    "The manifest does not list a file",
    """
    What: The folder of a batch contains a file that its manifest does not list.

    Why: It could be mistaken for a letter of the batch.

    Fix: Remove it. If the batch was interrupted while it wrote the file, the next run renders it
    again.

    Example:
        $ cp draft.pdf letters/; imrgen verify letters/
    """,
)
BATCH_UNFINISHED = _BATCHES.code(
    "IMR510",
    "The batch is not finished",
    """
    What: The manifest lacks the line that ends a batch: it was interrupted, or the last lines are
    missing.

    Why: Some cases may have no letter yet.

    Fix: Run the same batch again; it resumes where it was interrupted.

    Example:
        $ imrgen batch cases/ -o letters/  # stopped by Ctrl-C
        $ imrgen verify letters/
    """,
)
WORKER_LOST = _BATCHES.code(
    "IMR511",
    "A worker process was lost",
    """
    What: The process that rendered this letter crashed or was killed; the message states how it
    ended.

    Why: Only this letter is lost; the process is replaced, and the others are rendered. Usually the
    system killed it for its memory use, or a native library crashed.

    Fix: Check the case for something unusual, such as a very long narrative; more `--memory` may
    help.

    Example:
        $ imrgen batch cases/ -o letters/ --memory 256
    """,
)
TIMED_OUT = _BATCHES.code(
    "IMR512",
    "A letter timed out",
    """
    What: Rendering the letter, or reading it, took longer than `--timeout` allows, and was stopped.

    Why: One endless letter would delay all others.

    Fix: Look for an endless loop in the templates, or something unusual in the case; a larger
    `--timeout` allows more time.

    Example:
        {% for a in "x" * 99999 %}{% for b in "x" * 99999 %}{% endfor %}{% endfor %}
    """,
)
OUT_OF_MEMORY = _BATCHES.code(
    "IMR513",
    "A letter needed too much memory",
    """
    What: Rendering the letter, or reading it, needed more memory than `--memory` allows.

    Why: One letter could exhaust the memory of the whole machine.

    Fix: Check the case and the templates for something that grows without bounds; `--memory` raises
    the limit.

    Example:
        {{ "x" * 4000000000 }}
    """,
)
OTHER_CASE = _BATCHES.code(
    "IMR514",
    "The letter contains another case's data",
    """
    What: This case's letter contains a number that identifies another case of the batch, or the
    name of its employee, which is nowhere in its own fields.

    Why: The usual cause is a narrative pasted from another case. The letter would disclose one
    person's case to another, so it is not written.

    Fix: Correct the field that the message names. If the words belong there, render this letter
    alone with `imrgen render`.

    Example:
        rationale = "As in case CM16-0054321, …"   # which is in the same batch
    """,
)
CASE_CHANGED = _BATCHES.code(
    "IMR515",
    "A case was changed while the batch was running",
    """
    What: A case file has changed since the batch collected file names and identifiers.

    Why: They are not valid for the changed case.

    Fix: Run the batch again: it renders the missing letters.

    Example:
        $ vim cases/a.toml                 # while `imrgen batch cases/ -o letters/` is running
    """,
)
SCHEDULER_UNREACHABLE = _BATCHES.code(
    "IMR516",
    "The Dask scheduler cannot be reached",
    """
    What: No Dask scheduler answers at the address given by `--scheduler`.

    Why: There are no workers.

    Fix: Start one with `dask scheduler`, and workers with `dask worker`, or correct the address.

    Example:
        $ imrgen batch cases/ -o letters/ --scheduler tcp://10.0.0.1:8786
    """,
)
INTERNAL_FAULT = _BATCHES.code(
    "IMR517",
    "Internal error",
    """
    What: Rendering the letter failed in a way that imrgen does not expect: a bug in imrgen, or in
    an installed package that adds checks. The message contains only the kind of error, since its
    text may quote the case.

    Why: The case is probably not at fault. The other letters are rendered.

    Fix: Run `imrgen render` on the case with `IMRGEN_TRACEBACK=1` to see where it fails, and report
    it without the case.

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

    Fix: Install the same versions of imrgen and of the packs on every machine, and do not change
    them while a batch is running.

    Example:
        $ vim my-pack/acme.css             # while a batch with --templates my-pack is running
    """,
)
NOT_TRANSFERABLE = _BATCHES.code(
    "IMR519",
    "A batch sends no renderer to another process",
    """
    What: A program passed a `Renderer` to a batch whose executor runs in other processes.

    Why: Each task would carry the whole pack with it.

    Fix: Pass `Options`, from which each process creates its own renderer. Templates that are in no
    file are put into a folder or a zip file for that.

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

    Why: What has been written so far is in the manifest.

    Fix: Check the URL and the credentials that fsspec uses for it, and run the batch again: it
    resumes where it was interrupted.

    Example:
        $ imrgen batch cases/ -o s3://no-such-bucket/letters
    """,
)
UNKNOWN_STORE = _BATCHES.code(
    "IMR521",
    "Unknown kind of URL",
    """
    What: fsspec, the library for object stores, knows no store of this scheme.

    Why: The letters cannot be written.

    Fix: Correct the part before `://`, or name a folder.

    Example:
        $ imrgen batch cases/ -o s4://bucket/letters
    """,
)
EXECUTOR_BROKEN = _BATCHES.code(
    "IMR522",
    "The executor is broken",
    """
    What: The executor that a program passed to the batch accepts no more work: it was shut down, or
    it broke when one of its processes died.

    Why: It cannot render any more letters.

    Fix: Run the batch again with a new executor: finished letters are not rendered again. imrgen's
    own workers survive the death of one of them.

    Example:
        executor.shutdown()
        imrgen.render_batch(cases, spec, executor=executor, to="letters/")
    """,
)
WORKERS_NOT_STARTED = _BATCHES.code(
    "IMR523",
    "The worker processes end before they are ready",
    """
    What: Again and again, a worker process ended before it was ready to work, or none could be
    started: the operating system does not, or the program is a daemonic process itself, such as a
    worker of Celery or of `multiprocessing.Pool`, which may not start any. On Windows imrgen starts
    none at all, so that batches, the preview and limits of letters are not to be had there.

    Why: Usually a program calls `render_batch` at the top of its main module: each worker imports
    that module, and would start a batch of its own.

    Fix: Put the call under `if __name__ == "__main__":`. In a daemonic process, give the batch
    `jobs=0` to make its letters there, or an `executor=`. On Windows, make letters with `imrgen
    render`, which takes several cases, or with an `imrgen.Renderer`. Otherwise check how the
    processes end, which the message states.

    Example:
        import imrgen
        imrgen.render_batch("cases/", imrgen.Options(), to="letters/")
    """,
)
BATCH_NOT_REPEATABLE = _BATCHES.code(
    "IMR524",
    "The batch cannot be repeated",
    """
    What: `--retry-failed` should render the letters that failed in a batch, but its cases came from
    standard input or from a program.

    Why: They cannot be read again.

    Fix: Run the batch again with the same cases: finished letters are not rendered again.

    Example:
        $ imrgen batch - -o letters/ < cases.jsonl; imrgen batch --retry-failed letters/
    """,
)

NOT_IN_PREVIEW = _PREVIEW.code(
    "IMR601",
    "The preview has no such case, file or value",
    """
    What: The page asks for a case or a file that is not among those that the preview was started
    with, or for a value that the case lacks.

    Why: Only what the preview was started with can be opened; paths sent by a page are not trusted.

    Fix: Load the page again: the file may have been moved or deleted. Or start the preview with
    the folder that the file is in.

    Example:
        $ imrgen preview june/             # the page asks for july/a.toml
    """,
)
SAVE_CONFLICT = _PREVIEW.code(
    "IMR603",
    "The file was changed by another program",
    """
    What: The case file that the page should save has changed since the page read it, or no longer
    exists.

    Why: Saving would undo what the other program wrote. Nothing was written.

    Fix: Copy what you typed, load the file again, and paste it.

    Example:
        $ git checkout case.toml           # while the page holds unsaved changes to it
    """,
)
BAD_REQUEST = _PREVIEW.code(
    "IMR604",
    "A malformed request",
    """
    What: The preview got a request that its own page would not send.

    Why: Guessing what was meant could change the wrong thing. The usual cause is a page that was
    loaded from another version of imrgen.

    Fix: Load the page again.

    Example:
        POST /render                       # with a body that is not a JSON object
    """,
)
PORT_IN_USE = _PREVIEW.code(
    "IMR605",
    "The port cannot be used",
    """
    What: The preview cannot listen on the address and port: another program uses them, or it is not
    allowed.

    Why: The browser would find another program there.

    Fix: Choose another port with `--port`, or 0 for one that is free.

    Example:
        $ imrgen preview & imrgen preview
    """,
)
NOTHING_TO_COMPARE = _PREVIEW.code(
    "IMR606",
    "There is nothing to compare with",
    """
    What: A letter should be compared, in the preview or by `imrgen plan`, with what it was: but
    nothing was saved since the preview was started, git has no such revision of these files, they
    are not in a repository, or there is no such folder.

    Why: There is no second letter.

    Fix: Save a file first, name a revision that git knows, or compare with another pack or folder.

    Example:
        git:HEAD~2                         # of a case that is not under version control
    """,
)
EDITOR_NOT_STARTED = _PREVIEW.code(
    "IMR607",
    "The editor cannot be started",
    """
    What: The command given by `--editor` or `IMRGEN_EDITOR` could not be run.

    Why: The file could not be opened in an editor.

    Fix: Check the command in a terminal. The editor must open a window of its own; an editor that
    runs in a terminal cannot be used.

    Example:
        $ imrgen preview --editor 'my-editor {file}:{line}'
    """,
)
