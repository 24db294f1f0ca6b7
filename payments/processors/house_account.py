"""A member's account with the retailer itself: nobody is called, a line of the account is written."""

from django.db import transaction

from amazon.outbound.errors import Refused
from core.money import Money
from payments.models import AccountEntry
from payments.processors.processor import Declined, Order, RefundOrder, Taken
from payments.services import house_accounts


def charge(order: Order) -> Taken | Declined:
    """Who has no account gets one, by invoice and without limit, which declines nothing."""
    with transaction.atomic():
        account = house_accounts.locked(order.member, order.amount.currency)
        if done := look_up(order):
            return done
        if obstacle := house_accounts.obstacle(account, order.amount):
            return Declined(obstacle)
        entry = house_accounts.write(account, store=order.store, amount=order.amount, reference=order.key)
    return _taken(entry)


def look_up(order: Order) -> Taken | None:
    entry = AccountEntry.objects.filter(reference=order.key).first()
    return _taken(entry) if entry else None


def refund(order: RefundOrder) -> str:
    """Also to an account that was closed since."""
    taken = AccountEntry.objects.select_related("member", "store").filter(reference=order.remote_id).first()
    if taken is None:
        raise Refused("No line of a house account stands for this trip.")
    with transaction.atomic():
        account = house_accounts.locked(taken.member, order.amount.currency)
        back, reference = Money.zero(order.amount.currency) - order.amount, f"refund/{order.key}"
        entry = house_accounts.write(account, store=taken.store, amount=back, reference=reference)
    return entry.reference


def _taken(entry: AccountEntry) -> Taken:
    return Taken(entry.reference, Money(entry.amount, entry.currency))
