"""The frame of each page about one trip: who may open it, which trip it is, and what the theme's templates need."""

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views import View

from core.admin import missing_right, require_right
from core.errors import DomainError
from orders.models import Trip


class TripView(View):
    """Staff with a right on the model may open it: being staff is no right, so it is asked here."""

    model_admin: Any = None
    url_name: ClassVar[str] = ""
    template_name: ClassVar[str] = ""
    title: ClassVar[str] = ""

    trip: Trip

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.model_admin.has_view_permission(request):
            raise PermissionDenied(missing_right("orders.view_trip"))
        self.trip = self.find_trip(kwargs.pop("pk"))
        return super().dispatch(request, *args, **kwargs)

    def find_trip(self, pk: int | str) -> Trip:
        trip = Trip.objects.select_related("store").filter(pk=pk).first() if str(pk).isdecimal() else None
        if trip is None:
            raise Http404("There is no such trip.")
        return trip

    def page(self, request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
        """The template, in the theme's frame."""
        request.current_app = self.model_admin.admin_site.name
        frame = self.model_admin.admin_site.each_context(request)
        own = {"trip": self.trip, "store": self.trip.store, "opts": self.model_admin.opts, "original": self.trip}
        titles = {"title": self.title or str(self.trip), "trips_url": self._trips_url(request)}
        return TemplateResponse(request, self.template_name, frame | own | titles | context, status=status)

    def back(self) -> HttpResponse:
        return redirect("admin:orders_trip_change", self.trip.pk)

    def _trips_url(self, request: HttpRequest) -> str:
        """Back to the list as it was filtered."""
        filters = request.GET.get("_changelist_filters", "")
        return reverse("admin:orders_trip_changelist") + (f"?{filters}" if filters else "")


class ConfirmActionView(TripView):
    """GET asks, POST acts. What the route names besides the trip stands in `self.kwargs`."""

    right: ClassVar[str] = ""
    template_name = "admin/trips/confirm.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require_right(request, self.right)
        return super().dispatch(request, *args, **kwargs)

    def question(self) -> dict[str, Any]:
        """What the confirm page shows; an `obstacle` disables its button."""
        raise NotImplementedError

    def act(self, actor: str) -> str:
        """Do it and return what was done, for staff. Raises DomainError when the state does not allow it."""
        raise NotImplementedError

    def get(self, request: HttpRequest, **which: int) -> HttpResponse:
        return self.page(request, **self.question())

    def post(self, request: HttpRequest, **which: int) -> HttpResponse:
        try:
            with transaction.atomic():
                done = self.act(request.user.get_username())
                self.model_admin.log_change(request, self.trip, done)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, done)
        return self.back()
