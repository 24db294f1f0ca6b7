"""The pictures of the documentation: `make screenshots`. The data are the demo's, only their dates are today's."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.backoffice import BackOffice
from tests.browser.conftest import Open
from tests.browser.layout import calm

pytestmark = [pytest.mark.browser, pytest.mark.pictures]

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
MOST_BYTES = 300_000


def take(page: Page, name: str) -> None:
    calm(page)
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path, full_page=False)
    assert path.stat().st_size <= MOST_BYTES


@pytest.mark.parametrize(
    ("name", "place", "light"),
    [
        ("home", "admin:index", "light"),
        ("trips", "admin:orders_trip_changelist", "light"),
        ("trip", "trip whose refund awaits approval", "light"),
        ("trip-dark", "trip whose refund awaits approval", "dark"),
        ("feedback", "admin:payments_feedbackreport_change", "light"),
    ],
)
def test_page(backoffice: BackOffice, open_as: Open, name: str, place: str, light: str) -> None:
    page = open_as("manager", color_scheme=light)
    page.goto(backoffice.places[place])
    take(page, name)


def test_the_refund_dialog(backoffice: BackOffice, open_as: Open) -> None:
    page = open_as("associate")
    page.goto(f"/admin/orders/trip/{backoffice.scene['picture']['pk']}/")
    page.get_by_role("link", name="Refund…").click()
    expect(page.locator("[data-refund-button]")).to_contain_text("Refund $")
    take(page, "refund")
