"""Whose trip it is: found by the ids that its cart names, also for a member who becomes known after the trip."""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.db.models import Q, QuerySet

from loyalty.models import Member
from loyalty.services.members import members_by_id
from orders.events import trips_linked
from orders.models import Trip, TripIdentity
from orders.states import Entry
from orders.wire import CreatePurchasesRequest, create_purchases_decoder
from staff.models import User

PAYS, ENTERED, SCANNED_INSIDE = 0, 1, 2
BATCH = 500


def link_member(trip: Trip) -> None:
    """Write down whom the cart names and set `trip.member`, which is saved with the trip by whoever prices it."""
    ranks = identities_of(create_purchases_decoder.decode(bytes(trip.cart.body)))
    if not ranks:
        return
    identities = [TripIdentity(trip=trip, value=value, rank=rank) for value, rank in ranks.items()]
    TripIdentity.objects.bulk_create(identities, ignore_conflicts=True)
    members = members_by_id(ranks)
    trip.member = next((members[value] for value in ranks if value in members), None)
    if trip.member is None:
        # A member who is written down at this moment cannot be seen yet, and does not see this trip. Both look again
        # after their commit: whichever commits last finds the other.
        transaction.on_commit(lambda: _link_by_ids(set(ranks)), robust=True)


def link_trips(members: Mapping[str, Member]) -> None:
    """Give the trips that name one of these ids and belong to nobody their member, by the rank of the id.

    A few statements for each 500 trips. A trip that has a member keeps them.
    """
    with transaction.atomic():
        while found := _nobodys(members):
            trips = Trip.objects.select_for_update(of=("self",)).filter(pk__in=found, member__isnull=True)
            linked = list(trips.select_related("store").order_by("pk"))
            for trip in linked:
                trip.member = members[found[trip.pk]]
            Trip.objects.bulk_update(linked, ["member"])
            trips_linked.send(Trip, trips=linked)


def link_trips_of(member: Member, ids: Collection[str]) -> None:
    """The member got these ids just now: call in that transaction. Trips that named them before are linked."""
    members = dict.fromkeys(ids, member)
    link_trips(members)
    transaction.on_commit(lambda: link_trips(members), robust=True)


def forget_member(member: Member, *, ids: Collection[str], replacement: str) -> None:
    """Take out of the trips what says who the member was. Of a card entry, Amazon's id of the card stays."""
    named = TripIdentity.objects.filter(value__in=ids)
    of_others = list(named.values_list("trip_id", flat=True))
    is_theirs = Q(member=member, entry=Entry.APP) | Q(pk__in=of_others, shopper_id__in=ids)
    Trip.objects.filter(is_theirs).exclude(shopper_id="").update(shopper_id=replacement)
    TripIdentity.objects.filter(trip__member=member).filter(Q(rank__gt=PAYS) | Q(trip__entry=Entry.APP)).delete()
    named.delete()


def other_trips(trip: Trip, most: int, *, seen_by: User) -> QuerySet[Trip]:
    """Other trips of the same member or, of one whom nobody knows, with the same shopper id: newest first, at the
    stores that this person sees."""
    trips = seen_by.visible(Trip.objects.exclude(pk=trip.pk))
    trips = trips.select_related("store").order_by("-received_at", "-id")
    if trip.member_id is not None:
        return trips.filter(member=trip.member_id)[:most]
    if trip.shopper_id:
        same = TripIdentity.objects.filter(value=trip.shopper_id, rank=PAYS)
        return trips.filter(pk__in=same.values("trip_id"))[:most]
    return trips.none()


def identities_of(cart: CreatePurchasesRequest) -> dict[str, int]:
    """The ids that a cart names for people, each with its rank, best first."""
    ranks: dict[str, int] = {}
    if cart.shopper_identity and cart.shopper_identity.id:
        ranks[cart.shopper_identity.id] = PAYS
    scanned = [event for event in cart.shopping_trip.auth_events if event.scan_result and event.scan_result.id]
    for event in sorted(scanned, key=lambda event: event.place != "ENTRY"):
        if event.scan_result:
            ranks.setdefault(event.scan_result.id, ENTERED if event.place == "ENTRY" else SCANNED_INSIDE)
    return ranks


def _link_by_ids(ids: Collection[str]) -> None:
    link_trips(members_by_id(ids))


def _nobodys(members: Mapping[str, Member]) -> dict[int, str]:
    """Trips (by pk) that belong to nobody, each with the best of these ids that it names."""
    if not members:
        return {}
    named = TripIdentity.objects.filter(value__in=list(members), trip__member__isnull=True)
    found: dict[int, str] = {}
    for trip_pk, value in named.order_by("trip_id", "rank", "id").values_list("trip_id", "value")[:BATCH]:
        found.setdefault(trip_pk, value)
    return found
