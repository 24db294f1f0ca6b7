"""Keeping a list as it was filtered, and choosing what it shows. Each person changes only what is theirs."""

from collections.abc import Collection
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from core.admin.lists import Column, columns_of, kept_of, page_sizes
from core.languages import Words
from core.rights import refusal
from staff.models import ListSettings, SavedView

SHARE_RIGHT = "staff.share_savedview"
_MOST_IN_ADDRESS = 2000


class ListView(View):
    """A page about a list; who may not see the list has no business here."""

    template_name = ""
    title: ClassVar[Words] = ""
    model_admin: Any
    list_name: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.list_name = self.find_list(request, **kwargs)
        found = [page for model, page in admin.site._registry.items() if model._meta.label_lower == self.list_name]
        if not found:
            raise Http404("There is no such list.")
        self.model_admin = found[0]
        opts = self.model_admin.opts
        if not self.model_admin.has_view_permission(request):
            raise PermissionDenied(refusal(f"{opts.app_label}.view_{opts.model_name}"))
        return super().dispatch(request, *args, **kwargs)

    def find_list(self, request: HttpRequest, **kwargs: Any) -> str:
        name: str = kwargs["list_name"]
        return name

    @property
    def list_url(self) -> str:
        opts = self.model_admin.opts
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")

    def page(self, request: HttpRequest, **context: Any) -> HttpResponse:
        request.current_app = admin.site.name
        own = {"title": self.title, "list_name": self.list_name, "list_url": self.list_url}
        frame = {**admin.site.each_context(request), "opts": self.model_admin.opts}
        return TemplateResponse(request, self.template_name, frame | own | context)

    def back(self, query: str) -> HttpResponse:
        return redirect(f"{self.list_url}?{query}" if query else self.list_url)


class SettingsForm(forms.Form):
    query = forms.CharField(required=False, max_length=_MOST_IN_ADDRESS)
    shown = forms.MultipleChoiceField(required=False)
    rows_per_page = forms.TypedChoiceField(coerce=int)

    def __init__(self, *args: Any, columns: list[Column], sizes: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shown"].choices = [(column.name, column.label) for column in columns]  # type: ignore[attr-defined]
        self.fields["rows_per_page"].choices = [(size, size) for size in sizes]  # type: ignore[attr-defined]


class ListSettingsView(ListView):
    template_name = "admin/lists/columns.html"
    title = gettext_lazy("What this list shows")

    def get(self, request: HttpRequest, **which: Any) -> HttpResponse:
        return self._ask(request, kept_of(request.GET.urlencode()))

    def post(self, request: HttpRequest, **which: Any) -> HttpResponse:
        person: Any = request.user
        if "reset" in request.POST:
            person.choose_settings(self.list_name, None)
            return self.back(kept_of(request.POST.get("query", "")))
        columns = self._columns(request)
        form = SettingsForm(request.POST, columns=columns, sizes=page_sizes(self.model_admin))
        if not form.is_valid():
            return self._ask(request, kept_of(request.POST.get("query", "")), _("Please choose from what is here."))
        hidden = [column.name for column in columns if column.name not in form.cleaned_data["shown"]]
        person.choose_settings(self.list_name, ListSettings(hidden, form.cleaned_data["rows_per_page"]))
        return self.back(kept_of(form.cleaned_data["query"]))

    def _ask(self, request: HttpRequest, query: str, problem: str = "") -> HttpResponse:
        person: Any = request.user
        chosen = person.settings_of(self.list_name)
        return self.page(
            request,
            query=query,
            problem=problem,
            columns=self._columns(request, chosen.hidden_columns if chosen else ()),
            rows_per_page=chosen.rows_per_page if chosen else self.model_admin.list_per_page,
            page_sizes=page_sizes(self.model_admin),
        )

    def _columns(self, request: HttpRequest, hidden: Collection[str] = ()) -> list[Column]:
        names = self.model_admin.get_list_display(request)
        return columns_of(self.model_admin, names, self.model_admin.get_list_display_links(request, names), hidden)


class ViewForm(forms.ModelForm):  # type: ignore[type-arg]
    """Only who has the right can share; the name is this person's own, and each is taken once a list."""

    class Meta:
        model = SavedView
        fields = ["name", "is_shared"]

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_share:
            del self.fields["is_shared"]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        view = self.instance
        others = SavedView.objects.filter(user=view.user, list_name=view.list_name, name=name).exclude(pk=view.pk)
        if others.exists():
            raise forms.ValidationError(_("You have a view with this name already."))
        return name


class ViewPage(ListView):
    """A view is named, and shared or not."""

    template_name = "admin/lists/view.html"

    def ask(self, request: HttpRequest, view: SavedView, form: ViewForm | None = None) -> HttpResponse:
        return self.page(
            request,
            form=form,
            view=view if view.pk else None,
            query=view.query,
            may_share=request.user.has_perm(SHARE_RIGHT),
        )

    def save(self, request: HttpRequest, view: SavedView) -> HttpResponse:
        form = ViewForm(request.POST, instance=view, may_share=request.user.has_perm(SHARE_RIGHT))
        if not form.is_valid():
            return self.ask(request, view, form)
        form.save()
        messages.success(request, _("View “%(name)s” saved.") % {"name": view.name})
        return self.back(view.query)


class SaveViewView(ViewPage):
    title = gettext_lazy("Save this view")

    def get(self, request: HttpRequest, **which: Any) -> HttpResponse:
        return self.ask(request, self._new(request, request.GET.urlencode()))

    def post(self, request: HttpRequest, **which: Any) -> HttpResponse:
        view = self._new(request, request.POST.get("query", ""))
        if len(view.query) > _MOST_IN_ADDRESS:
            messages.error(request, _("These are more filters than a view can keep."))
            return self.back(view.query)
        return self.save(request, view)

    def _new(self, request: HttpRequest, query: str) -> SavedView:
        person: Any = request.user
        return SavedView(user=person, list_name=self.list_name, query=kept_of(query))


class SavedViewView(ViewPage):
    """The owner's."""

    title = gettext_lazy("Edit view")
    view: SavedView

    def find_list(self, request: HttpRequest, **kwargs: Any) -> str:
        person: Any = request.user
        self.view = get_object_or_404(person.saved_views, pk=kwargs["pk"])
        return self.view.list_name

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.ask(request, self.view)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.save(request, self.view)


class DeleteViewView(SavedViewView):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.view.delete()
        messages.success(request, _("View “%(name)s” deleted.") % {"name": self.view.name})
        return self.back("")
