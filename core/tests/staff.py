"""Members of staff as tests need them."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission


def staff_with(*rights: str, username: str = "clerk", sees_all_stores: bool = True) -> Any:
    """Somebody with exactly these rights, such as `orders.view_trip`."""
    user = get_user_model().objects.create_user(
        username, password="not-a-secret", is_staff=True, sees_all_stores=sees_all_stores
    )
    for right in rights:
        app, codename = right.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user
