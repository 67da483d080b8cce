"""Many cases become letters, in many processes, on this machine or others.

batch        the batch: cases in, letters out, each once
task         what is done with one case, in a worker
messages     what a batch asks its workers for
executors    who does it: worker processes, this process, or any executor
dask         a Dask cluster as an executor
inputs       which cases there are
naming       what the files are called
survey       what must be known of all cases before the first letter is made
cross_case   whether a letter holds another case's data
manifest     the record of what was made, and whether a folder still holds it
outputs/     where letters go: a folder, or an object store
"""

from imrgen.batch.batch import Batch, BatchOptions, BatchSummary, render_batch, summarize
from imrgen.batch.dask import connect
from imrgen.batch.manifest import read_manifest, verify_folder
from imrgen.batch.messages import MakeLetters
from imrgen.batch.naming import DEFAULT, FIELDS
from imrgen.batch.task import Outcome

__all__ = [
    "DEFAULT",
    "FIELDS",
    "Batch",
    "BatchOptions",
    "BatchSummary",
    "MakeLetters",
    "Outcome",
    "connect",
    "read_manifest",
    "render_batch",
    "summarize",
    "verify_folder",
]
