"""One server and one browser for the whole run; a context of its own for each test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from staff.tests.authenticators import code_of
from tests.browser.backoffice import BackOffice, running_backoffice
from tests.browser.chromium import NoChromium, find_chromium, running_chromium
from tests.browser.places import NOBODY
from tests.browser.prepare import PASSWORD, SECRETS
from tests.browser.watching import Watch

DESKTOP = {"width": 1280, "height": 800}
TABLET = {"width": 820, "height": 1180}
PATIENCE_MS = 30_000

expect.set_options(timeout=PATIENCE_MS)

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    try:
        path = find_chromium()
    except NoChromium as error:
        pytest.exit(str(error), returncode=2)
    with running_chromium(path) as browser:
        yield browser


@pytest.fixture(scope="session")
def backoffice(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackOffice]:
    with running_backoffice(tmp_path_factory.mktemp("backoffice")) as backoffice:
        yield backoffice


@pytest.fixture(scope="session")
def signed_in(browser: Browser, backoffice: BackOffice) -> Callable[[str], Any]:
    """What the browser keeps of somebody who has signed in; done once for each person."""
    kept: dict[str, Any] = {NOBODY: None}

    def of(person: str) -> Any:
        if person not in kept:
            context = browser.new_context(base_url=backoffice.url, viewport=DESKTOP)
            sign_in(context.new_page(), person)
            kept[person] = context.storage_state()
            context.close()
        return kept[person]

    return of


def sign_in(page: Page, person: str, password: str = PASSWORD) -> None:
    page.goto("/account/login/")
    page.get_by_label("User name or e-mail").fill(person)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    if person in SECRETS:
        page.get_by_label("Code").fill(code_of(SECRETS[person]))
        page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/admin/")


@pytest.fixture
def open_as(browser: Browser, backoffice: BackOffice, signed_in: Callable[[str], Any]) -> Iterator[Open]:
    """A new page of somebody's; when the test is over, nothing may have gone wrong on any of them unseen."""
    watches: list[Watch] = []
    contexts: list[BrowserContext] = []

    def open_page(person: str, **options: Any) -> Page:
        context = browser.new_context(
            base_url=backoffice.url,
            storage_state=signed_in(person),
            reduced_motion="reduce",
            **({"viewport": DESKTOP, "color_scheme": "light"} | options),
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        watches.append(Watch(page, backoffice.url))
        page.watch = watches[-1]  # type: ignore[attr-defined]
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [line for watch in watches for line in watch.complaints()] == []
