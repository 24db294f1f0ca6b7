from django.apps import AppConfig


class SandboxConfig(AppConfig):
    """Installed only so that `manage.py sandbox` and `manage.py send_trip` are found; there are no models."""

    name = "sandbox"
    verbose_name = "Amazon sandbox"
