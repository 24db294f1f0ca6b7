"""Being staff is no right: pages of our own ask here, and a refusal names what is missing."""

from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def require_right(request: HttpRequest, right: str) -> None:
    """Raises PermissionDenied that names the right, such as `payments.request_refund`."""
    if not request.user.has_perm(right):
        raise PermissionDenied(missing_right(right))


def missing_right(right: str) -> str:
    """What staff read who lack a right."""
    app, _, codename = right.partition(".")
    found = Permission.objects.filter(content_type__app_label=app, codename=codename).first()
    meaning = f"“{found.name}” ({right})" if found else right
    return f"You need the right {meaning}. Whoever manages the users here can give it to you."
