"""Pages of what is not there, and of what went wrong: what it means, and a way on."""

from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from core.tests.staff import staff_with

pytestmark = pytest.mark.django_db


def test_what_is_not_there_says_so_and_leads_back(client: Client) -> None:
    client.force_login(staff_with("orders.view_trip"))

    for address in ("/admin/orders/trip/999999/change/", "/nothing/of/the/kind"):
        answer = client.get(address)
        assert answer.status_code == 404
        assert "Nothing was done." in answer.content.decode()
        assert 'href="/admin/"' in answer.content.decode()


def test_what_went_wrong_says_that_it_did_and_when(client: Client) -> None:
    """The database goes away in the middle of a page."""
    client.force_login(staff_with("orders.view_trip"))
    client.raise_request_exception = False

    def fail(*call: Any) -> None:
        raise OperationalError("gone")

    with connection.execute_wrapper(fail):
        answer = client.get("/admin/")

    assert answer.status_code == 500
    assert "Look whether what you wanted was done before you try again." in answer.content.decode()
    assert "UTC" in answer.content.decode()


def test_a_refused_form_sums_up_on_top_what_is_wrong_with_a_way_to_each_field(admin_client: Client) -> None:
    answer = admin_client.post("/admin/stores/store/add/", {"name": "Corner shop"})

    assert answer.status_code == 200
    summary = answer.content.decode().partition("errornote")[2].partition("</div>")[0]
    assert 'href="#id_external_id"' in summary
    assert "#id_name" not in summary
