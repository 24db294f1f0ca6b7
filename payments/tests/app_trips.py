"""Trips of members who came in by app, where a processor of the retailer's own takes the money."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from loyalty.models import Member
from orders.models import Trip
from orders.states import Entry
from payments.models import AccountEntry, HouseAccount, PaymentMethod
from payments.services.house_accounts import balance, pay_in
from payments.tests.trips import TEN, a_store, priced_trip
from stores.models import Processor, Store


def a_member(external_id: str = "MEMBER-1") -> Member:
    return Member.objects.get_or_create(external_id=external_id)[0]


def stripe_store(**fields: Any) -> Store:
    return a_store("TEST-STRIPE", processor=Processor.STRIPE, **fields)


def app_trip(*items: tuple[str, str], member: str = "MEMBER-1", **options: Any) -> Trip:
    """Priced, and due to be collected; 10.00 unless items say otherwise. Of nobody without a member's id."""
    if member:
        a_member(member)
    return priced_trip(*(items or (TEN,)), entry=Entry.APP, shopper=member, **options)


def with_card(method: str = "pm_card_visa", member: str = "MEMBER-1") -> PaymentMethod:
    return PaymentMethod.objects.create(member=a_member(member), customer="cus_ada", method=method)


def an_account(member: str = "MEMBER-1", *, holds: str = "0", currency: str = "USD", **fields: Any) -> HouseAccount:
    account = HouseAccount.objects.create(member=a_member(member), currency=currency, **fields)
    if Decimal(holds):
        pay_in(account, amount=Decimal(holds), key=uuid4(), actor="manager", note="At the till.")
    return account


def prepaid(holds: str, **fields: Any) -> HouseAccount:
    return an_account(holds=holds, kind=HouseAccount.Kind.PREPAID, **fields)


def held_by(account: HouseAccount) -> str:
    return balance(account).plain


def entries() -> list[str]:
    """What stands on all accounts, as amounts, in order."""
    return [f"{amount:.2f}" for amount in AccountEntry.objects.order_by("id").values_list("amount", flat=True)]
