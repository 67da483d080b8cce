"""Letters for many cases, in many processes, on this machine or others.

batch        the batch: cases in, letters out
case_run     something done with each of many cases
check        cases in, what is wrong with them out
coverage     cases in, what they take of a pack's templates out
plan/        two states of letters and cases in, what becomes of each letter out
messages     the tasks that a batch sends to its workers, and their results
task         how a worker performs a task
executors    tasks in any executor, in place of worker processes of this machine
dask         a Dask cluster as an executor
inputs       the cases
naming       the names of the letters' files
case_table   what must be known of all cases before the first letter is made
cross_case   the search for other cases' data in a letter
manifest     the record of what was made, and the verification of a folder
outputs/     the places that letters are written to: a folder, or an object store
"""

from imrgen.batch.batch import Batch, BatchOptions, BatchSummary, render_batch
from imrgen.batch.case_run import CaseResult, CaseRun
from imrgen.batch.check import CheckedCase, CheckRun, CheckSettings
from imrgen.batch.coverage import CoverageRun, CoverageSettings, CoveringCase
from imrgen.batch.dask import connect
from imrgen.batch.inputs import RawCase
from imrgen.batch.manifest import read_manifest, verify_folder
from imrgen.batch.messages import IdentifyCases, LetterFile, MissingLetter, Outcome
from imrgen.batch.naming import DEFAULT_PATTERN, PATTERN_FIELDS
from imrgen.batch.plan import (
    Change,
    ComparedCase,
    Detail,
    FolderPlan,
    Group,
    Plan,
    PlanRun,
    PlanSettings,
    is_batch_folder,
    is_folder_of_letters,
)

__all__ = [
    "DEFAULT_PATTERN",
    "PATTERN_FIELDS",
    "Batch",
    "BatchOptions",
    "BatchSummary",
    "CaseResult",
    "CaseRun",
    "Change",
    "CheckRun",
    "CheckSettings",
    "CheckedCase",
    "ComparedCase",
    "CoverageRun",
    "CoverageSettings",
    "CoveringCase",
    "Detail",
    "FolderPlan",
    "Group",
    "IdentifyCases",
    "LetterFile",
    "MissingLetter",
    "Outcome",
    "Plan",
    "PlanRun",
    "PlanSettings",
    "RawCase",
    "connect",
    "is_batch_folder",
    "is_folder_of_letters",
    "read_manifest",
    "render_batch",
    "verify_folder",
]
