"""The dialog “Adjust”: what it shows before anything is done, that it is done once, and who may."""

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.http import HttpResponse
from django.test import Client

from orders.models import Adjustment, Trip
from payments.models import Refund
from payments.tests.adjusting import adjust
from payments.tests.admin_rows import staff_with
from payments.tests.trips import TEN, a_store, captured_trip, fresh, priced_trip, queued_refund, received_trip
from sandbox.testing import SandboxProcess
from stores.models import Barcode, Product

pytestmark = pytest.mark.django_db

TWO_SANDWICHES = ("6.25", "2")
RIGHTS = ["orders.view_trip", "payments.adjust_trip", "payments.request_refund"]


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(staff_with(*RIGHTS))
    return client


def url_of(trip: Trip, query: str = "") -> str:
    return f"/admin/orders/trip/{trip.pk}/adjust/{query}"


def words(answer: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def filled_in(trip: Trip, *quantities: str, **fields: Any) -> dict[str, Any]:
    """The form as it is sent; what is not named stays as it was."""
    by_line = {f"quantity_{line.pk}": number for line, number in zip(trip.lines.all(), quantities, strict=False)}
    return {"key": str(uuid4()), "shown": "", "reason": "not_taken", "note": "", **by_line, **fields}


def hidden(answer: HttpResponse) -> dict[str, str]:
    """What the second screen sends once it is confirmed."""
    inputs = re.findall(r"<input type=\"hidden\" name=\"([^\"]+)\"(?: value=\"([^\"]*)\")?", answer.content.decode())
    return {name: value for name, value in inputs if name != "csrfmiddlewaretoken"}


def confirm(staff: Client, trip: Trip, form: dict[str, Any]) -> HttpResponse:
    return staff.post(url_of(trip), hidden(staff.post(url_of(trip), form)), follow=True)


def test_the_form_shows_each_item_as_it_is(staff: Client) -> None:
    trip = priced_trip(TWO_SANDWICHES)
    line = trip.lines.get()

    page = staff.get(url_of(trip)).content.decode()

    assert re.search(rf'name="quantity_{line.pk}" value="2"', page)
    assert re.search(rf'name="price_{line.pk}" value="6.25"', page)


def test_before_anything_is_done_it_says_what_would_become_of_lines_and_money(
    staff: Client, sandbox: SandboxProcess
) -> None:
    trip = captured_trip(sandbox, TWO_SANDWICHES, ("1.50", "1"))

    shown = words(staff.post(url_of(trip), filled_in(trip, "1", "0", note="Seen on video.")))

    assert "2 units × $6.25 $12.50" in shown
    assert "1 unit × $6.25 $6.25" in shown
    assert "1 unit × $1.50 $1.50 removed" in shown
    assert "Total $14.00 $6.25" in shown
    assert "A refund of $7.75 is asked for; it is sent at once." in shown
    assert "Adjust to $6.25" in shown
    assert not Adjustment.objects.exists()


def test_what_was_shown_is_done_and_logged(staff: Client, sandbox: SandboxProcess) -> None:
    trip = captured_trip(sandbox, TWO_SANDWICHES)

    answer = confirm(staff, trip, filled_in(trip, "1", note="Seen on video."))

    adjustment = Adjustment.objects.get()
    assert answer.redirect_chain[0][0] == f"/admin/orders/trip/{trip.pk}/change/"
    assert "Adjusted to $6.25." in words(answer)
    assert (adjustment.actor, adjustment.reason, adjustment.note) == ("clerk", "not_taken", "Seen on video.")
    assert fresh(trip).total == Refund.objects.get().amount == Decimal("6.25")
    assert str(adjustment.key) in LogEntry.objects.get().change_message


def test_the_confirmation_twice_adjusts_once_and_logs_once(staff: Client, sandbox: SandboxProcess) -> None:
    trip = captured_trip(sandbox, TWO_SANDWICHES)
    confirmed = hidden(staff.post(url_of(trip), filled_in(trip, "1")))

    answers = [staff.post(url_of(trip), confirmed, follow=True) for _ in range(2)]

    assert all("Adjusted to $6.25." in words(answer) for answer in answers)
    assert Adjustment.objects.count() == Refund.objects.count() == LogEntry.objects.count() == 1


def test_two_tabs_the_second_one_is_shown_what_changed_and_keeps_its_input(
    staff: Client, sandbox: SandboxProcess
) -> None:
    trip = captured_trip(sandbox, TWO_SANDWICHES)
    tabs = [hidden(staff.post(url_of(trip), filled_in(trip, number, note=number))) for number in ("1", "0")]
    staff.post(url_of(trip), tabs[0])

    answer = staff.post(url_of(trip), tabs[1])

    assert "The trip has changed since you opened this." in words(answer)
    assert "Total $6.25 $0.00" in words(answer)
    assert hidden(answer)["note"] == "0"
    assert Adjustment.objects.count() == 1
    staff.post(url_of(trip), hidden(answer))
    assert fresh(trip).total == 0


def test_a_refund_meanwhile_is_seen_before_anything_is_done(staff: Client, sandbox: SandboxProcess) -> None:
    trip = captured_trip(sandbox)
    confirmed = hidden(staff.post(url_of(trip), filled_in(trip, "0")))
    queued_refund(trip, "4.00")

    answer = staff.post(url_of(trip), confirmed)

    assert "A refund of $6.00 is asked for" in words(answer)
    assert "$4.00 was refunded before already, and is not given back again." in words(answer)
    assert not Adjustment.objects.exists()


def test_the_way_back_to_the_form_keeps_what_was_typed(staff: Client) -> None:
    trip = priced_trip(TWO_SANDWICHES)
    confirmed = hidden(staff.post(url_of(trip), filled_in(trip, "1", note="Kept note")))

    page = staff.post(url_of(trip), confirmed | {"edit": "yes"}).content.decode()

    assert "Kept note" in page
    assert re.search(rf'name="quantity_{trip.lines.get().pk}" value="1"', page)
    assert 'name="shown"' not in page


def test_a_product_is_added_by_its_sku_or_barcode(staff: Client) -> None:
    trip = priced_trip(TWO_SANDWICHES)
    water = Product.objects.create(store=trip.store, sku="WATER", name="Water", price=Decimal("1.50"))
    Barcode.objects.create(product=water, code="012345678905")

    confirm(staff, trip, filled_in(trip, added_1="WATER", added_quantity_1="2", added_2="012345678905"))

    added = trip.lines.filter(sku="WATER").values_list("quantity", "total")
    assert sorted(added) == [(1, Decimal("1.50")), (2, 3)]
    assert fresh(trip).total == 17


def test_products_are_proposed_from_the_trips_store_only(staff: Client) -> None:
    trip = priced_trip(TWO_SANDWICHES)
    Product.objects.create(store=trip.store, sku="WATER", name="Water", price=Decimal("1.50"))
    Product.objects.create(store=a_store("TEST-OTHER"), sku="WATER-2", name="Water", price=1)

    found = staff.get(f"/admin/orders/trip/{trip.pk}/adjust/products/?q=wat").json()

    assert found == {"products": [{"sku": "WATER", "text": "Water, $1.50 / unit"}]}


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"reason": ""}, "This field is required."),
        ({"reason": "bored"}, "Select a valid choice."),
        ({"added_1": "NOTHING"}, "sells nothing with the SKU or barcode “NOTHING”"),
        ({"added_1": "AT-6.25", "added_quantity_1": "0"}, "How much of Thing at 6.25 is to be added?"),
        ({"added_1": "AT-6.25", "added_quantity_1": "0.5"}, "it is counted in whole pieces"),
        ({"key": "nonsense"}, "Nothing was changed."),
        ({}, "Nothing is changed yet"),
    ],
)
def test_a_bad_form_does_nothing_and_keeps_what_was_typed(staff: Client, fields: dict[str, str], error: str) -> None:
    trip = priced_trip(TWO_SANDWICHES)

    answer = staff.post(url_of(trip), filled_in(trip, note="Kept note") | fields)

    assert answer.status_code == 200
    assert error in words(answer)
    assert "Kept note" in words(answer)
    assert not Adjustment.objects.exists()


