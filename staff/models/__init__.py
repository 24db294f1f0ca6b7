"""Who works here, what they may see, and what they did."""

from staff.models import history as history
from staff.models.lists import SavedView
from staff.models.notifications import Notification, NotificationChoice, NotificationKind, NotificationMail
from staff.models.personal_data import PersonalDataLook
from staff.models.users import ListSettings, User

__all__ = [
    "ListSettings",
    "Notification",
    "NotificationChoice",
    "NotificationKind",
    "NotificationMail",
    "PersonalDataLook",
    "SavedView",
    "User",
]
