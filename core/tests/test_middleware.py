"""The character NUL in an address, which PostgreSQL refuses in every text."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address", ["/admin/orders/trip/?q=%00", "/admin/orders/trip/?q=a%00b", "/api/v1/trips/a%00b/", "/%00"]
)
def test_nul_in_an_address_is_a_bad_request_that_says_so(admin_client: Client, address: str) -> None:
    answer = admin_client.get(address)

    assert answer.status_code == 400
    assert "NUL" in answer.content.decode()


def test_a_percent_sign_before_two_zeros_is_no_nul(admin_client: Client) -> None:
    assert admin_client.get("/admin/orders/trip/?q=%2500").status_code == 200
