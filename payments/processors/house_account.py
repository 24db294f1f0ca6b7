"""A member's house account: the retailer notes what they owe and settles it by invoice, outside of this application."""

from core.money import Money
from loyalty.models import Member
from payments.models import AccountEntry
from stores.models import Store


def charge(member: Member, *, store: Store, amount: Money, reference: str) -> AccountEntry:
    """Write down what the member owes, once for each reference: called again, it returns the first entry.

    A house account holds nothing back and declines nothing.
    """
    entry, _ = AccountEntry.objects.get_or_create(
        reference=reference,
        defaults={"member": member, "store": store, "amount": amount.amount, "currency": amount.currency},
    )
    return entry
