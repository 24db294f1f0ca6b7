"""The demo's members: what documentation and Amazon's test cases rely on, and points that agree with the money."""

import pytest
from django.db.models import Sum
from django.test import Client

from demo.members import VISITORS
from loyalty.models import Code, Member, PointsEntry, Promotion, Scan
from loyalty.services.members import members_by_id
from loyalty.services.points import points_for
from orders.models import Trip
from orders.services.members import identities_of
from orders.wire import create_purchases_decoder
from payments.services.trips import balances_of, with_money
from stores.models import Store

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("filled")]


def test_members_and_codes_are_those_that_documentation_names() -> None:
    rows = Code.objects.values_list("value", "member__external_id", "member__kind", "is_loyalty_only")
    codes = {value: row for value, *row in rows}

    assert codes["1111-2222-3333-4444-5555-6666"] == ["DEMO-MEMBER-1", "SHOPPER", False]
    assert codes["LOY-DEMO-2"] == ["DEMO-MEMBER-2", "SHOPPER", True]
    assert codes["DEMO-SHOPPER-CODE"] == ["DEMO-MEMBER-3", "SHOPPER", False]
    assert codes["DEMO-ASSOCIATE-CODE"] == ["DEMO-ASSOCIATE-1", "ASSOCIATE", False]
    assert codes["DEMO-BLOCKED-CODE"] == ["DEMO-BLOCKED-1", "SHOPPER", False]
    assert [member.external_id for member in Member.objects.exclude(blocked_at=None)] == ["DEMO-BLOCKED-1"]
    assert Member.objects.get(external_id="DEMO-MEMBER-1").name == "Ada Demo"
    assert Member.objects.get(phone="+447700900123").external_id == "DEMO-MEMBER-3"


def test_every_store_has_the_programme_and_one_a_promotion_and_dash_carts() -> None:
    assert set(Store.objects.values_list("loyalty_provider", "points_per_unit")) == {("Demo Rewards", 1)}
    promotion = Promotion.objects.get()
    assert (promotion.promotion_id, promotion.store.external_id, promotion.tier) == ("PROMO-TEA", "DEMO-COMBO", "")
    assert list(Store.objects.filter(has_dash_cart=True)) == [promotion.store]


def test_a_third_of_the_trips_are_members_and_each_by_what_its_cart_says() -> None:
    trips = list(Trip.objects.exclude(state="received").select_related("cart", "member").prefetch_related("identities"))

    of_members = [trip for trip in trips if trip.member]
    assert 0.25 < len(of_members) / len(trips) < 0.35
    assert len({trip.member_id for trip in of_members}) > len(VISITORS) * 0.8
    assert {trip.entry for trip in of_members} == {"APP", "CARD"}
    for trip in trips:
        named = identities_of(create_purchases_decoder.decode(bytes(trip.cart.body)))
        assert {row.value: row.rank for row in trip.identities.all()} == named
    sample = of_members[:50]
    known = members_by_id(row.value for trip in sample for row in trip.identities.all())
    for trip in sample:
        assert trip.member in [known.get(row.value) for row in trip.identities.all()]


def test_points_agree_with_the_money() -> None:
    sums = PointsEntry.objects.order_by().values_list("amazon_trip_id").annotate(sum=Sum("points"))
    points = dict(sums)

    trips = with_money(Trip.objects.select_related("member"))
    for trip in trips:
        expected = points_for(balances_of(trip).net.amount, trip.store.points_per_unit) if trip.member else 0
        assert points.get(trip.amazon_trip_id, 0) == expected, trip
    assert PointsEntry.objects.filter(kind="taken_back").exists()
    assert Scan.objects.filter(kind="identity").exists()
    assert Scan.objects.filter(kind="loyalty").exists()


def test_associates_see_members_without_their_personal_data_and_managers_with(client: Client) -> None:
    member = Member.objects.get(external_id="DEMO-MEMBER-1")
    page = f"/admin/loyalty/member/{member.pk}/change/"
    seen = {}
    for name in ("associate", "manager"):
        client.login(username=name, password="demo-password")
        seen[name] = client.get(page).content.decode() + client.get("/admin/loyalty/member/").content.decode()

    assert "DEMO-MEMBER-1" in seen["associate"]
    for personal in ("Ada Demo", "ada@example.com", "1111-2222-3333", "Block…", "Import"):
        assert personal not in seen["associate"], personal
        assert personal in seen["manager"], personal


@pytest.mark.parametrize("name", ["associate", "manager", "admin"])
def test_every_link_of_the_sidebar_leads_to_a_page(client: Client, name: str) -> None:
    client.login(username=name, password="demo-password")
    groups = client.get("/admin/").context["sidebar_navigation"]

    links = [item["link"] for group in groups for item in group["items"]]

    assert "/admin/loyalty/member/" in links
    for link in links:
        assert client.get(link).status_code == 200, link
