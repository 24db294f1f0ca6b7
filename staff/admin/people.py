"""Users and groups in the look of the other pages, changed only by who may do as much (staff.services.people)."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import ProtectedError, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from core.admin import BaseAdmin, require_right, row_urls
from staff.admin.leaving import Deactivate, kept_word
from staff.admin.sign_in import ResetSignIn
from staff.models import User
from staff.services.leaving import who_acted
from staff.services.people import groups_to_give, may_manage, person_of, rights_to_give, visible_people

admin.site.unregister(Group)

# Nobody but a superuser changes these of themselves.
_POWERS = ["is_active", "is_staff", "is_superuser", "groups", "user_permissions", "sees_all_stores", "stores"]


@admin.register(User)
class UserPage(BaseAdmin, UserAdmin):  # type: ignore[type-arg]
    """Of no single store: whoever sees one of a person's stores sees the person."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    filter_horizontal = ["groups", "user_permissions", "stores"]
    list_display = ["username", "first_name", "last_name", "is_active", "in_groups", "at_stores", "last_login"]
    list_filter = ["is_active", "is_superuser", "sees_all_stores"]
    list_filter_submit = True
    fieldsets = [
        (None, {"fields": ["username", "password", "first_name", "last_name", "email"]}),
        (_("Rights"), {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        (_("Stores"), {"fields": ["sees_all_stores", "stores"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["username", "usable_password", "password1", "password2", "stores"]})]

    change_form_outer_after_template = "admin/people/sign_in.html"

    def get_urls(self) -> list[URLPattern]:
        own = {"reset-sign-in": ResetSignIn, "deactivate": Deactivate}
        urls: list[URLPattern] = row_urls(self, own) + super().get_urls()
        return urls

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Who has acted is protected, as a row is that others point to."""
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        kept = who_acted(User.objects.filter(pk__in=[person.pk for person in objs])).order_by("username")
        return deleted, counts, lacking, [*map(kept_word, kept), *protected]

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        return _asked_again(super().delete_view, request, object_id, extra_context)

    def response_action(  # type: ignore[override]  # the types are those of a later Django
        self, request: HttpRequest, queryset: QuerySet[User]
    ) -> Any:
        return _asked_again(super().response_action, request, queryset)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        people = super().get_queryset(request).prefetch_related("groups", "stores")
        visible: QuerySet[User] = people.filter(pk__in=visible_people(person_of(request)).values("pk"))
        return visible

    def changes_seen_by(self, person: User) -> QuerySet[Any]:
        changes = super().changes_seen_by(person)
        return changes if person.is_everywhere else changes.filter(id__in=visible_people(person).values("pk"))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        person, dates = person_of(request), ["last_login", "date_joined"]
        if person.is_superuser:
            return dates
        if obj == person:
            return [*dates, *_POWERS]
        everywhere = [] if person.is_everywhere else ["sees_all_stores"]
        return [*dates, "is_superuser", "user_permissions", *everywhere]

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any] | None:
        if db_field.name == "groups":
            return groups_to_give(person_of(request))
        return super().get_field_queryset(db, db_field, request)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Somebody without a store would be seen by nobody whose own stores are numbered."""
        field: Any = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "stores" and not person_of(request).is_everywhere:
            field.required = True
        return field

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        person = person_of(request)
        is_within = obj is None or obj == person or may_manage(person, obj)
        return is_within and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        person = person_of(request)
        is_within = obj is None or (obj != person and may_manage(person, obj))
        return is_within and super().has_delete_permission(request, obj)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        require_right(request, "staff.change_user")
        response: HttpResponse = super().user_change_password(request, id, form_url)
        return response

    @admin.display(description=_("groups"))
    def in_groups(self, person: User) -> str:
        return ", ".join(group.name for group in person.groups.all()) or "–"

    @admin.display(description=_("stores"))
    def at_stores(self, person: User) -> str:
        return str(_("all")) if person.is_everywhere else ", ".join(map(str, person.stores.all())) or str(_("none"))


def _asked_again(act: Callable[..., Any], *args: Any) -> Any:
    """Of somebody who acts while they are deleted, the page says the second time that they have acted."""
    try:
        with transaction.atomic():
            return act(*args)
    except ProtectedError:
        return act(*args)


@admin.register(Group)
class GroupPage(BaseAdmin, GroupAdmin):
    is_for_all_stores = True

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest | None = None, **kwargs: Any) -> Any:
        if db_field.name == "permissions" and request:
            kwargs["queryset"] = rights_to_give(person_of(request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        is_within = obj is None or obj in groups_to_give(person_of(request))
        return is_within and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        is_within = obj is None or obj in groups_to_give(person_of(request))
        return is_within and super().has_delete_permission(request, obj)
