"""Reading members: with their points, and by what staff have at hand. Each way uses an index."""

from django.db.models import BigIntegerField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Upper
from django.db.models.lookups import Exact

from loyalty.models import Member, PointsEntry
from loyalty.phones import as_phone_number


def with_points(members: QuerySet[Member]) -> QuerySet[Member]:
    """Each with `points`, the balance."""
    entries = PointsEntry.objects.filter(member=OuterRef("pk")).order_by().values("member")
    total = Subquery(entries.annotate(total=Sum("points")).values("total"), output_field=BigIntegerField())
    return members.annotate(points=Coalesce(total, 0, output_field=BigIntegerField()))


def find_members(term: str, *, by_contact: bool) -> set[int]:
    """The members (by pk) with exactly this external id or code or, `by_contact`, this name, phone number or e-mail.

    One statement. Those whose data were erased are found by what they are called now.
    """
    term = term.strip()
    members = Member.objects.order_by()
    ways = [members.filter(external_id=term), members.filter(anonymized_at__isnull=True, codes__value=term)]
    if by_contact and term:
        ways.append(members.exclude(email="").filter(email=term.lower()))
        ways.append(members.exclude(name="").filter(Exact(Upper("name"), Upper(Value(term)))))
        if number := as_phone_number(term):
            ways.append(members.exclude(phone="").filter(phone=number))
    first, *others = (way.values_list("pk", flat=True) for way in ways)
    return set(first.union(*others, all=True))
