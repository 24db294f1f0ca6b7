"""Filters of the list of Amazon's calls. Their choices are fixed, so that none of them reads the journal."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from amazon.admin.stores import store_choices
from amazon.inbound.views import ConnectorView, UnknownRouteView
from amazon.models import InboundCall

_OUTCOMES = {
    "accepted": (_("Accepted (2xx)"), Q(status__lt=400)),
    "refused": (_("Refused (4xx)"), Q(status__gte=400, status__lt=500)),
    "failed": (_("Failed (5xx)"), Q(status__gte=500)),
}


class EndpointFilter(DropdownFilter):
    title = _("endpoint")
    parameter_name = "endpoint"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(path, path) for path in sorted(endpoint_paths(get_resolver()))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[InboundCall]) -> QuerySet[InboundCall]:
        return queryset.filter(endpoint=self.value()) if self.value() else queryset


class OutcomeFilter(DropdownFilter):
    title = _("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(value, str(label)) for value, (label, _) in _OUTCOMES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[InboundCall]) -> QuerySet[InboundCall]:
        value = self.value()
        return queryset.filter(_OUTCOMES[value][1]) if value in _OUTCOMES else queryset


class StoreFilter(DropdownFilter):
    title = _("store")
    parameter_name = "store"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return store_choices(request.user)

    def queryset(self, request: HttpRequest, queryset: QuerySet[InboundCall]) -> QuerySet[InboundCall]:
        return queryset.filter(store_external_id=self.value()) if self.value() else queryset


def endpoint_paths(resolver: URLResolver, prefix: str = "/") -> set[str]:
    """Every path that Amazon may call."""
    paths = set()
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            paths |= endpoint_paths(pattern, path)
        elif _is_endpoint(pattern):
            paths.add(path)
    return paths


def _is_endpoint(pattern: URLPattern) -> bool:
    view = getattr(pattern.callback, "view_class", object)
    return issubclass(view, ConnectorView) and view is not UnknownRouteView
