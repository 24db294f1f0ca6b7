"""The clerk's refund: with the keyboard alone, and by somebody who clicks twice."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import findings
from tests.browser.backoffice import BackOffice
from tests.browser.conftest import Open
from tests.browser.layout import calm, too_wide

pytestmark = pytest.mark.browser

MOST_TABS = 80


def tab_to(page: Page, wanted: Locator) -> None:
    """From where the focus is, by the Tab key."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"the Tab key does not lead to {wanted}")


def test_one_item_with_the_keyboard_alone(backoffice: BackOffice, open_as: Open) -> None:
    trip = backoffice.scene["keyboard"]
    page = open_as("associate")
    page.goto(f"/admin/orders/trip/{trip['pk']}/")
    dialog = page.get_by_role("dialog")

    tab_to(page, page.get_by_role("link", name="Refund…"))
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    calm(page)
    assert findings(page) == []
    tab_to(page, dialog.get_by_role("button", name="Clear"))
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name="Refund", exact=True)).to_be_visible()
    tab_to(page, dialog.locator(".bo-quantity:enabled").first)
    page.keyboard.type("1")
    expect(dialog.locator("[data-refund-button]")).to_contain_text("Refund $")
    tab_to(page, dialog.get_by_label("Reason"))
    page.keyboard.press("ArrowDown")
    tab_to(page, dialog.locator("[data-refund-button]"))
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Refund $")).to_be_visible()
    page.keyboard.press("Escape")
    calm(page)
    assert (too_wide(page), findings(page)) == ([], [])
    tab_to(page, page.get_by_role("button", name="Refund $"))
    page.keyboard.press("Enter")

    expect(page.get_by_text("Refund of $")).to_be_visible()
    refunds = page.locator(".bo-refunds").first
    expect(refunds.get_by_text("done", exact=True)).to_be_visible()
    (refund,) = backoffice.refunds(trip["id"])
    assert refund["state"] == "done"
    assert refund["requested_by"] == "associate"
    expect(refunds).to_contain_text(f"${refund['amount']}")


def test_a_double_click_gives_one_refund(backoffice: BackOffice, open_as: Open) -> None:
    trip = backoffice.scene["twice"]
    page = open_as("associate")
    page.goto(f"/admin/orders/trip/{trip['pk']}/")
    page.get_by_role("link", name="Refund…").click()
    page.get_by_role("dialog").get_by_label("Reason").select_option(index=1)
    page.locator("[data-refund-button]").click()

    page.get_by_role("button", name="Refund $").dblclick()

    expect(page.get_by_text("Refund of $")).to_be_visible()
    expect(page.locator(".bo-refunds").first.get_by_text("done", exact=True)).to_be_visible()
    assert [refund["state"] for refund in backoffice.refunds(trip["id"])] == ["done"]


def test_what_is_missing_is_said_on_top_and_leads_to_its_field(backoffice: BackOffice, open_as: Open) -> None:
    page = open_as("associate")
    page.goto(f"/admin/orders/trip/{backoffice.scene['picture']['pk']}/refund/")
    page.get_by_label("Note", exact=False).last.fill("Shown at the counter.")
    page.get_by_label("Reason").evaluate("field => field.removeAttribute('required')")

    page.locator("[data-refund-button]").click()

    summary = page.get_by_role("alert").first
    expect(summary).to_contain_text("No refund was made")
    summary.get_by_role("link", name="Reason").click()
    expect(page.get_by_label("Reason")).to_be_focused()
    expect(page.locator("textarea[name=note]")).to_have_value("Shown at the counter.")
