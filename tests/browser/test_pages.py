"""Every page, opened by somebody who may: nothing fails, everything fits, and everybody can read and use it."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import COLOURS, findings
from tests.browser.backoffice import BackOffice
from tests.browser.conftest import TABLET, Open
from tests.browser.layout import calm, darken, too_wide
from tests.browser.places import BY, LEFT_OUT, NOBODY, is_nobodys, names, routes

pytestmark = pytest.mark.browser

# Where a strict policy of the page's own keeps axe's script out, too.
_WITH_A_POLICY = {"receipt"}


@pytest.mark.parametrize("name", names())
def test_page(backoffice: BackOffice, open_as: Open, name: str) -> None:
    address = backoffice.places[name]
    page = open_as(BY.get(name, "admin"), bypass_csp=name in _WITH_A_POLICY)

    answer = page.goto(address)

    assert answer is not None
    assert answer.status == 200
    assert urlsplit(page.url).path == urlsplit(address).path
    calm(page)
    found = {"wide": too_wide(page), "light": findings(page)}
    page.set_viewport_size(TABLET)
    found["wide on a tablet"] = too_wide(page)
    darken(page)
    found["dark"] = findings(page, COLOURS)
    assert {where: what for where, what in found.items() if what} == {}
    if name in _WITH_A_POLICY:
        page.watch.forgive("404")  # type: ignore[attr-defined]  # the icon, which only its policy keeps it from fetching


def test_no_page_is_left_out_without_a_reason(backoffice: BackOffice) -> None:
    named = {route.name for route in routes()}
    nobodys = {name for name in named if is_nobodys(name)}

    assert named - {*backoffice.places} - nobodys == {*LEFT_OUT}


def test_the_receipts_policy_is_kept_by_its_own_page(backoffice: BackOffice, open_as: Open) -> None:
    """What its policy refuses would stand in the console."""
    page = open_as(NOBODY)

    page.goto(backoffice.places["receipt"])

    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_the_menu_leads_only_to_pages_that_are_opened_here(backoffice: BackOffice, open_as: Open) -> None:
    page = open_as("admin")
    page.goto("/admin/")

    linked = page.locator("#nav-sidebar a[href^='/admin/']").evaluate_all("links => links.map(a => a.pathname)")

    assert len(linked) > 20
    assert {urlsplit(path).path for path in linked} <= {urlsplit(path).path for path in backoffice.places.values()}


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/admin/stores/store/", 403, "You need the right"),
        ("/admin/orders/trip/999999999/change/", 404, "Nothing was done."),
        ("/receipts/nobody-has-this/", 404, "receipt"),
    ],
)
def test_a_page_that_is_refused_or_missing(open_as: Open, address: str, status: int, says: str) -> None:
    page = open_as("newcomer")

    answer = page.goto(address)

    assert answer is not None
    assert answer.status == status
    expect(page.locator("body")).to_contain_text(says)
    calm(page)
    assert (too_wide(page), findings(page)) == ([], [])
    page.watch.forgive(f"{status}")  # type: ignore[attr-defined]
