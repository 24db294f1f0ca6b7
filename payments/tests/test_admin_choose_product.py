import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from orders.models import Line, Trip, TripEvent
from payments.models import Charge
from payments.tests.admin_rows import a_product, a_store, a_trip, paid_trip, review_trip, staff_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(staff_with("orders.view_trip", "orders.change_trip"))
    return client


def url_of(line: Line) -> str:
    return f"/admin/orders/trip/{line.trip_id}/lines/{line.pk}/product/"


def test_the_page_offers_the_stores_products_and_warns_of_another_unit(staff: Client) -> None:
    line = review_trip("MYSTERY").lines.get()
    a_product(line.trip.store)
    a_product(line.trip.store, "KALE", name="Kale", unit="kg")
    a_product(a_store("Other shop"), "OTHER", name="Something else")

    shown = staff.get(url_of(line)).content.decode()

    assert "What was MYSTERY?" in shown
    assert "$3.44 / unit" in shown
    assert "Sold by kg, but the cart counts unit" in shown
    assert "Something else" not in shown


@pytest.mark.parametrize("term", ["appl", "APPLE", "4006381333931"])
def test_products_are_found_by_name_sku_and_barcode(staff: Client, term: str) -> None:
    line = review_trip().lines.get()
    apple = a_product(line.trip.store)
    apple.barcodes.create(code="4006381333931", store=apple.store)
    a_product(line.trip.store, "BREAD", name="Sourdough")

    shown = staff.get(url_of(line), {"q": term}).content.decode()

    assert "$3.44 / unit" in shown
    assert "Sourdough" not in shown


def test_choosing_prices_the_trip_and_has_it_collected(staff: Client) -> None:
    line = review_trip("MYSTERY").lines.get()
    apple = a_product(line.trip.store)

    answer = staff.post(url_of(line), {"product": apple.pk}, follow=True)

    trip = Trip.objects.get()
    assert answer.redirect_chain[0][0] == f"/admin/orders/trip/{trip.pk}/change/"
    assert "MYSTERY is Apple (APPLE)." in answer.content.decode()
    assert (trip.state, str(trip.total)) == ("priced", "6.8800")
    assert Charge.objects.get().state == "pending"
    assert TripEvent.objects.get(kind="product_chosen").actor == "clerk"
    assert LogEntry.objects.count() == 1


@pytest.mark.parametrize("product", ["", "999", "nonsense", "another store's"])
def test_what_is_no_product_of_the_store_does_nothing(staff: Client, product: str) -> None:
    line = review_trip().lines.get()
    if product.startswith("another"):
        product = str(a_product(a_store("Other shop")).pk)

    answer = staff.post(url_of(line), {"product": product})

    assert answer.status_code == 200
    assert "Choose one of the products of Corner shop." in answer.content.decode()
    assert Trip.objects.get().state == "review"
    assert not LogEntry.objects.exists()


def test_a_trip_that_is_not_in_review_any_more(staff: Client) -> None:
    trip = paid_trip()
    apple, line = a_product(trip.store), trip.lines.get()

    assert "not in review any more" in staff.get(url_of(line)).content.decode()
    answer = staff.post(url_of(line), {"product": apple.pk}, follow=True)
    assert "This trip is not in review any more." in answer.content.decode()
    assert Trip.objects.get().state == "paid"


def test_a_line_of_another_trip_is_not_found(staff: Client) -> None:
    line, other = review_trip().lines.get(), a_trip("review")
    apple = a_product(line.trip.store)
    url = f"/admin/orders/trip/{other.pk}/lines/{line.pk}/product/"

    assert staff.get(url).status_code == 404
    assert staff.post(url, {"product": apple.pk}).status_code == 404
    assert staff.get("/admin/orders/trip/999/lines/1/product/").status_code == 404


def test_the_page_needs_its_right(client: Client) -> None:
    line = review_trip().lines.get()
    apple = a_product(line.trip.store)
    assert client.get(url_of(line)).url.startswith("/admin/login/")

    client.force_login(staff_with("orders.view_trip"))
    for answer in (client.get(url_of(line)), client.post(url_of(line), {"product": apple.pk})):
        assert answer.status_code == 403
        assert "orders.change_trip" in answer.content.decode()
    assert Trip.objects.get().state == "review"
