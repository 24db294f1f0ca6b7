"""Members' house accounts: what is on them, what they allow, and what is written into them.

The balance is the sum of the lines, so whoever decides by it holds the account's lock until the new line is written.
"""

from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.utils.translation import gettext as _

from core import money
from core.errors import Conflict, Invalid
from core.money import Money
from loyalty.models import Member
from payments.models import AccountEntry, HouseAccount
from stores.models import Store

CLOSED = "The house account is closed."


def locked(member: Member, currency: str) -> HouseAccount:
    """The member's account in this currency, locked until the transaction ends; opened where there is none."""
    account, _is_new = HouseAccount.objects.select_for_update().get_or_create(member=member, currency=currency)
    return account


def balance(account: HouseAccount) -> Money:
    """What is on it; below zero: what is owed."""
    owed = _entries_of(account).aggregate(sum=Sum("amount"))["sum"] or money.ZERO
    return Money(money.rounded(-owed, account.currency), account.currency)


def with_owed(accounts: QuerySet[HouseAccount]) -> QuerySet[HouseAccount]:
    """Each with `owed`, the sum of its lines; None where there is none."""
    lines = AccountEntry.objects.filter(member=OuterRef("member"), currency=OuterRef("currency")).order_by()
    return accounts.annotate(owed=Subquery(lines.values("member").annotate(sum=Sum("amount")).values("sum")))


def obstacle(account: HouseAccount, amount: Money) -> str:
    """Why the amount cannot be taken from the locked account; empty when it can."""
    if not account.is_open:
        return CLOSED
    left = balance(account)
    if account.kind == HouseAccount.Kind.PREPAID and left < amount:
        return f"The house account is paid ahead and holds {left}, not {amount}."
    if account.kind == HouseAccount.Kind.INVOICE and account.most_owed is not None:
        limit = Money(account.most_owed, account.currency)
        if limit < amount - left:
            return f"The house account would owe {amount - left}, more than its limit of {limit}."
    return ""


def is_closed(member: Member, currency: str) -> bool:
    return HouseAccount.objects.filter(member=member, currency=currency, is_open=False).exists()


def write(
    account: HouseAccount, *, store: Store | None, amount: Money, reference: str, actor: str = "system", note: str = ""
) -> AccountEntry:
    """One line of the locked account, once for each reference: written again, the first one stands."""
    entry, _is_new = AccountEntry.objects.get_or_create(
        reference=reference,
        defaults={
            "member": account.member,
            "store": store,
            "amount": amount.amount,
            "currency": amount.currency,
            "actor": actor,
            "note": note,
        },
    )
    return entry


def pay_in(account: HouseAccount, *, amount: Decimal, key: UUID, actor: str, note: str) -> Money:
    """The member paid so much, in the account's currency; below zero: it was paid out, or booked by mistake.

    Returns the balance after it. The same key again writes nothing. Raises Invalid for an amount that cannot be, and
    Conflict when the key stands for another one.
    """
    check_payment(account, amount)
    if not note.strip():
        raise Invalid(_("Say how it was paid."), field="note")
    with transaction.atomic():
        account = locked(account.member, account.currency)
        paid = Money(-amount, account.currency)
        entry = write(account, store=None, amount=paid, reference=f"paid in/{key}", actor=actor, note=note.strip())
        if (entry.member_id, entry.amount, entry.currency) != (account.member_id, -amount, account.currency):
            raise Conflict(_("This form was sent before, for another payment."))
        return balance(account)


def check_payment(account: HouseAccount, amount: Decimal) -> None:
    """Raises Invalid for an amount that nobody can have paid."""
    if not amount:
        raise Invalid(_("The amount must not be 0."), field="amount")
    _check_exact(amount, account.currency, field="amount")


def change_terms(
    account: HouseAccount, *, kind: str, most_owed: Decimal | None, is_open: bool, instead_of: str = ""
) -> HouseAccount:
    """What counts from now on, `instead_of` the `terms_key` that somebody read; empty: of whatever stands.

    Raises Invalid for terms that make no sense, and Conflict when others stand by now.
    """
    check_terms(account.currency, kind=kind, most_owed=most_owed)
    with transaction.atomic():
        account = locked(account.member, account.currency)
        if instead_of not in ("", terms_key(account)):
            raise Conflict(
                _(
                    "The terms were changed meanwhile: see “Now”. Sending the form again puts what stands below in "
                    "their place."
                )
            )
        account.kind, account.most_owed, account.is_open = kind, most_owed, is_open
        account.save(update_fields=["kind", "most_owed", "is_open"])
    return account


def terms_key(account: HouseAccount) -> str:
    """The same for the same terms."""
    most = "" if account.most_owed is None else f"{account.most_owed.normalize():f}"
    return f"{account.kind}/{most}/{'open' if account.is_open else 'closed'}"


def check_terms(currency: str, *, kind: str, most_owed: Decimal | None) -> None:
    """Raises Invalid for terms that make no sense."""
    if most_owed is None:
        return
    if kind == HouseAccount.Kind.PREPAID:
        raise Invalid(_("An account that is paid ahead owes nothing: leave the limit empty."), field="most_owed")
    if most_owed < 0:
        raise Invalid(_("A limit cannot be negative."), field="most_owed")
    _check_exact(most_owed, currency, field="most_owed")


def last_entries(account: HouseAccount, most: int) -> list[AccountEntry]:
    """Newest first."""
    return list(_entries_of(account).select_related("store").order_by("-at", "-id")[:most])


def _check_exact(amount: Decimal, currency: str, *, field: str) -> None:
    if not money.is_exact(amount, currency):
        raise Invalid(
            _("%(currency)s has %(decimals)s decimals.") % {"currency": currency, "decimals": money.decimals(currency)},
            field=field,
        )


def _entries_of(account: HouseAccount) -> QuerySet[AccountEntry]:
    return AccountEntry.objects.filter(member=account.member_id, currency=account.currency)
