"""Reading members: with their points, and by what staff have at hand. Each way uses an index."""

from django.db.models import BigIntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from loyalty.models import Member, PointsEntry
from loyalty.phones import as_phone_number
from loyalty.services.members import members_by_id


def with_points(members: QuerySet[Member]) -> QuerySet[Member]:
    """Each with `points`, the balance."""
    entries = PointsEntry.objects.filter(member=OuterRef("pk")).order_by().values("member")
    total = Subquery(entries.annotate(total=Sum("points")).values("total"), output_field=BigIntegerField())
    return members.annotate(points=Coalesce(total, 0, output_field=BigIntegerField()))


def find_members(term: str, *, by_contact: bool) -> set[int]:
    """The members (by pk) with exactly this external id or code or, `by_contact`, this phone number or e-mail."""
    term = term.strip()
    found = {member.pk for member in members_by_id([term]).values()}
    # Those whose data were erased are found by what they are called now.
    found.update(Member.objects.filter(external_id=term).values_list("pk", flat=True))
    if by_contact:
        found.update(Member.objects.exclude(email="").filter(email=term.lower()).values_list("pk", flat=True))
        if number := as_phone_number(term):
            found.update(Member.objects.exclude(phone="").filter(phone=number).values_list("pk", flat=True))
    return found
