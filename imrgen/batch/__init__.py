"""Many cases become letters, in many processes, on this machine or others.

batch        the batch: cases in, letters out, each once
task         what is done with one case, in a worker
messages     what a batch asks its workers for
pool         worker processes of this machine
executors    this process, or any executor; dask: a Dask cluster as one
inputs       which cases there are
naming       what the files are called
survey       what must be known of all cases before the first letter is made
cross_case   whether a letter holds another case's data
manifest     the record of what was made; audit holds a folder against it
outputs/     where letters go: a folder, or an object store
"""

from imrgen.batch.audit import verify_folder
from imrgen.batch.batch import Batch
from imrgen.batch.dask import connect
from imrgen.batch.manifest import read_ledger
from imrgen.batch.naming import DEFAULT, FIELDS
from imrgen.batch.summary import BatchSummary, render_batch, summarize
from imrgen.batch.task import Outcome, RendererSpec

__all__ = [
    "DEFAULT",
    "FIELDS",
    "Batch",
    "BatchSummary",
    "Outcome",
    "RendererSpec",
    "connect",
    "read_ledger",
    "render_batch",
    "summarize",
    "verify_folder",
]
