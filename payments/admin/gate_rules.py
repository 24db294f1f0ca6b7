"""What a store decides by at its gate, and which cards no gate lets in."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from core.admin import BaseAdmin
from core.money import decimals, is_exact
from core.templatetags.money import money
from core.templatetags.times import in_zone
from payments.models import BlockedShopper, GateRules
from stores.models import Store
from stores.store_filter import StoreFilter


class RisksField(forms.CharField):
    """Names, one a line; kept as a list."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 5})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        names = (line.strip() for line in str(value or "").replace(",", "\n").splitlines())
        return list(dict.fromkeys(name for name in names if name))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(initial != self.to_python(data))


class GateRulesForm(forms.ModelForm):  # type: ignore[type-arg]
    denied_risks = RisksField(
        label=gettext_lazy("Risks that refuse"),
        required=False,
        help_text=gettext_lazy(
            "One name a line, as Amazon spells it, such as CustomerFraud. Who comes with one of these is not let "
            "in. Empty: no risk refuses by itself."
        ),
    )

    class Meta:
        model = GateRules
        fields = [
            "store",
            "recommendation",
            "denied_risks",
            "denies_debtors",
            "tolerated_debt",
            "most_held",
            "fallback",
        ]
        help_texts = {
            "recommendation": gettext_lazy(
                "Amazon may advise to refuse somebody, or to have another amount held on the card."
            ),
            "denies_debtors": gettext_lazy("Who still owes for an earlier trip, in whichever store, is not let in."),
            "fallback": gettext_lazy("What Amazon is answered while the database cannot be asked in time."),
        }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        store = cleaned.get("store") or (self.instance.store if self.instance.store_id else None)
        for field in ("tolerated_debt", "most_held"):
            amount = cleaned.get(field)
            if amount is None or store is None:
                continue
            if amount < 0:
                self.add_error(field, _("An amount cannot be negative."))
            elif not is_exact(amount, store.currency):
                self.add_error(
                    field,
                    _("%(currency)s has %(decimals)s decimals.")
                    % {"currency": store.currency, "decimals": decimals(store.currency)},
                )
        if cleaned.get("most_held") == 0:
            self.add_error("most_held", _("Enter more than 0, or nothing to have Amazon decide."))
        return cleaned


@admin.register(GateRules)
class GateRulesAdmin(BaseAdmin):
    store_path = "store"
    form = GateRulesForm
    list_display = ["store", "recommendation", "debtors", "limit", "fallback"]
    list_select_related = ["store"]
    list_filter = [("store", StoreFilter)]
    list_filter_submit = True
    sortable_by: list[str] = []
    ordering = ["store__name"]
    autocomplete_fields = ["store"]
    empty_title = gettext_lazy("No gate rules yet")
    empty_text = gettext_lazy(
        "A store whose gate asks before it lets a card in needs its rules here; without them Amazon is answered that "
        "nothing is configured (404)."
    )
    fieldsets = [
        (None, {"fields": ["store", "recommendation", "denied_risks"]}),
        (gettext_lazy("Debts"), {"fields": ["denies_debtors", "tolerated_debt"]}),
        (gettext_lazy("The hold on the card"), {"fields": ["most_held"]}),
        (gettext_lazy("If something is wrong here"), {"fields": ["fallback"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: GateRules | None = None) -> list[str]:
        return [] if obj is None else ["store"]

    @display(description=gettext_lazy("debtors"))
    def debtors(self, rules: GateRules) -> str:
        if not rules.denies_debtors:
            return _("let in")
        tolerated = money(rules.tolerated_debt, rules.store.currency)
        return (_("refused above %(tolerated)s") % {"tolerated": tolerated}) if rules.tolerated_debt else "refused"

    @display(description=gettext_lazy("held at most"))
    def limit(self, rules: GateRules) -> str:
        return money(rules.most_held, rules.store.currency)


@admin.register(BlockedShopper)
class BlockedShopperAdmin(BaseAdmin):
    """Blocked with a reason, or let in again by deleting the row; never edited."""

    store_path = "store"
    store_is_optional = True
    list_display = ["shopper_id", "where", "reason", "blocked_by", "since"]
    list_select_related = ["store"]
    list_filter = [("store", StoreFilter)]
    list_filter_submit = True
    sortable_by: list[str] = []
    ordering = ["-id"]
    search_fields = ["shopper_id__exact"]
    search_help_text = gettext_lazy("Amazon's whole id of the shopper")
    autocomplete_fields = ["store"]
    empty_title = gettext_lazy("Nobody is blocked")
    empty_text = gettext_lazy(
        "Block a card by Amazon's id for its shopper, which stands on the trip's page and in the list of gate "
        "decisions. Members are blocked on their own page."
    )
    fields = ["shopper_id", "store", "reason", "blocked_by", "blocked_at"]
    readonly_fields = ["blocked_by", "blocked_at"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: BlockedShopper | None = None) -> list[str]:
        return self.fields if obj else ["shopper_id", "store", "reason"]

    def save_model(self, request: HttpRequest, obj: BlockedShopper, form: Any, change: bool) -> None:
        obj.blocked_by = request.user.get_username()
        super().save_model(request, obj, form, change)

    @display(description=gettext_lazy("where"))
    def where(self, block: BlockedShopper) -> str:
        return str(block.store) if block.store else _("all stores")

    @display(description=gettext_lazy("since"))
    def since(self, block: BlockedShopper) -> SafeString:
        return in_zone(block.blocked_at, _zone(block.store))


def _zone(store: Store | None) -> str:
    return store.time_zone if store else "UTC"
