"""Who looked at the personal data of whom: a list to read."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core.admin import ReadOnlyAdmin
from staff.models import PersonalDataLook
from staff.services.people import person_of, visible_people


@admin.register(PersonalDataLook)
class PersonalDataLookAdmin(ReadOnlyAdmin):
    """A member belongs to no store, but whoever looked works somewhere: the looks of one's own people are seen."""

    list_display = ["seen", "actor", "whose", "page"]
    list_display_links = ["seen"]
    sortable_by: list[str] = []
    ordering = ["-id"]
    search_fields = ["whose__exact", "actor__exact"]
    search_help_text = _("Whole external id of a member, or whole user name")
    empty_title = _("Nobody has looked yet")
    empty_text = _("Whenever somebody is shown a name, an e-mail address or a phone number, it is written down here.")
    fields = ["seen", "actor", "whose", "page"]
    readonly_fields = ["seen"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PersonalDataLook]:
        looks: QuerySet[PersonalDataLook] = super().get_queryset(request)
        person = person_of(request)
        return looks if person.is_everywhere else looks.filter(actor__in=visible_people(person).values("username"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[PersonalDataLook], search_term: str
    ) -> tuple[QuerySet[PersonalDataLook], bool]:
        """One after the other, so that each uses its index."""
        term = search_term.strip()
        if not term:
            return queryset, False
        of_member = queryset.filter(whose=term)
        return (of_member if of_member.exists() else queryset.filter(actor=term)), False

    @display(description=_("time (UTC)"))
    def seen(self, look: PersonalDataLook) -> str:
        return look.at.strftime("%Y-%m-%d %H:%M:%S")
