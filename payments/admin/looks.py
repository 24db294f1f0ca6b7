"""A page shows to whom a receipt was sent, or what a shopper wrote: who looked is written down."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse

from orders.models import Trip
from payments.models import ContestedCart, Receipt
from staff.services.personal_data import RIGHT, note_looks, note_repeated_look


def note_look(request: HttpRequest, trip: Trip, texts: Iterable[str], *, is_refresh: bool = False) -> None:
    """Of a page about a trip: addresses and messages, whatever of them is no empty text. `is_refresh`: the trip's page
    asked by itself."""
    if not any(texts) or not request.user.has_perm(RIGHT):
        return
    actor = request.user.get_username()
    if is_refresh:
        note_repeated_look(actor, _whose(trip), page=reverse("admin:orders_trip_change", args=[trip.pk]))
    else:
        note_looks(actor, [_whose(trip)], page=request.path)


def note_receipt_looks(request: HttpRequest, receipts: Iterable[Receipt]) -> None:
    """Of a list."""
    if request.user.has_perm(RIGHT):
        shown = [_whose(receipt.charge.trip) for receipt in receipts if receipt.email]
        note_looks(request.user.get_username(), shown, page=request.path)


def note_message_looks(request: HttpRequest, contests: Iterable[ContestedCart]) -> None:
    """Of a list."""
    if request.user.has_perm(RIGHT):
        shown = [_whose(contest.trip) for contest in contests if contest.message]
        note_looks(request.user.get_username(), shown, page=request.path)


def _whose(trip: Trip) -> str:
    """A receipt of nobody's trip goes to an address that was left in the store."""
    return str(trip.member) if trip.member else ""
