"""Lists by store: only those that whoever asks may see can be chosen."""

from typing import Any

from django.http import HttpRequest
from unfold.contrib.filters.admin import RelatedDropdownFilter


class StoreFilter(RelatedDropdownFilter):
    """`("store", StoreFilter)`."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[int, str]]:
        person: Any = request.user
        return [(store.pk, str(store)) for store in person.seen_stores]

    def has_output(self) -> bool:
        """A store in the address counts, also where there is only one to choose."""
        return bool(self.lookup_val) or super().has_output()
