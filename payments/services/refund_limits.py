"""How much of a trip a person may give back: the best of their groups says it.

Whoever has the right by themselves and by none of their groups may give back as much as the group that may least, since
nobody has said how much. A superuser and the retailer's own systems have no limit.
"""

from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import FilteredRelation, Min, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from core import money
from core.errors import Conflict
from core.money import Money
from payments.models import Charge
from payments.services.refundable import NOT_FAILED
from staff.models import User

REQUEST, APPROVE = "payments.request_refund", "payments.approve_refund"


def limit_of(person: User, currency: str, *, right: str = REQUEST) -> Money | None:
    """The most of one trip that they may give back in this currency by this right; None: there is no limit."""
    if person.is_superuser:
        return None
    mosts = list(_with_limit(person.groups.all(), currency, right).values_list("own_limit__most", flat=True))
    if not mosts and right in person.get_user_permissions():
        limits = _with_limit(Group.objects.all(), currency, right).filter(own_limit__isnull=False)
        mosts = [limits.aggregate(least=Min("own_limit__most"))["least"]]
    return None if None in mosts else Money(money.rounded(max(mosts, default=money.ZERO), currency), currency)


def given_by(charge: Charge, actor: str) -> Money:
    """What this person has asked for or approved of the trip's money, as far as it has not failed."""
    theirs = charge.refunds.filter(Q(requested_by=actor) | Q(decided_by=actor), state__in=NOT_FAILED)
    given: Decimal = theirs.aggregate(sum=Sum("amount"))["sum"] or money.ZERO
    return Money(money.rounded(given, charge.currency), charge.currency)


def left_to(person: User, charge: Charge) -> Money | None:
    """What they may still ask for of this trip's money; None: there is no limit."""
    limit = limit_of(person, charge.currency)
    if limit is None:
        return None
    return max(limit - given_by(charge, person.get_username()), Money.zero(charge.currency))


def limit_obstacle(charge: Charge, amount: Decimal, *, actor: str, right: str = REQUEST) -> str:
    """Why this person may not give back so much more of the trip; empty when they may, and for systems."""
    person = User.objects.filter(username=actor).first()
    limit = limit_of(person, charge.currency, right=right) if person else None
    if limit is None:
        return ""
    given = given_by(charge, actor)
    if given + Money(amount, charge.currency) <= limit:
        return ""
    of_that = (_(", and %(given)s of that is given") % {"given": given}) if given else ""
    return _("You may give back %(limit)s of a trip%(of_that)s. %(who_may_more)s") % {
        "limit": limit,
        "of_that": of_that,
        "who_may_more": _who_may_more(limit, right),
    }


def check_limit(charge: Charge, amount: Decimal, *, actor: str) -> None:
    """The charge is locked. Raises Conflict."""
    if obstacle := limit_obstacle(charge, amount, actor=actor):
        raise Conflict(obstacle, field="amount")


def _who_may_more(limit: Money, right: str) -> str:
    more = _with_limit(Group.objects.order_by("name"), limit.currency, right)
    more = more.filter(Q(own_limit__isnull=True) | Q(own_limit__most__gt=limit.amount))
    names = list(more.values_list("name", flat=True))
    if not names:
        return _("No group may give back more.")
    return _("Who may give back more is in one of these groups: %(value)s.") % {"value": ", ".join(names)}


def _with_limit(groups: QuerySet[Group], currency: str, right: str) -> QuerySet[Any]:
    """Those that have the right, each with its `own_limit` in this currency, if there is one."""
    app, _dot, codename = right.partition(".")
    having = groups.filter(permissions__content_type__app_label=app, permissions__codename=codename)
    return having.annotate(own_limit=FilteredRelation("refund_limits", condition=Q(refund_limits__currency=currency)))
