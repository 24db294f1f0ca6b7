"""Who works here."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Model, Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from core.actors import TAKEN_NAMES
from core.history import History
from stores.models import Store

if TYPE_CHECKING:
    from staff.models.lists import SavedView

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class ListSettings:
    """What one list shows one person. The hidden columns are kept, so that a new one shows by itself."""

    hidden_columns: list[str]
    rows_per_page: int


class User(AbstractUser):
    """A person who signs in. Rights say what they may do, their stores say where; without stores they see none."""

    sees_all_stores = models.BooleanField(
        _("all stores"), default=False, help_text=_("Sees every store, those that open later as well.")
    )
    stores = models.ManyToManyField(
        Store,
        blank=True,
        related_name="staff",
        help_text=_("Sees these stores, what happened there, and nothing else."),
        verbose_name=_("stores"),
    )
    list_settings = models.JSONField(
        _("list settings"), default=dict, editable=False, help_text=_("What each list shows, by its rows' model.")
    )

    history = History(
        sets=["groups", "user_permissions", "stores"],
        secret=["password"],
        untold=["last_login", "date_joined", "list_settings"],
    )

    class Meta(AbstractUser.Meta):
        permissions = [("view_audit", "Can see who did what at their stores")]

    def clean(self) -> None:
        super().clean()
        if self.username.casefold() in TAKEN_NAMES:
            raise ValidationError({"username": _("What this name does is taken for what a machine does.")})

    @property
    def is_everywhere(self) -> bool:
        """No store is hidden from this person."""
        return self.is_superuser or self.sees_all_stores

    @cached_property
    def seen_stores(self) -> list[Store]:
        """The stores that this person sees, by name; read once a request."""
        stores = Store.objects.all() if self.is_everywhere else self.stores.all()
        return list(stores.order_by("name", "pk").only("external_id", "name", "time_zone"))

    @property
    def own_stores(self) -> dict[int, str]:
        """The stores of somebody who is not everywhere, by pk with their external ids."""
        return {store.pk: store.external_id for store in self.seen_stores}

    @property
    def store_ids(self) -> frozenset[int]:
        return frozenset(self.own_stores)

    def visible(
        self,
        rows: "QuerySet[Row]",
        store: str = "store",
        *,
        by: Literal["pk", "external_id"] = "pk",
        or_none: bool = False,
    ) -> "QuerySet[Row]":
        """Of the rows those at stores that this person sees.

        `store` is the way from a row to its store, `pk` for the stores themselves; `by` says what stands there.
        `or_none`: a row without a store counts for all of them, and everybody sees it.
        """
        if self.is_everywhere:
            return rows
        own = self.own_stores.values() if by == "external_id" else self.own_stores.keys()
        theirs = Q(**{f"{store}__in": list(own)})
        return rows.filter(theirs | Q(**{f"{store}__isnull": True}) if or_none else theirs)

    def views_of(self, list_name: str) -> "list[SavedView]":
        """The saved views of a list: this person's own, and those that others share."""
        views: type[SavedView] = self.saved_views.model
        mine_or_shared = views.objects.filter(Q(user=self) | Q(is_shared=True), list_name=list_name)
        return list(mine_or_shared.select_related("user"))

    def settings_of(self, list_name: str) -> ListSettings | None:
        """What the list shows this person, if they have ever chosen."""
        chosen = self.list_settings.get(list_name)
        return ListSettings(**chosen) if chosen else None

    def choose_settings(self, list_name: str, settings: ListSettings | None) -> None:
        """None: as the list is for everybody."""
        others = {name: chosen for name, chosen in self.list_settings.items() if name != list_name}
        self.list_settings = others | ({list_name: asdict(settings)} if settings else {})
        self.save(update_fields=["list_settings"])

    def sees(self, store: Store) -> bool:
        return self.is_everywhere or store.pk in self.own_stores
