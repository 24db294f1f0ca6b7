"""How people sign in: passwords, passkeys, second factors and single sign-on, by django-allauth (decision 0019)."""


def take_over() -> None:
    """From the admin's own login, once all apps are there."""
    from django.contrib import admin

    from staff.signing_in import pages, second_factor, sessions

    admin.site.login = pages.admin_login  # type: ignore[assignment,method-assign]
    second_factor.connect()
    sessions.connect()
