"""The places that a batch's letters are written to.

target         their interface
folder         a folder of this machine
object_store   an object store, or whatever else fsspec can access
lease          the lock of a folder in an object store
"""

from imrgen.batch.outputs.folder import Folder, open_target
from imrgen.batch.outputs.target import MANIFEST, Target

__all__ = ["MANIFEST", "Folder", "Target", "open_target"]
