"""A page of the admin shows personal data of members: who looked is written down."""

from collections.abc import Iterable

from django.http import HttpRequest

from loyalty.models import Member
from staff.services.personal_data import RIGHT, note_looks


def note_member_looks(request: HttpRequest, members: Iterable[Member]) -> None:
    """One statement, and none for who is not shown them."""
    if request.user.has_perm(RIGHT):
        shown = [member.external_id for member in members if member.has_personal_data]
        note_looks(request.user.get_username(), shown, page=request.path)
