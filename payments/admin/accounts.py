"""Members' house accounts with their lines, and the cards that members have saved at a processor."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from core.admin import BaseAdmin, ReadOnlyAdmin, row_urls
from core.languages import Words
from core.money import ZERO, Money, rounded
from core.templatetags.money import money
from core.templatetags.times import in_zone
from payments.admin.account_forms import HouseAccountForm
from payments.admin.account_page import AccountPageView, ChangeTermsView, PayInView
from payments.admin.labels import ACCOUNT_TONES, ACCOUNT_WORDS
from payments.models import AccountEntry, HouseAccount, PaymentMethod
from payments.services.house_accounts import with_owed
from stores.models import Processor
from stores.store_filter import StoreFilter


@admin.register(HouseAccount)
class HouseAccountAdmin(ReadOnlyAdmin):
    """Opened here or by the first trip; its terms and its money are changed by named actions."""

    form = HouseAccountForm
    list_display = ["member", "currency", "kind_label", "balance", "limit", "state_label"]
    list_display_links = ["member"]
    list_select_related = ["member"]
    list_filter = [("kind", ChoicesDropdownFilter), "is_open"]
    list_filter_submit = True
    sortable_by: list[str] = []
    ordering = ["-id"]
    search_fields = ["member__external_id__exact"]
    search_help_text = _("Whole external id of a member")
    empty_title = _("No house account yet")
    empty_text = _(
        "A member's first trip that is paid by house account opens one, by invoice and without a limit. Add it "
        "beforehand for other terms."
    )
    autocomplete_fields = ["member"]
    fields = ["member", "currency", "kind", "most_owed"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return BaseAdmin.has_add_permission(self, request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[HouseAccount]:
        return with_owed(super().get_queryset(request))

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = AccountPageView.as_view(model_admin=self)(request, pk=object_id)  # type: ignore[assignment]
        return response

    def get_urls(self) -> list[URLPattern]:
        views = {"pay-in": PayInView, "terms": ChangeTermsView}
        urls: list[URLPattern] = row_urls(self, views) + super().get_urls()
        return urls

    @display(description=_("kind"))
    def kind_label(self, account: HouseAccount) -> str:
        return account.get_kind_display()

    @display(description=_("balance"))
    def balance(self, account: Any) -> str:
        return money(rounded(-(account.owed or ZERO), account.currency), account.currency)

    @display(description=_("limit"))
    def limit(self, account: HouseAccount) -> str:
        return money(account.most_owed, account.currency)

    @display(description=_("state"), label=ACCOUNT_TONES)
    def state_label(self, account: HouseAccount) -> tuple[str, Words]:
        state = "open" if account.is_open else "closed"
        return state, ACCOUNT_WORDS[state]


@admin.register(AccountEntry)
class AccountEntryAdmin(ReadOnlyAdmin):
    store_path = "store"
    store_is_optional = True  # what a member paid in belongs to no store
    list_display = ["member", "owed", "reference", "store", "actor", "written"]
    list_display_links = ["reference"]
    list_select_related = ["store", "member"]
    list_filter = [("store", StoreFilter)]
    list_filter_submit = True
    sortable_by: list[str] = []
    ordering = ["-id"]
    search_fields = ["member__external_id__exact"]
    search_help_text = _("Whole external id of a member")
    empty_title = _("No account entry yet")
    empty_text = _("What members owe on their house account appears here, to be invoiced.")
    fields = ["member", "owed", "reference", "store", "actor", "note", "written"]
    readonly_fields = ["owed", "written"]

    @display(description=_("owed"))
    def owed(self, entry: AccountEntry) -> str:
        return str(Money(entry.amount, entry.currency))

    @display(description=_("written (store's time)"))
    def written(self, entry: AccountEntry) -> SafeString:
        return in_zone(entry.at, entry.store.time_zone if entry.store else "UTC")


@admin.register(PaymentMethod)
class PaymentMethodAdmin(BaseAdmin):
    """The card may change; the customer stays, because in their list a payment without an answer is looked up."""

    list_display = ["member", "processor", "customer", "method"]
    list_select_related = ["member"]
    sortable_by: list[str] = []
    ordering = ["-id"]
    search_fields = ["member__external_id__exact", "customer__exact"]
    search_help_text = _("Whole external id of a member, or the processor's whole id of a customer")
    empty_title = _("No payment method yet")
    empty_text = _("What Stripe calls a member and their card stands here. Your app saves the card at Stripe.")
    autocomplete_fields = ["member"]
    fields = ["member", "processor", "customer", "method"]

    def get_readonly_fields(self, request: HttpRequest, obj: PaymentMethod | None = None) -> list[str]:
        return [] if obj is None else ["member", "processor", "customer"]

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["choices"] = [choice for choice in Processor.choices if choice[0] != Processor.HOUSE_ACCOUNT]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
