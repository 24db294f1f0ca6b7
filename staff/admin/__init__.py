"""Pages about the people who work here."""

from staff.admin.people import GroupPage, UserPage
from staff.admin.personal_data import PersonalDataLookAdmin

__all__ = ["GroupPage", "PersonalDataLookAdmin", "UserPage"]
