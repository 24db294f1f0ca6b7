"""The history of Django's groups, which are no model of ours."""

from django.contrib.auth.models import Group
from simple_history import register

from core.history import History

register(Group, app="staff", records_class=History, sets=["permissions"])
