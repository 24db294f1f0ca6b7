"""Finding things: the search box, filters, saved views; and the light that somebody chooses."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.backoffice import BackOffice
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser


def test_an_exact_id_opens_its_page(backoffice: BackOffice, open_as: Open) -> None:
    trip = backoffice.scene["search"]
    page = open_as("associate")
    page.goto("/admin/")

    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type(trip["id"])
    page.keyboard.press("Enter")

    expect(page.locator("h1.bo-title")).to_contain_text(trip["id"])


def test_what_is_proposed_can_be_chosen_with_the_arrow_keys(backoffice: BackOffice, open_as: Open) -> None:
    trip = backoffice.scene["search"]
    page = open_as("associate")
    page.goto("/admin/")
    page.get_by_role("combobox").press_sequentially(trip["id"][:12])

    expect(page.get_by_role("option", name=trip["id"])).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name=trip["id"])).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")

    expect(page.locator("h1.bo-title")).to_contain_text(trip["id"])


def test_filters_go_away_by_their_chips(open_as: Open) -> None:
    page = open_as("manager")
    page.goto("/admin/orders/trip/?state__exact=unpaid&entry__exact=CARD")
    chips = page.get_by_role("group", name="Filters in force")
    expect(chips.get_by_role("link")).to_have_count(3)

    chips.get_by_role("link", name="Take the filter “entry: card” away").click()
    expect(page).to_have_url(re.compile(r"\?state__exact=unpaid$"))
    chips.get_by_role("link").click()

    expect(chips).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/admin/orders/trip/\??$"))


def test_a_view_is_saved_and_found_again(open_as: Open) -> None:
    page = open_as("manager")
    page.goto("/admin/orders/trip/?state__exact=unpaid")
    page.get_by_role("link", name="Save view").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Who owes us")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()

    tabs = page.get_by_role("navigation", name="Views of this list")
    expect(tabs.get_by_role("link", name="Who owes us")).to_have_attribute("aria-current", "page")
    page.goto("/admin/orders/trip/")
    tabs.get_by_role("link", name="Who owes us").click()

    expect(page.get_by_role("group", name="Filters in force")).to_contain_text("unpaid")


def test_dark_stays_dark(open_as: Open) -> None:
    page = open_as("newcomer")
    page.goto("/admin/")
    html = page.locator("html")
    expect(html).not_to_have_class(re.compile("dark"))

    page.get_by_role("button", name="newcomer").click()
    page.get_by_role("button", name="Dark").click()
    expect(html).to_have_class(re.compile("dark"))
    page.goto("/admin/orders/trip/")

    expect(html).to_have_class(re.compile("dark"))
