"""One box for all that staff look for. Each kind is looked up by an index, for who may see it, at their stores."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from amazon.models import InboundCall
from core.errors import Invalid
from loyalty.models import Member
from loyalty.services.member_search import find_members
from orders.models import Trip
from payments.models import Refund
from payments.services.search_terms import amount_in, parse
from payments.services.trip_search import find_one_trip, find_trips, refund_with_id, stores_called
from staff.models import User
from staff.services.personal_data import RIGHT as PERSONAL_RIGHT
from stores.models import Barcode, Product, Store

# Shorter beginnings of a trip id would find anything.
SHORTEST = 3
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Group:
    """The first rows of one kind. `kind` is a key of KINDS."""

    kind: str
    rows: list[Any]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Found:
    """`problem` says, to whoever typed it, why the text means nothing."""

    groups: list[Group]
    problem: str = ""

    @property
    def only_row(self) -> Any | None:
        """The row that was found, if nothing else was."""
        rows = [row for group in self.groups for row in group.rows]
        return rows[0] if len(rows) == 1 else None

    def of(self, kind: str) -> list[Any]:
        return [row for group in self.groups if group.kind == kind for row in group.rows]


def find_exactly(person: User, text: str) -> Trip | Refund | InboundCall | None:
    """The one row that has this as its id. Ids that only we or Amazon make: nothing else is called so."""
    term = text.strip()
    if not term:
        return None
    if person.has_perm("payments.view_refund") and (refund := refund_with_id(_refunds_of(person), term)):
        return refund
    may_see_trips = person.has_perm("orders.view_trip")
    if may_see_trips and (trip := find_one_trip(_trips_of(person), term)):
        return trip
    # A call's own id is that of the trip that it was about.
    call = next((call for call in _calls_of(person, term)[:1]), None)
    if call and call.amazon_trip_id and may_see_trips:
        trip = _trips_of(person).filter(amazon_trip_id=call.amazon_trip_id).first()
        if trip:
            return trip
    return call if person.has_perm("amazon.view_inboundcall") else None


def search(person: User, text: str, *, most: int, by_contact: bool = False, may_be_id: bool = True) -> Found:
    """Up to `most` rows of each kind. `by_contact`: members by name, e-mail and phone, too, for who may see those.
    `may_be_id`: it has not been looked for by find_exactly yet.
    """
    text = text.strip()
    if not text:
        return Found([])
    if len(text) > LONGEST:
        return Found([], _("That is too long to be looked for: at most %(longest)s characters.") % {"longest": LONGEST})
    asked = _Asked(person, text, by_contact and person.has_perm(PERSONAL_RIGHT), may_be_id)
    try:
        return Found(list(_groups(asked, most, has_operator=parse(text).has_operator)))
    except Invalid as error:
        # What looks like an operator may be a part of an id.
        exact = find_exactly(person, text) if may_be_id else None
        return Found([Group(_kind_of(exact), [exact], has_more=False)]) if exact else Found([], error.message)


@dataclass(frozen=True, slots=True)
class _Asked:
    person: User
    text: str
    by_contact: bool
    may_be_id: bool


def _groups(asked: _Asked, most: int, *, has_operator: bool) -> Iterator[Group]:
    """Operators are about trips."""
    kinds = {"trips": KINDS["trips"]} if has_operator else KINDS
    for kind, (right, look_up) in kinds.items():
        found = list(look_up(asked)[: most + 1]) if asked.person.has_perm(right) else []
        if found:
            yield Group(kind, found[:most], has_more=len(found) > most)


def _trips(asked: _Asked) -> QuerySet[Trip]:
    trips = _trips_of(asked.person)
    if len(asked.text) < SHORTEST:
        return trips.none()
    return find_trips(asked.person, trips, asked.text, may_be_id=asked.may_be_id)


def _refunds(asked: _Asked) -> QuerySet[Refund]:
    refunds = _refunds_of(asked.person)
    if (amount := amount_in(asked.text)) is not None:
        return refunds.filter(amount=amount).order_by("-id")
    exact = refund_with_id(refunds, asked.text) if asked.may_be_id else None
    return refunds.filter(pk=exact.pk) if exact else refunds.none()


def _members(asked: _Asked) -> QuerySet[Member]:
    return Member.objects.filter(pk__in=find_members(asked.text, by_contact=asked.by_contact))


def _products(asked: _Asked) -> QuerySet[Product]:
    by_sku = Product.objects.filter(sku=asked.text).order_by().values("pk")
    by_code = Barcode.objects.filter(code=asked.text).order_by().values("product")
    products = Product.objects.filter(pk__in=by_sku.union(by_code, all=True)).select_related("store")
    return asked.person.visible(products).order_by("store__name", "pk")


def _stores(asked: _Asked) -> list[Store]:
    return stores_called(asked.person, asked.text)


def _calls(asked: _Asked) -> QuerySet[InboundCall]:
    return _calls_of(asked.person, asked.text) if asked.may_be_id else InboundCall.objects.none()


# By kind the right to see it, and how it is looked up.
KINDS: dict[str, tuple[str, Callable[[_Asked], Any]]] = {
    "trips": ("orders.view_trip", _trips),
    "refunds": ("payments.view_refund", _refunds),
    "members": ("loyalty.view_member", _members),
    "products": ("stores.view_product", _products),
    "stores": ("stores.view_store", _stores),
    "calls": ("amazon.view_inboundcall", _calls),
}


def _trips_of(person: User) -> QuerySet[Trip]:
    return person.visible(Trip.objects.select_related("store"))


def _refunds_of(person: User) -> QuerySet[Refund]:
    return person.visible(Refund.objects.select_related("charge__trip", "store"))


def _calls_of(person: User, request_id: str) -> QuerySet[InboundCall]:
    calls = person.visible(InboundCall.objects.exclude(request_id=""), "store_external_id", by="external_id")
    return calls.filter(request_id=request_id).order_by("-at", "-id").defer("body", "answer")


def _kind_of(row: Any) -> str:
    return {Trip: "trips", Refund: "refunds", InboundCall: "calls"}[type(row)]
