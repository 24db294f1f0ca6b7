"""Paying by Dash Cart from a member's house account: held, then taken or given up; each once for a trip.

The row of the trip's charge is the referee: unique by store and trip, and locked while it changes. The same call again
gets the same answer.
"""

from collections.abc import Sequence
from uuid import uuid4

from django.db import transaction
from django.db.models.functions import Now

from amazon.inbound.errors import Unauthorized
from amazon.wire import Malformed
from core.money import Money
from loyalty.models import Member
from loyalty.services.members import members_by_id
from orders.models import DashCartTotal, Trip
from orders.services.dash_cart import dash_cart_store
from payments.models import DashCartCharge, Debt
from payments.processors import house_account
from stores.models import Store

State = DashCartCharge.State


def hold(external_id: str, trip_id: str, *, sources: Sequence[str]) -> str:
    """The token of the trip's hold, for the first source that names a member who may pay by house account.

    A trip that is held or captured keeps its token, whatever sources are named. Raises Unauthorized where no source
    will do, which is not remembered: the shopper may name another one, or pay what they owe, and ask again. A trip
    that was cancelled stays so. Raises Malformed for a store without Dash Carts.
    """
    store = dash_cart_store(external_id)
    charge = _charge(store, trip_id) or _open(store, trip_id, _payer(sources))
    if charge.state == State.CANCELLED:
        raise Unauthorized("the shopping trip was cancelled: nothing is held for it any more")
    return charge.auth_token


def capture(external_id: str, trip_id: str, *, auth_token: str) -> str:
    """Take what the trip costs, and return the confirmation.

    That is the total of the finished cart if it has come and is priced, else that of the last preview. Raises Malformed
    for a token that holds nothing.
    """
    store = dash_cart_store(external_id)
    with transaction.atomic():
        charge = _charge(store, trip_id, is_locked=True)
        if charge is None or charge.auth_token != auth_token:
            raise Malformed("authToken: is not the token of a hold for this shopping trip")
        if charge.state == State.CANCELLED:
            raise Malformed("shoppingTripId: the shopping trip was cancelled, and its hold with it")
        if charge.state == State.HELD:
            _take(charge, store)
        return charge.confirmation


def cancel(external_id: str, trip_id: str) -> str:
    """Give the hold up, and return the confirmation. Raises Malformed for a trip that was captured.

    For a trip that nothing is held for there is nothing to give up: it is confirmed all the same, and stays cancelled.
    """
    store = dash_cart_store(external_id)
    with transaction.atomic():
        charge = _charge(store, trip_id, is_locked=True) or _never_held(store, trip_id)
        if charge.state == State.CAPTURED:
            raise Malformed("shoppingTripId: the shopping trip was captured, so that nothing is held any more")
        if charge.state == State.HELD:
            _end(charge, State.CANCELLED)
        return charge.confirmation


def charge_of(trip: Trip) -> DashCartCharge | None:
    """What a Dash Cart has held for this trip; no statement where the store has none."""
    return _charge(trip.store, trip.amazon_trip_id) if trip.store.has_dash_cart else None


def pays_for(trip: Trip) -> bool:
    """Whether a Dash Cart's hold pays for this trip, so that nobody else may be asked for its money."""
    charge = charge_of(trip)
    return charge is not None and charge.pays


def _charge(store: Store, trip_id: str, *, is_locked: bool = False) -> DashCartCharge | None:
    charges = DashCartCharge.objects.select_related("member").filter(store=store, amazon_trip_id=trip_id)
    return (charges.select_for_update(of=("self",)) if is_locked else charges).first()


def _open(store: Store, trip_id: str, member: Member) -> DashCartCharge:
    """The hold; of two at once, the first one's."""
    held = {"member": member, "auth_token": uuid4().hex, "currency": store.currency}
    charge, _ = DashCartCharge.objects.get_or_create(store=store, amazon_trip_id=trip_id, defaults=held)
    return charge


def _never_held(store: Store, trip_id: str) -> DashCartCharge:
    cancelled = {"state": State.CANCELLED, "confirmation": uuid4().hex, "ended_at": Now()}
    charge, _ = DashCartCharge.objects.select_for_update().get_or_create(
        store=store, amazon_trip_id=trip_id, defaults=cancelled
    )
    return charge


def _payer(sources: Sequence[str]) -> Member:
    members = members_by_id(sources)
    for source in sources:
        member = members.get(source)
        if member and not member.is_blocked and not _owes(member, source):
            return member
    raise Unauthorized("paymentSources: none of them is a member who may pay by house account now")


def _owes(member: Member, source: str) -> bool:
    of_shopper = Debt.objects.filter(shopper_id__in={member.external_id, source})
    return of_shopper.exists() or Debt.objects.filter(charge__trip__member=member).exists()


def _take(charge: DashCartCharge, store: Store) -> None:
    if charge.member is None:
        raise LookupError(f"the hold of {charge} names no member")
    total = _total(store, charge.amazon_trip_id)
    if total:
        reference = f"Dash Cart {store.pk}: {charge.amazon_trip_id}"
        house_account.charge(charge.member, store=store, amount=total, reference=reference)
    charge.amount, charge.currency = total.amount, total.currency
    _end(charge, State.CAPTURED)


def _total(store: Store, trip_id: str) -> Money:
    trip = Trip.objects.filter(store=store, amazon_trip_id=trip_id, total__isnull=False).first()
    if trip is not None and trip.total is not None:
        return Money(trip.total, trip.currency)
    preview = DashCartTotal.objects.filter(store=store, amazon_trip_id=trip_id).first()
    if preview is None:
        raise Malformed("shoppingTripId: nothing has been priced for this shopping trip yet")
    return Money(preview.total, preview.currency)


def _end(charge: DashCartCharge, state: DashCartCharge.State) -> None:
    charge.state, charge.confirmation = state, uuid4().hex
    charge.ended_at = Now()
    charge.save()
