"""`imrgen` and `python -m imrgen`."""

from __future__ import annotations

import gc
from typing import NoReturn


def main() -> NoReturn:
    """Start the command line.

    What starting makes stays until the end, so collecting garbage meanwhile finds none, and costs a
    seventh of the time that a short command takes; so would looking through it all once more at the
    end. `imrgen render` turns collecting on again behind the first letter.
    """
    gc.disable()
    from imrgen.cli import main

    try:
        main()
    finally:
        gc.freeze()


if __name__ == "__main__":
    main()
