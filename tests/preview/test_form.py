"""A case as a form: every field of the model, and the text behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

import imrgen
from imrgen.case import CORE, Case, Model, parse, type_of
from imrgen.preview.form import Change, apply_change, describe_form
from tests.browsers import Server, chromium, opened, see, server
from tests.conftest import ROOT
from tests.pack.test_fields import pack as declaring_pack

__all__ = ["chromium", "opened", "server"]

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# As if another case were opened before a timer has passed.
AT_ONCE = "() => { window.later = window.setTimeout; window.setTimeout = () => 0; }"
STARTER = (ROOT / "imrgen" / "starter.toml").read_text(encoding="utf-8")


def fields(parts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for part in parts:
        yield part
        yield from fields(part.get("parts", []))


def full(field: imrgen.case.Field) -> Any:
    """Return a value in which every table and list has something."""
    if field.item is not None:
        return [full(field.item)]
    if field.fields and str not in field.types:
        return {key: full(inner) for key, inner in field.fields.items()}
    return "x"


def change(text: str, path: tuple[str | int, ...], action: Any = "set", typed: str = "") -> str:
    return apply_change(parse(text, "case.toml"), Change(path, action, typed), CORE)


@pytest.mark.parametrize("model", [CORE, declaring_pack().model], ids=["core", "declared"])
def test_the_form_has_every_field_with_its_label_type_and_help(model: Model[Case]) -> None:
    source = imrgen.case.source_of(full(model.root), imrgen.CaseError)
    shown = {
        imrgen.case.pattern_of(tuple(each["path"])): each
        for each in fields(describe_form(source, model))
    }
    patterns = dict(model.patterns())
    assert len(patterns) > 20
    for pattern, field in patterns.items():
        if ".quantity" in pattern or ".unit" in pattern:
            continue
        each = shown[pattern]
        assert (each["help"], each["type"]) == (field.description, type_of(field))
        assert each["label"]
    if model is CORE:
        assert shown["case.ur_decision_date"]["label"] == "UR decision date"


@pytest.mark.parametrize(
    ("path", "action", "typed", "before", "after"),
    [
        (("employee", "age"), "set", "46", "age = 45", "age = 46"),
        (("employee", "age"), "set", "old", "age = 45", 'age = "old"'),
        (("employee", "represented"), "set", "true", "represented = false ", "represented = true "),
        (("case", "date_of_injury"), "set", "2016-03-04", "2016-03-03", "2016-03-04"),
        (("case", "date_of_injury"), "set", "2016-02-30", "2016-03-03 ", '"2016-02-30" '),
        (("employee", "age"), "set", "", "age = 45\n", ""),
        (("employee", "age"), "set", "9" * 5000, "age = 45", f'age = "{"9" * 5000}"'),
        (("issues", 0, "item"), "set", "", STARTER.split('item = "')[1].split('"')[0], ""),
        (
            ("reviewers", 0, "licensure", 1),
            "add",
            "",
            'licensure = ["California"]',
            'licensure = ["California", ""]',
        ),
    ],
)
def test_what_is_typed_becomes_a_value_of_the_fields_type(
    path: tuple[str | int, ...], action: str, typed: str, before: str, after: str
) -> None:
    assert change(STARTER, path, action, typed) == STARTER.replace(before, after, 1)


def test_an_amount_is_written_as_text_or_as_quantity_and_unit() -> None:
    text = '[[issues]]\nitem = "x"\nrequested = "12.5 visits a week"\n'
    changed = change(text, ("issues", 0, "requested"), "rewrite")
    assert changed == text.replace(
        '"12.5 visits a week"', '{ quantity = 12.5, unit = "visits a week" }'
    )
    assert change(changed, ("issues", 0, "requested"), "rewrite") == text


def test_a_field_that_the_model_does_not_have_is_not_changed() -> None:
    for path in (
        (),
        ("nope",),
        ("case", "number", 0),
        ("issues", "item"),
        ("employee", "name", "x"),
    ):
        with pytest.raises(imrgen.NotFoundError, match="no such field"):
            change(STARTER, path, typed="x")
    with pytest.raises(imrgen.NotFoundError, match="change it in the text"):
        change(STARTER, ("issues", 7, "item"), typed="x")


def test_a_case_is_edited_by_its_form_and_by_its_text(
    server: Server, opened: Callable[..., Page]
) -> None:
    page = opened("?format=data")
    page.set_viewport_size(DESK)
    before = server.case.read_text()
    draft, form = page.locator("#draft"), page.locator("#form")
    expect(draft).to_have_value(before)
    number = form.get_by_label("Number", exact=True)
    expect(number).to_have_value("CM16-0000001")
    expect(number).to_have_accessible_description(
        "The IMR case number: CM, 2 digits of the year, a hyphen, 7 digits. – text"
    )
    number.fill("CM16-0000077")
    see(page, "CM16-0000077")
    expect(draft).to_have_value(before.replace("CM16-0000001", "CM16-0000077"))
    expect(number).to_be_focused()
    # An error stands at its field, for those who do not see it too.
    number.fill("77")
    fault = form.locator(".fault", has_text="must be CM, 2 digits")
    expect(fault).to_be_visible()
    expect(number).to_have_attribute("aria-invalid", "true")
    # The form follows the text, and says when it cannot.
    draft.fill(before.replace("CM16-0000001", "CM16-0000088"))
    expect(number).to_have_value("CM16-0000088")
    expect(fault).to_be_hidden()
    draft.fill(before + "\nhalf")
    expect(page.locator("#form-state")).to_contain_text("not valid TOML or JSON")
    draft.fill(before)
    expect(page.locator("#form-state")).to_be_empty()
    # A list grows and shrinks, by the keyboard; the focus goes to what is new, or left.
    form.get_by_role("button", name="Add to Documents", exact=True).focus()
    page.keyboard.press("Enter")
    kind = form.locator("fieldset", has_text="Documents 2").get_by_label("Kind")
    expect(kind).to_be_focused()
    page.keyboard.type("Letter")
    added = before.replace(
        "# the last of a range\n", '# the last of a range\n\n[[documents]]\nkind = "Letter"\n'
    )
    expect(draft).to_have_value(added)
    # What is typed belongs to its case, even if another one is opened at once.
    page.evaluate(AT_ONCE)
    kind.press_sequentially("s")
    page.evaluate("() => { window.setTimeout = window.later; }")
    page.locator("#cases button", has_text="panel.toml").click()
    expect(draft).to_have_value((server.cases / "panel.toml").read_text())
    page.locator("#cases button", has_text="case.toml").click()
    expect(draft).to_have_value(added.replace('"Letter"', '"Letters"'))
    form.get_by_role("button", name="Remove Documents 2").click()
    expect(draft).to_have_value(before)
    expect(form.get_by_role("button", name="Add to Documents", exact=True)).to_be_focused()
    expect(page.locator("#unsaved")).to_be_hidden()
    number.fill("CM16-0000099")
    page.keyboard.press("Control+s")
    expect(page.locator("#data-state")).to_have_text("Saved")
    assert server.case.read_text() == before.replace("CM16-0000001", "CM16-0000099")
    page.goto(f"{server.url}?case=cases/case.toml&format=source&file=case+file")
    expect(page.locator("#source-lines .token.date").first).to_have_text("2016-03-03")
    expect(page.locator("#source-lines .token.key").first).to_have_text("clinical_summary")


def test_the_form_works_on_a_phone(server: Server, opened: Callable[..., Page]) -> None:
    page = opened("?format=data&panes=form")
    page.set_viewport_size(PHONE)
    expect(page.locator("#draft")).to_be_hidden()
    page.locator("#form").get_by_label("Decision", exact=True).select_option("overturned")
    see(page, "Overturned")
    wide = "stage => stage.scrollWidth > stage.clientWidth"
    assert not page.locator("#stage").evaluate(wide)
    page.get_by_role("button", name="Text", exact=True).last.click()
    expect(page.locator("#draft")).to_be_visible()
    expect(page.locator("#draft")).to_have_value(
        server.case.read_text().replace('\ndecision = "upheld"', '\ndecision = "overturned"', 1)
    )
