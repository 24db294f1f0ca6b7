"""An answer of the API shows what shoppers wrote: which person of the staff looked is written down."""

from collections.abc import Iterable

from rest_framework.request import Request

from orders.models import Trip
from staff.models import User
from staff.services.personal_data import RIGHT, note_looks


def note_message_looks(request: Request, trips: Iterable[Trip]) -> None:
    """What the retailer's systems do with their own shoppers' words is not ours to watch."""
    if not isinstance(request.user, User) or not request.user.has_perm(RIGHT):
        return
    shown = [trip.pk for trip in trips if any(contest.message for contest in trip.contests.all())]
    members = Trip.objects.filter(pk__in=shown).values_list("member__external_id", flat=True) if shown else ()
    note_looks(request.user.get_username(), (member or "" for member in members), page="/api/v1/trips/")
