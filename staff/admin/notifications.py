"""What a person is told: the page behind the bell, and how they choose to be told."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from staff.models import NotificationKind
from staff.services.notifications import choices_of, choose, mark_read, shown_to, unread_count

MOST_SHOWN = 100


class NotificationsView(View):
    """GET shows them; POST marks all of them read."""

    def get(self, request: HttpRequest) -> HttpResponse:
        person: Any = request.user
        shown = list(shown_to(person).select_related("store")[:MOST_SHOWN])
        unread = unread_count(person)
        return _page(request, "list.html", _("Notifications"), notifications=shown, unread=unread, most=MOST_SHOWN)

    def post(self, request: HttpRequest) -> HttpResponse:
        count = mark_read(request.user)  # type: ignore[arg-type]
        messages.success(
            request,
            ngettext("%(count)s notification marked as read.", "%(count)s notifications marked as read.", count)
            % {"count": count},
        )
        return redirect("notifications")


class OpenNotificationView(View):
    """Reading it is opening it: it leads to what it is about."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        person: Any = request.user
        notification = shown_to(person).filter(pk=pk).first()
        if notification is None:
            raise Http404("There is no such notification.")
        mark_read(person, pk)
        return redirect(notification.link)


class NotificationChoicesView(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        person: Any = request.user
        return _page(
            request,
            "choices.html",
            _("How you are told"),
            choices=[(kind, *how) for kind, how in choices_of(person).items()],
            may_mail=bool(settings.EMAIL_URL and person.email),
            why_no_mail=_why_no_mail(person),
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        in_header, by_mail = set(request.POST.getlist("in_header")), set(request.POST.getlist("by_mail"))
        choose(request.user, {kind: (kind in in_header, kind in by_mail) for kind in NotificationKind})  # type: ignore[arg-type]
        messages.success(request, _("Your choice is saved."))
        return redirect("notification_choices")


def _why_no_mail(person: Any) -> str:
    if not settings.EMAIL_URL:
        return _("No mail server is set (EMAIL_URL), so nothing is sent by e-mail.")
    return "" if person.email else _("You have no e-mail address here. Whoever manages the users can add it.")


def _page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    frame = admin.site.each_context(request)
    return TemplateResponse(request, f"admin/notifications/{template}", frame | {"title": title} | context)
