"""Members of staff as tests need them."""

from django.contrib.auth.models import Permission, User


def staff_with(*rights: str, username: str = "clerk") -> User:
    """Somebody with exactly these rights, such as `orders.view_trip`."""
    user = User.objects.create_user(username, password="not-a-secret", is_staff=True)
    for right in rights:
        app, codename = right.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user
