"""Where a batch's letters go: a folder of this machine, or what fsspec reaches."""

from imrgen.batch.outputs.folder import Folder, open_target
from imrgen.batch.outputs.target import MANIFEST, Target

__all__ = ["MANIFEST", "Folder", "Target", "open_target"]
