"""What staff put right: a trip adjusted, a contested cart decided."""

import pytest
from playwright.sync_api import expect

from tests.browser.backoffice import BackOffice
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser


def test_an_adjustment(backoffice: BackOffice, open_as: Open) -> None:
    trip = backoffice.scene["adjust"]
    item = trip["items"][0]
    page = open_as("manager")
    page.goto(f"/admin/orders/trip/{trip['pk']}/")
    page.locator("summary", has_text="More").click()
    page.get_by_role("link", name="Adjust").click()

    page.get_by_role("button", name=f"Remove {item}").click()
    page.get_by_label("Reason").select_option("not_taken")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("row", name=item)).to_contain_text("removed")
    page.get_by_role("button", name="Adjust to $").click()

    expect(page.get_by_text("Adjusted to $").first).to_be_visible()
    expect(page.get_by_role("heading", name="Adjustments")).to_be_visible()
    now = backoffice.trip(trip["id"])
    assert len(now["adjustments"]) == 1
    assert float(now["total"]) < float(trip["total"])


def test_a_contested_cart_is_decided(backoffice: BackOffice, open_as: Open) -> None:
    trip = backoffice.scene["contest"]
    page = open_as("manager")
    page.goto(f"/admin/payments/contestedcart/{trip['contest']}/change/")
    expect(page.get_by_text("I put it back.")).to_be_visible()

    page.get_by_role("link", name="Adjust the trip…").click()
    page.get_by_label("Reason").select_option("not_taken")
    page.get_by_label("Note").fill("On video: put back.")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Adjust to $").click()
    expect(page.get_by_text("Adjusted to $").first).to_be_visible()

    page.goto(f"/admin/payments/contestedcart/{trip['contest']}/change/")
    expect(page.get_by_role("heading", name="Decision")).to_be_visible()
    expect(page.get_by_text("On video: put back.")).to_be_visible()
    now = backoffice.trip(trip["id"])
    assert len(now["adjustments"]) == 1
    assert float(now["total"]) < float(trip["total"])
