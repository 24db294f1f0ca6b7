"""Pages of our own about one row: who may open it, which row it is, and what the theme's templates need."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views import View

from core.admin.rights import require_right
from core.errors import DomainError
from core.languages import Words, in_english
from core.rights import refusal


class RowView(View):
    """Staff with a right on the model may open it: being staff is no right, so it is asked here."""

    model_admin: Any = None
    url_name: ClassVar[str] = ""
    template_name: ClassVar[str] = ""
    title: ClassVar[Words] = ""

    row: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        opts = self.model_admin.opts
        if not self.model_admin.has_view_permission(request):
            raise PermissionDenied(refusal(f"{opts.app_label}.view_{opts.model_name}"))
        self.row = self.find(kwargs.pop("pk"))
        return super().dispatch(request, *args, **kwargs)

    def rows(self) -> QuerySet[Any]:
        """Where the row is looked for: at the stores that this person sees."""
        rows: QuerySet[Any] = self.model_admin.get_queryset(self.request)
        return rows

    def find(self, pk: int | str) -> Model:
        row: Model | None = self.rows().filter(pk=pk).first() if str(pk).isdecimal() else None
        if row is None:
            raise Http404(f"There is no such {self.model_admin.opts.verbose_name}.")
        return row

    @property
    def row_url(self) -> str:
        return reverse(f"admin:{_base_name(self.model_admin)}_change", args=[self.row.pk])

    def page(self, request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
        """The template, in the theme's frame."""
        request.current_app = self.model_admin.admin_site.name
        frame = self.model_admin.admin_site.each_context(request)
        own = {"opts": self.model_admin.opts, "original": self.row, "row_url": self.row_url}
        title = {"title": self.title or str(self.row)}
        return TemplateResponse(request, self.template_name, frame | own | title | context, status=status)

    def back(self) -> HttpResponse:
        return redirect(self.row_url)


class ConfirmView(RowView):
    """GET asks, POST acts. What the route names besides the row stands in `self.kwargs`.

    With a `form_class` staff fill that in too, and `act` finds it, valid, in `self.form`.
    """

    right: ClassVar[str] = ""
    template_name = "admin/confirm.html"
    form_class: ClassVar[type[forms.Form] | None] = None

    form: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require_right(request, self.right)
        return super().dispatch(request, *args, **kwargs)

    def make_form(self, data: Any = None) -> forms.Form | None:
        return self.form_class(data) if self.form_class else None

    def question(self) -> dict[str, Any]:
        """What the confirm page shows; an `obstacle` disables its button."""
        raise NotImplementedError

    def act(self, actor: str) -> Words:
        """Do it and return what was done, for staff: a lazy text, since the history keeps it in English. Raises
        DomainError when the state does not allow it."""
        raise NotImplementedError

    def get(self, request: HttpRequest, **which: int) -> HttpResponse:
        return self.page(request, form=self.make_form(), **self.question())

    def post(self, request: HttpRequest, **which: int) -> HttpResponse:
        self.form = self.make_form(request.POST.dict())
        if self.form is not None and not self.form.is_valid():
            return self.page(request, form=self.form, **self.question())
        return self.go_on(request)

    def go_on(self, request: HttpRequest) -> HttpResponse:
        try:
            with transaction.atomic():
                done = self.act(request.user.get_username())
                self.model_admin.log_change(request, self.row, in_english(done))
        except DomainError as error:
            return self.refused(request, error)
        messages.success(request, done)
        return self.back()

    def refused(self, request: HttpRequest, error: DomainError) -> HttpResponse:
        """What somebody typed stays, beside what has changed meanwhile."""
        if self.form is None:
            messages.error(request, error.message)
            return self.back()
        self.row = self.find(self.row.pk)
        question = self.question()
        if not question["obstacle"]:
            self.form.add_error(error.field if error.field in self.form.fields else None, error.message)
        return self.page(request, form=self.form, **question)


class AskTwiceView(ConfirmView):
    """Asks, shows what would come of it, and asks again: the form's `is_confirmed` says that it has."""

    def confirmation(self) -> dict[str, Any]:
        """What is asked the second time, instead of what stands in `question`. Raises DomainError as `act` does."""
        raise NotImplementedError

    def go_on(self, request: HttpRequest) -> HttpResponse:
        if self.form.cleaned_data["is_confirmed"]:
            return super().go_on(request)
        try:
            said = self.confirmation()
        except DomainError as error:
            return self.refused(request, error)
        return self.page(request, form=self.form.confirmation(), **(self.question() | said))

    def refused(self, request: HttpRequest, error: DomainError) -> HttpResponse:
        """What was confirmed and refused is asked from the beginning."""
        self.form.data = {**self.form.data, "is_confirmed": ""}
        return super().refused(request, error)


def leading_to(url: str, said: str) -> SafeString:
    """A message with a way to the thing that it is about."""
    return format_html('<a class="bo-told" href="{}">{}</a>', url, said)


def row_urls(model_admin: Any, views: Mapping[str, type[RowView]]) -> list[URLPattern]:
    """Routes beneath a row's own address, each named `<app>_<model>_<url_name>`."""
    return [
        path(
            f"<int:pk>/{route}/",
            model_admin.admin_site.admin_view(view.as_view(model_admin=model_admin)),
            name=f"{_base_name(model_admin)}_{view.url_name}",
        )
        for route, view in views.items()
    ]


def _base_name(model_admin: Any) -> str:
    return f"{model_admin.opts.app_label}_{model_admin.opts.model_name}"
