"""Whose trip it is: by the ids that Amazon's cart names, whichever comes first, the trip or the member."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amazon.tests.bodies import encoded
from loyalty.member_data import CodeData, MemberData
from loyalty.services.erasure import anonymize_member
from loyalty.services.members import save_member
from loyalty.tests.people import a_member
from orders.events import trips_linked
from orders.models import Trip, TripIdentity
from orders.services import members
from orders.services.intake import Arrived, receive_carts
from orders.services.pricing import price_trip
from orders.tests.amazon_carts import auth_event, cart, item
from orders.wire import create_purchases_decoder
from stores.models import Product, Store

pytestmark = pytest.mark.django_db


def scanned(id: str, location: str = "ENTRY", payload_type: str = "SCAN_CODE", type: str = "SHOPPER") -> dict[str, Any]:
    return auth_event(payload_type, location, scanResult={"id": id, "type": type})


@pytest.fixture
def trip_of(store: Store, water: Product) -> Any:
    """A priced trip whose cart names these people."""

    def make(
        *events: dict[str, Any], shopper: str | None = None, sku: str = "WATER-500", is_priced: bool = True
    ) -> Trip:
        content = cart(store.external_id, item(sku))
        content["shoppingTrip"]["authEvents"] = list(events) or [auth_event()]
        if shopper is not None:
            content["shopperIdentity"] = {"id": shopper}
        body = encoded(content)
        receive_carts([Arrived(create_purchases_decoder.decode(body), body)])
        trip = Trip.objects.get(amazon_trip_id=content["idempotentShoppingTripId"])
        if is_priced:
            price_trip(trip.pk)
        return Trip.objects.get(pk=trip.pk)

    return make


def identities(trip: Trip) -> list[tuple[str, int]]:
    return list(trip.identities.values_list("value", "rank"))


def fresh(trip: Trip) -> Trip:
    return Trip.objects.get(pk=trip.pk)


class TestWhenTheMemberIsKnown:
    def test_an_app_entry_finds_the_member_by_the_id_that_the_gate_was_told(self, trip_of: Any) -> None:
        ada = a_member("ada-1")

        trip = trip_of(auth_event("SCAN_CODE"), shopper="ada-1")

        assert trip.member == ada
        assert identities(trip) == [("ada-1", 0)]

    def test_a_card_entry_with_loyalty_finds_the_member_by_the_code(self, trip_of: Any) -> None:
        ada = a_member("ada-1", loyalty=("LOY-1",))

        trip = trip_of(auth_event(), scanned("LOY-1", "MANUAL_IN_STORE", type="LOYALTY"), shopper="card-1")

        assert trip.member == ada
        assert identities(trip) == [("card-1", 0), ("LOY-1", 2)]

    def test_who_pays_comes_before_who_entered_and_they_before_who_was_scanned_inside(self, trip_of: Any) -> None:
        events = [scanned("inside", "MANUAL_IN_STORE"), scanned("entered")]
        inside = a_member("inside")
        assert trip_of(*events, shopper="pays").member == inside
        entered = a_member("entered")
        assert trip_of(*events, shopper="pays").member == entered
        pays = a_member("pays")
        trip = trip_of(*events, shopper="pays")
        assert trip.member == pays
        assert identities(trip) == [("pays", 0), ("entered", 1), ("inside", 2)]

    def test_an_id_that_is_named_twice_has_its_best_rank(self, trip_of: Any) -> None:
        trip = trip_of(scanned("ada-1", "EXIT"), scanned("ada-1"), scanned("bob", "EXIT"), scanned("bob"))

        assert identities(trip) == [("ada-1", 1), ("bob", 1)]

    @pytest.mark.parametrize("shopper", [None, ""])
    def test_a_cart_that_names_nobody_belongs_to_nobody(self, trip_of: Any, shopper: str | None) -> None:
        trip = trip_of(scanned("", "MANUAL_IN_STORE"), shopper=shopper)

        assert trip.member is None
        assert identities(trip) == []

    def test_a_trip_in_review_has_its_member_too(self, trip_of: Any) -> None:
        ada = a_member("ada-1")
        trip = trip_of(shopper="ada-1", sku="UNKNOWN")
        assert (trip.state, trip.member) == ("review", ada)

        Product.objects.create(store=trip.store, sku="UNKNOWN", name="Known now", price=1)
        price_trip(trip.pk)

        assert (fresh(trip).state, fresh(trip).member) == ("priced", ada)
        assert identities(trip) == [("ada-1", 0)]

    def test_linking_takes_two_statements_and_the_cart(self, trip_of: Any) -> None:
        trip = trip_of(scanned("a"), scanned("b"), scanned("c", "EXIT"), shopper="d", is_priced=False)

        with CaptureQueriesContext(connection) as captured:
            members.link_member(trip)

        assert len([query for query in captured if "orders_cart" not in query["sql"]]) == 2


class TestWhenTheMemberComesLater:
    def test_earlier_trips_are_linked_by_app_entry_and_loyalty_alike(self, trip_of: Any) -> None:
        by_app = trip_of(auth_event("SCAN_CODE"), shopper="ada-1")
        by_loyalty = trip_of(auth_event(), scanned("LOY-1", "MANUAL_IN_STORE"), shopper="card-1")
        stranger = trip_of(shopper="card-2")

        ada = a_member("ada-1", loyalty=("LOY-1",))

        assert fresh(by_app).member == fresh(by_loyalty).member == ada
        assert fresh(stranger).member is None

    def test_a_new_code_links_what_it_names(self, trip_of: Any) -> None:
        ada = a_member("ada-1")
        trip = trip_of(auth_event(), scanned("LOY-1", "MANUAL_IN_STORE"), shopper="card-1")
        assert trip.member is None

        save_member("ada-1", MemberData(codes=(CodeData("LOY-1", is_loyalty_only=True),)))

        assert fresh(trip).member == ada

    def test_a_trip_that_has_a_member_keeps_them(self, trip_of: Any) -> None:
        ada = a_member("ada-1")
        trip = trip_of(scanned("ada-1", "MANUAL_IN_STORE"), shopper="bob")

        a_member("bob")

        assert fresh(trip).member == ada

    def test_whoever_listens_hears_of_the_trips_in_the_same_transaction(self, trip_of: Any) -> None:
        heard: list[Any] = []

        def listen(trips: list[Trip], **kwargs: Any) -> None:
            heard.append([(trip.pk, trip.member.external_id) for trip in trips if trip.member])

        trips = [trip_of(shopper="ada-1") for _ in range(2)]
        trips_linked.connect(listen)
        try:
            a_member("ada-1")
        finally:
            trips_linked.disconnect(listen)

        assert heard == [[(trip.pk, "ada-1") for trip in trips]]

    def test_linking_is_bounded_however_many_trips_there_are(
        self, trip_of: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(members, "BATCH", 4)
        trips = [trip_of(scanned("bob"), shopper="ada-1") for _ in range(10)]

        with CaptureQueriesContext(connection) as captured:
            ada = a_member("ada-1")

        assert {fresh(trip).member for trip in trips} == {ada}
        assert max(query["sql"].count("'ada-1'") for query in captured) <= 4
        assert all("LIMIT 4" in query["sql"] for query in captured if 'FROM "orders_tripidentity"' in query["sql"])

    def test_many_trips_need_no_more_statements_than_few(self, trip_of: Any) -> None:
        def statements(external_id: str, count: int) -> int:
            for _ in range(count):
                trip_of(shopper=external_id)
            with CaptureQueriesContext(connection) as captured:
                a_member(external_id)
            return len(captured)

        assert statements("ada-1", 1) == statements("bob", 12)


class TestErasing:
    def test_trips_and_money_stay_and_the_ids_go(self, trip_of: Any) -> None:
        ada = a_member("ada-1", "CARD", loyalty=("LOY-1",))
        by_app = trip_of(auth_event("SCAN_CODE"), shopper="ada-1")
        by_card = trip_of(scanned("CARD", payload_type="FINANCIAL"), scanned("LOY-1", "EXIT"), shopper="card-1")
        before = list(Trip.objects.order_by("pk").values_list("pk", "total", "state", "member"))
        bodies = [bytes(trip.cart.body) for trip in (by_app, by_card)]

        erased = anonymize_member(ada)

        assert list(Trip.objects.order_by("pk").values_list("pk", "total", "state", "member")) == before
        assert [bytes(fresh(trip).cart.body) for trip in (by_app, by_card)] == bodies
        assert fresh(by_app).shopper_id == erased.external_id
        assert fresh(by_card).shopper_id == "card-1"
        assert list(TripIdentity.objects.values_list("value", "rank")) == [("card-1", 0)]

    def test_trips_of_others_that_name_the_member_forget_them_too(self, trip_of: Any) -> None:
        bob, ada = a_member("bob"), a_member("ada-1")
        trip = trip_of(scanned("ada-1"), shopper="bob")

        anonymize_member(ada)

        assert fresh(trip).member == bob
        assert identities(trip) == [("bob", 0)]
        assert fresh(trip).shopper_id == "bob"

    def test_a_code_that_was_given_up_before_is_forgotten_as_well(self, trip_of: Any) -> None:
        ada = a_member("ada-1", "OLD-CARD")
        trip = trip_of(auth_event(), scanned("OLD-CARD", "MANUAL_IN_STORE"), shopper="card-1")
        save_member("ada-1", MemberData(codes=()))

        anonymize_member(ada)

        assert identities(trip) == [("card-1", 0)]
