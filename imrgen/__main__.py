"""`python -m imrgen` is `imrgen`."""

from imrgen.cli import main

main()
