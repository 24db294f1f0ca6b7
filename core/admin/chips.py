"""The filters of a list that are in force, each of which can be taken away again."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.views.main import IGNORED_PARAMS, SEARCH_VAR
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Chip:
    """`State: failed`, and the address of the list without it."""

    title: str
    value: str
    url: str


def chips_of(changelist: Any) -> list[Chip]:
    given = {name: value for name, value in changelist.params.items() if value}
    chips = []
    if changelist.query:
        chips.append(Chip(_("search"), f"“{changelist.query}”", changelist.get_query_string({SEARCH_VAR: None})))
    for spec in changelist.filter_specs:
        names = [name for name in spec.expected_parameters() if name in given]
        if names:
            value = " ".join(_in_words(spec, changelist, names)) or ", ".join(given[name] for name in names)
            chips.append(Chip(spec.title, value, changelist.get_query_string(dict.fromkeys(names))))
    known = {name for spec in changelist.filter_specs for name in spec.expected_parameters()} | {*IGNORED_PARAMS}
    # What a link has narrowed the list by, and no filter shows.
    others = (name for name in given if name not in known)
    return chips + [Chip(_plain(name), given[name], changelist.get_query_string({name: None})) for name in others]


def _in_words(spec: Any, changelist: Any, names: list[str]) -> Iterator[str]:
    """As the filter's own form names what was chosen."""
    for shown in spec.choices(changelist):
        form = shown.get("form")  # Django's own filters have links instead
        if form is None:
            if shown["selected"]:
                yield str(shown["display"])
            continue
        for name in names:
            value = changelist.params[name]
            choices = {str(key): str(label) for key, label in getattr(form.fields.get(name), "choices", ())}
            if name in form.fields:
                ends = {"_from": _("from %(value)s"), "_to": _("to %(value)s")}
                words = next((words for end, words in ends.items() if name.endswith(end)), "%(value)s")
                yield words % {"value": choices.get(value, value)}


def _plain(name: str) -> str:
    return name.removesuffix("__exact").removesuffix("__id").replace("__", " ").replace("_", " ")