@pytest.mark.parametrize("number", ["-1", "0.5", "lots", "NaN", "1e99", "99999999999999999999"])
def test_a_bad_quantity_is_said_at_its_field(staff: Client, number: str) -> None:
    trip = priced_trip(TWO_SANDWICHES)

    answer = staff.post(url_of(trip), filled_in(trip, number))

    assert answer.status_code == 200
    assert f'id="id_quantity_{trip.lines.get().pk}-errors"' in answer.content.decode()


def test_a_line_of_another_trip_is_no_field_of_the_form(staff: Client) -> None:
    trip, other = priced_trip(TWO_SANDWICHES), priced_trip(TEN)

    answer = staff.post(url_of(trip), filled_in(trip) | {f"quantity_{other.lines.get().pk}": "0"})

    assert "Nothing is changed yet" in words(answer)


def test_a_higher_total_after_the_capture_is_refused_in_words(staff: Client, sandbox: SandboxProcess) -> None:
    trip = captured_trip(sandbox, TWO_SANDWICHES)

    answer = staff.post(url_of(trip), filled_in(trip, "3"))

    assert "the trip cannot cost more than $12.50 now; with this it would cost $18.75." in words(answer)


def test_a_trip_that_cannot_be_adjusted_says_why(staff: Client) -> None:
    trip = received_trip(TEN)

    assert "The cart is being priced." in words(staff.get(url_of(trip)))
    assert re.search(r"disabled[^>]*>Continue", staff.get(url_of(trip)).content.decode())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("1", "Nothing is taken yet: Amazon is asked for $6.25 instead of $12.50."),
        ("0", "Nothing is to be paid any more, and nothing is taken: what is held is released."),
    ],
)
def test_before_the_capture_it_says_what_is_asked_for(staff: Client, change: str, sentence: str) -> None:
    trip = priced_trip(TWO_SANDWICHES)

    assert sentence in words(staff.post(url_of(trip), filled_in(trip, change)))


