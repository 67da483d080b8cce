"""Processes that work for a batch or a preview, and what they leave behind.

temporary   a temporary folder of this process, which is removed even if the process is killed
"""

from imrgen.workers.temporary import scratch

__all__ = ["scratch"]
