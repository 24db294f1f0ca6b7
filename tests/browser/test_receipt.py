"""A shopper asks for their receipt and knows no more than the last four digits of their card."""

import pytest
from playwright.sync_api import expect

from tests.browser.backoffice import BackOffice
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser


def test_the_shoppers_receipt_by_the_last_four_digits(backoffice: BackOffice, open_as: Open) -> None:
    trip = backoffice.scene["receipt"]
    page = open_as("associate")
    page.goto("/admin/")
    page.get_by_role("combobox").fill(trip["last_four"])
    page.keyboard.press("Enter")
    page.get_by_role("link", name=trip["id"]).click()
    page.locator("summary", has_text="More").click()

    with page.expect_popup() as opened:
        page.get_by_role("link", name="View and print as the shopper").click()

    receipt = opened.value
    expect(receipt.get_by_role("heading", level=1)).to_have_text("Demo Card, New York")
    for item in trip["items"]:
        expect(receipt.get_by_text(item)).to_be_visible()
    expect(receipt.get_by_text(f"ending in {trip['last_four']}")).to_be_visible()
    expect(receipt.get_by_text(trip["total"]).first).to_be_visible()
