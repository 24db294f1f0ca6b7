"""Many trips at once: ticked, planned, started, and its progress seen."""

import pytest
from playwright.sync_api import expect

from tests.browser.backoffice import BackOffice
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser


def test_whole_trips_are_refunded_as_a_job(backoffice: BackOffice, open_as: Open) -> None:
    trips = backoffice.scene["bulk"]
    page = open_as("admin")
    page.goto(f"/admin/orders/trip/?id__in={','.join(str(trip['pk']) for trip in trips)}")
    page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option("bulk_refund")
    page.get_by_role("button", name="Run").click()

    expect(page.get_by_text("Nothing is done yet")).to_be_visible()
    page.get_by_label("Reason").select_option(index=1)
    page.get_by_role("button", name="Refund whole trips: 3 trips").click()

    expect(page.get_by_role("heading", name="3 of 3")).to_be_visible()
    expect(page.get_by_role("progressbar", name="Trips worked on")).to_have_attribute("value", "3")
    expect(page.get_by_text("3 done, 0 not done, 0 left out.")).to_be_visible()
    for trip in trips:
        (refund,) = backoffice.refunds(trip["id"])
        assert refund["amount"] == backoffice.trip(trip["id"])["captured"]
