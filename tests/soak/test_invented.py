"""1,000 invented cases of the built-in packs: all are letters in all formats, of all branches."""

from __future__ import annotations

import pytest

import imrgen
from imrgen.case import parse
from imrgen.pipeline import Coverage, Options, renderers
from imrgen.testing import invent

COUNTS = {
    "imr": [("all", 400)],
    "imr-2015": [("all", 200)],
    "external-review": [("all", 300), ("assignment", 100)],
}
FORMATS = ("text", "html", "pdf")


@pytest.mark.parametrize("name", COUNTS)
def test_every_invented_case_is_a_letter_in_every_format(name: str) -> None:
    pack = imrgen.load_pack(name)
    coverage = Coverage(renderers(Options(), ["all"], loaded_pack=pack))
    for letter, count in COUNTS[name]:
        made = renderers(Options(), [letter], loaded_pack=pack)
        for number, case in enumerate(invent(pack, count, 2026, letters=[letter])):
            source = parse(case.text, f"{letter}-{number}.toml")
            for renderer in made:
                rendered = renderer.render(source)
                assert all(rendered.encoded(each) for each in FORMATS)
            coverage.add(source.name, coverage.examine(source).ways)
    report = coverage.report()
    assert {each.name: each.missed for each in report.templates if each.missed} == {}
    assert report.percent == 100
    assert report.failed == 0
