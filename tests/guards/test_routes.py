"""No door without a lock: every route of the project, asked without a key and without a login."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from amazon.inbound.views import ConnectorView
from core.tests.staff import staff_with

pytestmark = pytest.mark.django_db

OPEN = {"", "healthz", "readyz", "admin/login/", "admin/logout/", "admin/password_change/", "admin/jsi18n/"}
# Signing in is for those who have not. These tell nobody anything, and each refuses what does not fit.
OPEN |= {
    "account/" + page
    for page in (
        "login/",
        "logout/",
        "inactive/",
        "password/reset/",
        "password/reset/sent/",
        "password/reset/done/",
        "second-factor/authenticate/",
        "second-factor/webauthn/login/",
        "oidc/<str:provider_id>/login/",
        "oidc/<str:provider_id>/login/callback/",
        "oidc/cancelled/",
    )
}
# Whoever has the address of a receipt may see it: nobody can guess one (payments.receipt_page).
OPEN |= {"receipts/<str:token>/"}
# Keeps a language in a cookie, and nothing else.
OPEN |= {"language/"}
ARGUMENTS = {"<int:": "1", "<str:": "x", "<path:": "1", "<slug:": "x", "<uuid:": "6b1f0c5e-0000-4000-8000-000000000000"}


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        else:
            yield route, pattern


def address(route: str) -> str:
    """With some argument in place of each `<...>`."""
    if route == ANYTHING_ELSE_OF_AMAZON:
        return "/v1/nothing"
    parts = []
    for part in route.split("/"):
        kind = next((known for known in ARGUMENTS if part.startswith(known)), None)
        parts.append(ARGUMENTS[kind] if kind else part)
    return "/" + "/".join(parts)


ALL = dict(routes(get_resolver()))
ANYTHING_ELSE_OF_AMAZON = "^v[12]/"
CONNECTOR = [route for route in ALL if route.startswith(("v1/", "v2/", ANYTHING_ELSE_OF_AMAZON))]
STAFF = [
    route for route in ALL if route.startswith(("admin/", "reports/")) and route not in OPEN and "(?P" not in route
]
RETAILER = [route for route in ALL if route.startswith("api/v1/")]
DOCUMENTATION = ["api/schema/", "api/docs/"]
PERSONAL = [route for route in ALL if route.startswith("account/") and route not in OPEN and "(?P" not in route]


def test_every_route_belongs_to_somebody() -> None:
    left = (
        {route for route in ALL if "(?P" not in route}
        - OPEN
        - {*CONNECTOR, *STAFF, *RETAILER, *DOCUMENTATION, *PERSONAL}
    )

    assert left == set()


@pytest.mark.parametrize("route", CONNECTOR)
def test_amazon_needs_its_key(client: Client, settings: Any, route: str) -> None:
    assert issubclass(ALL[route].callback.view_class, ConnectorView)

    def post(**headers: str) -> int:
        return client.post(address(route), b"{}", content_type="application/json", headers=headers).status_code

    assert post() == 403
    assert post(**{"x-api-key": "wrong"}) == 403
    assert post(**{"x-api-key": "test-connector-key"}) != 403
    settings.CONNECTOR_API_KEYS = []
    assert post(**{"x-api-key": "test-connector-key"}) == 403
    assert post(**{"x-api-key": ""}) == 403


@pytest.mark.parametrize("route", RETAILER)
def test_the_retailers_systems_need_theirs(client: Client, route: str) -> None:
    for method in (client.get, client.post):
        assert method(address(route)).status_code == 401
        assert method(address(route), headers={"Authorization": "Bearer wrong"}).status_code == 401
        assert method(address(route), headers={"x-api-key": "test-connector-key"}).status_code == 401


@pytest.mark.parametrize("route", STAFF)
def test_staff_pages_send_strangers_to_the_login(client: Client, django_user_model: Any, route: str) -> None:
    assert client.get(address(route)).url.startswith("/admin/login/")

    client.force_login(django_user_model.objects.create_user("shopper"))
    assert client.get(address(route)).url.startswith("/admin/login/")


@pytest.mark.parametrize("route", [*PERSONAL, *DOCUMENTATION])
def test_a_persons_own_pages_and_the_documentation_ask_strangers_to_sign_in(client: Client, route: str) -> None:
    for method in (client.get, client.post):
        assert method(address(route)).url.startswith("/account/login/")


def test_no_page_of_signing_in_hides_behind_a_pattern() -> None:
    """But the link that is mailed for a new password, which nobody can guess."""
    assert [route for route in ALL if route.startswith("account/") and "(?P" in route] == [
        "account/^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$"
    ]


def test_a_login_without_a_destination_leads_to_the_start(client: Client) -> None:
    staff_with("orders.view_trip")

    answer = client.post("/account/login/", {"login": "clerk", "password": "not-a-secret"})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
