from django.apps import AppConfig
from django.db.models.signals import pre_delete
from django.utils.translation import gettext_lazy as _


class StaffConfig(AppConfig):
    name = "staff"
    verbose_name = _("Staff")

    def ready(self) -> None:
        from staff import signing_in
        from staff.services.leaving import keep_who_acted

        signing_in.take_over()
        pre_delete.connect(keep_who_acted, sender="staff.User")
