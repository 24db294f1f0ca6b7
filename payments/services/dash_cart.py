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
from orders.states import TripState
from payments.models import Charge, DashCartCharge, Debt
from payments.processors import house_account
from payments.processors.processor import Declined, Order
from payments.services.collection import open_charge
from payments.services.house_accounts import is_closed
from stores.models import Store

State = DashCartCharge.State

COLLECTED_OTHERWISE = "the shopping trip is collected otherwise: nothing can be held or captured for it"


def hold(external_id: str, trip_id: str, *, sources: Sequence[str]) -> str:
    """The token of the trip's hold, for the first source that names a member who may pay by house account.

    A trip that is held or captured keeps its token, whatever sources are named. Raises Unauthorized where no source
    will do, which is not remembered: the shopper may name another one, or pay what they owe, and ask again. Raises it,
    too, for a trip that is collected otherwise. A trip that was cancelled stays so. Raises Malformed for a store
    without Dash Carts.
    """
    store = dash_cart_store(external_id)
    charge = _charge(store, trip_id)
    if charge is None:
        if _is_collected_otherwise(store, trip_id):
            raise Unauthorized(COLLECTED_OTHERWISE)
        charge = _open(store, trip_id, _payer(store, sources))
    if charge.state == State.CANCELLED:
        raise Unauthorized("the shopping trip was cancelled: nothing is held for it any more")
    return charge.auth_token


def capture(external_id: str, trip_id: str, *, auth_token: str) -> str:
    """Take what the trip costs, and return the confirmation.

    That is the total of the finished cart if it has come and is priced, else that of the last preview. Raises Malformed
    for a token that holds nothing, and for a trip that is collected otherwise.
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

    A finished cart that it was to pay for is collected by the flow of its store and entry from now on.

    For a trip that nothing is held for there is nothing to give up: it is confirmed all the same, and stays cancelled.
    """
    store = dash_cart_store(external_id)
    with transaction.atomic():
        charge = _charge(store, trip_id, is_locked=True) or _never_held(store, trip_id)
        if charge.state == State.CAPTURED:
            raise Malformed("shoppingTripId: the shopping trip was captured, so that nothing is held any more")
        if charge.state == State.HELD:
            _end(charge, State.CANCELLED)
            _collect_otherwise(store, trip_id)
        return charge.confirmation


def _charge(store: Store, trip_id: str, *, is_locked: bool = False) -> DashCartCharge | None:
    charges = DashCartCharge.objects.select_related("member").filter(store=store, amazon_trip_id=trip_id)
    return (charges.select_for_update(of=("self",)) if is_locked else charges).first()


def _is_collected_otherwise(store: Store, trip_id: str) -> bool:
    """Its finished cart came and was priced before anything was held for it, so that it has a charge of its own."""
    return Charge.objects.filter(trip__store=store, trip__amazon_trip_id=trip_id).exists()


def _collect_otherwise(store: Store, trip_id: str) -> None:
    """Its finished cart may be priced by now, and nobody asked for its money. One that is just being priced is waited
    for: it saw the hold."""
    trip = Trip.objects.select_for_update(of=("self",)).filter(store=store, amazon_trip_id=trip_id).first()
    if trip and trip.state == TripState.PRICED and not _is_collected_otherwise(store, trip_id):
        open_charge(trip)


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


def _payer(store: Store, sources: Sequence[str]) -> Member:
    members = members_by_id(sources)
    for source in sources:
        member = members.get(source)
        if member and not member.is_blocked and not _owes(member, source) and not is_closed(member, store.currency):
            return member
    raise Unauthorized("paymentSources: none of them is a member who may pay by house account now")


def _owes(member: Member, source: str) -> bool:
    """What is written off is owed all the same."""
    owed = Debt.objects.filter(owed__gt=0)
    of_shopper = owed.filter(shopper_id__in={member.external_id, source})
    return of_shopper.exists() or owed.filter(charge__trip__member=member).exists()


def _take(charge: DashCartCharge, store: Store) -> None:
    if charge.member is None:
        raise LookupError(f"the hold of {charge} names no member")
    if _is_collected_otherwise(store, charge.amazon_trip_id):  # priced at the very moment of the hold
        raise Malformed(f"shoppingTripId: {COLLECTED_OTHERWISE}")
    total = _total(store, charge.amazon_trip_id)
    if total:
        reference = f"Dash Cart {store.pk}: {charge.amazon_trip_id}"
        order = Order(reference, total, charge.member, store, charge.amazon_trip_id)
        if isinstance(taken := house_account.charge(order), Declined):
            raise Malformed(f"shoppingTripId: the shopping trip cannot be captured: {taken.reason}")
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
