"""The browser of these tests."""

from tests.browsers import chromium as chromium
