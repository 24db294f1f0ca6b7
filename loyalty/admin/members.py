"""The list of members, and the ways into the member page, its actions and the files of members."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.admin import ImportExportModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from core.admin import BaseAdmin, BaseInline, row_urls
from core.languages import Words
from loyalty.admin.labels import MEMBER_TONES, MEMBER_WORDS, state_of
from loyalty.admin.looks import note_member_looks
from loyalty.admin.member_actions import AnonymizeView, BlockView, CorrectPointsView, ScanKeyView, UnblockView
from loyalty.admin.member_files import MemberFiles
from loyalty.admin.member_forms import CodeForm, MemberForm
from loyalty.admin.member_page import member_context
from loyalty.models import Code, Member
from loyalty.services.member_search import find_members, with_points
from loyalty.services.members import announce

PERSONAL_RIGHT = "loyalty.view_personal_data"
PERSONAL = ["name", "email", "phone"]


class StateFilter(DropdownFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("blocked", _("Blocked")), ("erased", _("Data erased"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Member]) -> QuerySet[Member]:
        column = {"blocked": "blocked_at", "erased": "anonymized_at"}.get(self.value() or "")
        return queryset.filter(**{f"{column}__isnull": False}) if column else queryset


class CodeInline(BaseInline):
    model = Code
    form = CodeForm
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_there(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_there(obj) and super().has_change_permission(request, obj)


@admin.register(Member)
class MemberAdmin(BaseAdmin, MemberFiles, ImportExportModelAdmin):
    form = MemberForm
    inlines = [CodeInline]
    list_display_links = ["external_id"]
    list_filter = [("kind", ChoicesDropdownFilter), StateFilter]
    list_filter_submit = True
    sortable_by: list[str] = []
    ordering = ["-id"]
    search_fields = ["external_id"]
    search_help_text = gettext_lazy(
        "Whole external id or code, and with the right to see them whole name, phone number or e-mail"
    )
    empty_title = gettext_lazy("No member yet")
    empty_text = gettext_lazy(
        "Members are the shoppers and associates whom your gates know. Add one here, import a file, or have your own "
        "systems send them to /api/v1/members/."
    )
    actions = None
    change_form_outer_before_template = "admin/members/header.html"
    change_form_outer_after_template = "admin/members/content.html"

    def get_list_display(self, request: HttpRequest) -> list[str]:
        personal = PERSONAL if request.user.has_perm(PERSONAL_RIGHT) else []
        return ["external_id", *personal, "kind_label", "tier", "state_label", "balance", "created"]

    def get_fields(self, request: HttpRequest, obj: Member | None = None) -> list[str]:
        personal = PERSONAL if request.user.has_perm(PERSONAL_RIGHT) else []
        return ["external_id", "kind", *personal, "tier"]

    def get_readonly_fields(self, request: HttpRequest, obj: Member | None = None) -> list[str]:
        """The id is what Amazon's carts name: it never changes."""
        return [] if obj is None else ["external_id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        members: QuerySet[Member] = super().get_queryset(request)
        return with_points(members)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Member], search_term: str
    ) -> tuple[QuerySet[Member], bool]:
        if search_term.strip():
            by_contact = request.user.has_perm(PERSONAL_RIGHT)
            queryset = queryset.filter(pk__in=find_members(search_term, by_contact=by_contact))
        return queryset, False

    def has_change_permission(self, request: HttpRequest, obj: Member | None = None) -> bool:
        return _is_there(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Trips and points point to them: instead of deleting, their personal data are erased."""
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        member: Member = form.instance
        new = [row for formset in formsets for row in formset.new_objects]
        changed = [row for formset in formsets for row, _ in formset.changed_objects]
        announce(member, {code.value for code in (*new, *changed)} | (set() if change else {member.external_id}))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: Any = super().changelist_view(request, extra_context)
        if shown := getattr(response, "context_data", {}).get("cl"):
            note_member_looks(request, shown.result_list)
        answer: HttpResponse = response
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        member = self.get_object(request, object_id)
        context: dict[str, Any] = {}
        if member and self.has_view_permission(request, member):
            context = member_context(request, member)
            if request.method == "GET":
                note_member_looks(request, [member])
        response: HttpResponse = super().change_view(request, object_id, form_url, context | (extra_context or {}))
        return response

    def get_urls(self) -> list[URLPattern]:
        views = {
            "block": BlockView,
            "unblock": UnblockView,
            "anonymize": AnonymizeView,
            "points": CorrectPointsView,
            "scan-key": ScanKeyView,
        }
        urls: list[URLPattern] = row_urls(self, views) + super().get_urls()
        return urls

    @display(description=gettext_lazy("kind"))
    def kind_label(self, member: Member) -> str:
        return member.get_kind_display()

    @display(description=gettext_lazy("state"), label=MEMBER_TONES)
    def state_label(self, member: Member) -> tuple[str, Words]:
        state = state_of(member)
        return state, MEMBER_WORDS[state]

    @display(description=gettext_lazy("points"))
    def balance(self, member: Any) -> str:
        return f"{member.points:,}"

    @display(description=gettext_lazy("since (UTC)"))
    def created(self, member: Member) -> str:
        return member.created_at.strftime("%Y-%m-%d %H:%M")


def _is_there(member: Member | None) -> bool:
    return member is None or member.anonymized_at is None
