"""The rows of a list. The theme's own tag makes the heads again for each row and a template for each cell, which is
most of what a long list costs."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django import template
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import ManyToOneRel
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from unfold.templatetags.unfold_list import result_headers
from unfold.utils import display_for_field, display_for_label, display_for_value

register = template.Library()


@register.inclusion_tag("admin/lists/rows.html", takes_context=True)
def list_rows(context: template.Context, cl: Any) -> dict[str, Any]:
    headers = list(result_headers(cl))
    return {
        "cl": cl,
        "result_headers": headers,
        "num_sorted_fields": sum(1 for header in headers if header["sortable"] and header["sorted"]),
        "rows": _rows(cl, headers),
        "has_add_permission": cl.model_admin.has_add_permission(context["request"]),
    }


def _rows(cl: Any, headers: list[dict[str, Any]]) -> Iterator[SafeString]:
    starts = [_start(name, header) for name, header in zip(cl.list_display, headers, strict=True)]
    linked = cl.list_display_links
    for row in cl.result_list:
        cells = []
        for name, start in zip(cl.list_display, starts, strict=True):
            shown = conditional_escape(_shown(cl, row, name))
            if linked and name in linked:
                shown = _link(cl, row, shown)
            cells.append(f"{start}{shown}</td>")
        yield mark_safe("".join(cells))  # noqa: S308 each part is escaped


def _start(name: str, header: dict[str, Any]) -> SafeString:
    """On narrow screens the head of its column stands beside the cell."""
    if header["class_attrib"] == "action-checkbox-column":
        return format_html('<td class="bo-cell action-checkbox" data-label="{}">', _("Select record"))
    return format_html('<td class="bo-cell field-{}" data-label="{}">', name, capfirst(header["text"]))


def _shown(cl: Any, row: Any, name: str) -> Any:
    empty = cl.model_admin.get_empty_value_display()
    try:
        field, attribute, value = lookup_field(name, row, cl.model_admin)
    except ObjectDoesNotExist:
        return empty
    if field is None or field.auto_created:
        tones = getattr(attribute, "label", None)
        if tones and value:
            return _label(value, tones)
        return display_for_value(value, empty, getattr(attribute, "boolean", False))
    if isinstance(field.remote_field, ManyToOneRel):
        related = getattr(row, field.name)
        return empty if related is None else related
    return display_for_field(value, field, empty)


def _label(value: Any, tones: Any) -> SafeString:
    return _label_in(get_language(), value, tuple(tones.items()))


@lru_cache(maxsize=500)
def _label_in(language: str | None, value: Any, tones: tuple[tuple[str, str], ...]) -> SafeString:
    """Few states, shown in many rows; their words depend on the language."""
    label: SafeString = display_for_label(value, "", dict(tones))
    return label


def _link(cl: Any, row: Any, shown: SafeString) -> SafeString:
    address = add_preserved_filters(
        {"preserved_filters": cl.preserved_filters, "opts": cl.opts}, cl.url_for_result(row)
    )
    value = row.serializable_value(cl.to_field or cl.lookup_opts.pk.attname)
    opener = format_html(' data-popup-opener="{}"', value) if cl.is_popup else ""
    return format_html('<a class="bo-list-link" href="{}"{}>{}</a>', address, opener, shown)
