"""Being staff is no right: pages of our own ask here, and a refusal names what is missing."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.rights import refusal

_NOT_HERE = gettext_lazy(
    "You have the right for this, but not here: it counts for stores that you do not see, or it is about somebody who "
    "may do more than you."
)
# What the admin's own pages ask for, by the end of their names.
_ASKED = {"changelist": "view", "history": "view", "add": "add", "delete": "delete", "password_change": "change"}


def require_right(request: HttpRequest, right: str) -> None:
    """Raises PermissionDenied that names the right, such as `payments.request_refund`."""
    if not request.user.has_perm(right):
        raise PermissionDenied(refusal(right))


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page of every refusal: what is missing, who has it, and a way back."""
    said = str(exception) or _why(request) or _("Your user may not open this page.")
    referrer = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(referrer, request.get_host(), require_https=request.is_secure())
    is_staff = request.user.is_active and getattr(request.user, "is_staff", False)
    context = {
        **(admin.site.each_context(request) if is_staff else {}),
        "title": _("You may not do this"),
        "said": said,
        "back": referrer if is_ours and referrer != request.build_absolute_uri() else "",
    }
    request.current_app = admin.site.name
    template = "admin/denied.html" if is_staff else "403.html"
    return TemplateResponse(request, template, context, status=403)


def _why(request: HttpRequest) -> str:
    """Django's own pages of the admin refuse without a word: which right they asked for follows from the address."""
    match = request.resolver_match
    found = match and _page_of(match.url_name or "")
    if not found:
        return ""
    opts, page = found
    action = _ASKED.get(page, "change" if request.method == "POST" else "view")
    if page == "changelist" and request.method == "POST":
        action = "delete" if request.POST.get("action") == "delete_selected" else "change"
    right = f"{opts.app_label}.{get_permission_codename(action, opts)}"
    return str(_NOT_HERE) if request.user.has_perm(right) else refusal(right)


def _page_of(url_name: str) -> tuple[Any, str] | None:
    """`orders_trip_changelist`: the model's options and `changelist`."""
    for model in admin.site._registry:
        prefix = f"{model._meta.app_label}_{model._meta.model_name}_"
        if url_name.startswith(prefix):
            return model._meta, url_name.removeprefix(prefix)
    return None
