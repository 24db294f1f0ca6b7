"""What happens here when the orders or the members below us change."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Q
from django.dispatch import receiver

from core.history import history_of
from loyalty.events import member_anonymized
from loyalty.models import Member
from orders.events import trip_noted, trip_priced, trips_linked
from orders.models import Trip, TripEvent
from orders.states import Entry
from payments.models import (
    AccountEntry,
    BlockedShopper,
    ContestAnswer,
    ContestedCart,
    Debt,
    GateDecision,
    PaymentMethod,
    Receipt,
    RefundNotice,
)
from payments.services.collection import open_charge
from payments.services.points import catch_up
from payments.services.telling import tell_of_mention


@receiver(trip_priced)
def collect_priced_trip(trip: Trip, **kwargs: Any) -> None:
    open_charge(trip)


@receiver(trip_noted)
def tell_who_is_named(trip: Trip, note: TripEvent, mentioned: list[str], **kwargs: Any) -> None:
    if mentioned:
        tell_of_mention(trip, note.actor, mentioned)


@receiver(trips_linked)
def give_points_for_earlier_trips(trips: Iterable[Trip], **kwargs: Any) -> None:
    catch_up(trips)


@receiver(member_anonymized)
def forget_who_owes(member: Member, ids: Collection[str], replacement: str, **kwargs: Any) -> None:
    """The debt stays, under the id that its trip has from now on."""
    of_their_trips = Q(charge__trip__member=member, charge__trip__entry=Entry.APP)
    debts = Debt.objects.filter(of_their_trips | Q(shopper_id__in=ids)).exclude(shopper_id="")
    Debt.objects.filter(pk__in=debts.values("pk")).update(shopper_id=replacement)


@receiver(member_anonymized)
def forget_who_was_at_the_gate(ids: Collection[str], replacement: str, **kwargs: Any) -> None:
    """A decision's reasons may repeat why somebody was blocked. A block by these ids would meet nobody any more."""
    gone = ["The personal data of this member were erased."]
    GateDecision.objects.filter(shopper_id__in=ids).update(shopper_id=replacement, reasons=gone)
    BlockedShopper.objects.filter(shopper_id__in=ids).delete()
    # Who blocked whom stays, but not whom by these ids, nor why.
    told = history_of(BlockedShopper).filter(shopper_id__in=ids)
    told.update(shopper_id=replacement, called=replacement, reason="", changes=[])


@receiver(member_anonymized)
def forget_where_receipts_went(member: Member, **kwargs: Any) -> None:
    Receipt.objects.filter(charge__trip__member=member).exclude(email="").update(email="")
    RefundNotice.objects.filter(refund__charge__trip__member=member).exclude(email="").update(email="")
    ContestAnswer.objects.filter(contest__trip__member=member).exclude(email="").update(email="")


@receiver(member_anonymized)
def forget_what_they_contested(member: Member, **kwargs: Any) -> None:
    """Whoever complains may say who they are, and so may the answer."""
    ContestedCart.objects.filter(trip__member=member).exclude(message="").update(message="")
    gone = "The personal data of this member were erased."
    ContestAnswer.objects.filter(contest__trip__member=member).update(text=gone)


@receiver(member_anonymized)
def forget_how_they_paid(member: Member, **kwargs: Any) -> None:
    """The lines of their account stay; a note may say who paid in."""
    PaymentMethod.objects.filter(member=member).delete()
    AccountEntry.objects.filter(member=member).exclude(note="").update(note="")
