"""Signing in as people do, and staying signed in or not."""

import re

import pytest
from playwright.sync_api import Page, expect

from staff.tests.authenticators import code_of, wrong_code_of
from tests.browser.accessibility import findings
from tests.browser.conftest import Open
from tests.browser.layout import calm, too_wide
from tests.browser.places import NOBODY
from tests.browser.prepare import PASSWORD, SECRETS

pytestmark = pytest.mark.browser


def test_a_wrong_password_then_the_right_one_and_a_second_factor(open_as: Open) -> None:
    page = open_as(NOBODY)
    page.goto("/admin/orders/trip/")
    name, password = page.get_by_label("User name or e-mail"), page.get_by_label("Password")
    button = page.get_by_role("button", name="Sign in", exact=True)
    expect(name).to_be_focused()

    name.fill("cashier")
    password.fill("not-it")
    button.click()
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(name).to_have_value("cashier")
    password.fill(PASSWORD)
    password.press("Enter")

    code = page.get_by_label("Code")
    expect(code).to_be_focused()
    calm(page)
    assert (too_wide(page), findings(page)) == ([], [])
    code.fill(wrong_code_of(SECRETS["cashier"]))
    button.click()
    expect(page.get_by_role("alert").first).to_be_visible()
    code.fill(code_of(SECRETS["cashier"]))
    button.click()

    expect(page).to_have_url(re.compile(r"/admin/orders/trip/$"))
    expect(page.locator("#result_list tbody tr").first).to_be_visible()


def test_a_passkey_is_added_renamed_and_signs_in_by_itself(open_as: Open) -> None:
    page = open_as("traveller")
    hold_a_passkey(page)
    page.goto("/account/second-factor/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("Telephone")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.get_by_role("link", name="I have kept them: go on").click()

    page.goto("/account/second-factor/")
    page.get_by_role("link", name="Rename").click()
    calm(page)
    assert (too_wide(page), findings(page)) == ([], [])
    page.get_by_label("Name").fill("Old telephone")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_text("Old telephone")).to_be_visible()

    page.context.clear_cookies()
    page.goto("/admin/orders/trip/")
    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page).to_have_url(re.compile(r"/admin/orders/trip/$"))
    expect(page.locator("#result_list tbody tr").first).to_be_visible()


def hold_a_passkey(page: Page) -> None:
    """A device that knows its owner, and says yes whenever it is asked."""
    developer_tools = page.context.new_cdp_session(page)
    developer_tools.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    developer_tools.send("WebAuthn.addVirtualAuthenticator", {"options": device})


def test_what_was_typed_stands_there_again_after_signing_in_again(open_as: Open) -> None:
    """The session ends while somebody types; what they typed does not."""
    page = open_as("newcomer")
    page.goto("/admin/lists/orders.trip/views/?state__exact=paid")
    page.get_by_label("Name").fill("Mine")
    (session,) = (cookie for cookie in page.context.cookies() if cookie["name"] == "sessionid")
    page.context.add_cookies([session | {"value": "ended-elsewhere"}])  # type: ignore[list-item]

    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("What you sent was not done.")).to_be_visible()
    page.get_by_label("User name or e-mail").fill("newcomer")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page.get_by_label("Name")).to_have_value("Mine")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Mine")).to_have_attribute("aria-current", "page")
