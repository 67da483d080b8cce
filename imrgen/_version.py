"""The version of imrgen."""

__version__ = "0.1.0"