def test_the_trip_page_shows_what_was_changed_and_why(client: Client, sandbox: SandboxProcess) -> None:
    client.force_login(staff_with(*RIGHTS))
    trip = captured_trip(sandbox, TWO_SANDWICHES)
    adjust(trip, (1, "1"), note="Seen on video.")

    shown = words(client.get(f"/admin/orders/trip/{trip.pk}/change/"))

    assert "was 2 units × $6.25" in shown
    assert "Adjusted from $12.50 to $6.25" in shown
    assert "Seen on video." in shown


@pytest.mark.parametrize(("rights", "missing"), [(["orders.view_trip"], RIGHTS[1]), ([RIGHTS[1]], "orders.view_trip")])
def test_being_staff_is_not_the_right(client: Client, rights: list[str], missing: str) -> None:
    client.force_login(staff_with(*rights))
    trip = priced_trip(TWO_SANDWICHES)

    for answer in (client.get(url_of(trip)), client.post(url_of(trip), filled_in(trip, "1"))):
        assert answer.status_code == 403
        assert missing in words(answer)
    assert not Adjustment.objects.exists()


def test_a_trip_of_another_store_is_not_found(client: Client) -> None:
    person = staff_with(*RIGHTS, sees_all_stores=False)
    person.stores.add(a_store("TEST-OTHER"))
    client.force_login(person)
    trip = priced_trip(TWO_SANDWICHES)

    assert client.get(url_of(trip)).status_code == 404
    assert client.post(url_of(trip), filled_in(trip, "1")).status_code == 404
    assert client.get(f"/admin/orders/trip/{trip.pk}/adjust/products/?q=T").status_code == 404


def test_anonymous_people_are_sent_to_the_login(client: Client) -> None:
    trip = priced_trip(TWO_SANDWICHES)

    for answer in (client.get(url_of(trip)), client.post(url_of(trip), filled_in(trip, "1"))):
        assert answer.status_code == 302
        assert "login" in answer.url


def test_a_form_from_elsewhere_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff_with(*RIGHTS))
    trip = priced_trip(TWO_SANDWICHES)

    assert client.post(url_of(trip), filled_in(trip, "1")).status_code == 403
