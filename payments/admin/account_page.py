"""The page of a house account, and what staff may do to it: note a payment, change its terms."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from core.admin import ConfirmView, RowView, missing_right
from core.errors import DomainError
from core.money import Money
from payments.admin.account_forms import PayInForm, TermsForm
from payments.admin.labels import ACCOUNT_TONES
from payments.models import HouseAccount
from payments.services.house_accounts import balance, change_terms, check_payment, check_terms, last_entries, pay_in

MOST_SHOWN = 20


class AccountView(RowView):
    row: HouseAccount

    def rows(self) -> QuerySet[Any]:
        return super().rows().select_related("member")


class AccountPageView(AccountView):
    url_name = "page"
    template_name = "admin/accounts/page.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        account, may = self.row, request.user.has_perm
        state = "open" if account.is_open else "closed"
        return self.page(
            request,
            account=account,
            state=state,
            tone=ACCOUNT_TONES[state],
            balance=balance(account),
            entries=last_entries(account, MOST_SHOWN),
            may_view_member=may("loyalty.view_member"),
            may_view_entries=may("payments.view_accountentry"),
            acts=[
                (view.title, f"admin:payments_houseaccount_{view.url_name}", "" if may(view.right) else why)
                for view in (PayInView, ChangeTermsView)
                for why in [missing_right(view.right)]
            ],
        )


class PayInView(ConfirmView, AccountView):
    """Asks how much, then shows what would come of it and asks again."""

    url_name = "pay_in"
    right = "payments.pay_in_houseaccount"
    title = "Note a payment"
    form_class = PayInForm

    form: PayInForm

    def post(self, request: HttpRequest, **which: int) -> HttpResponse:
        self.form = PayInForm(request.POST)
        if not self.form.is_valid() or self.form.cleaned_data["is_confirmed"]:
            return super().post(request, **which)
        try:
            check_payment(self.row, self.form.cleaned_data["amount"])
        except DomainError as error:
            self.form.add_error(error.field, error.message)
            return self.page(request, form=self.form, **self.question())
        return self.page(request, form=self.form.confirmation(), **self._confirmation())

    def question(self) -> dict[str, Any]:
        return {
            "question": f"What did {self.row.member} pay?",
            "facts": [("Balance now", balance(self.row))],
            "explanation": "Take the money first. It becomes one more line of the account; no line is changed.",
            "obstacle": "",
            "button": "Continue",
        }

    def _confirmation(self) -> dict[str, Any]:
        paid, before = Money(self.form.cleaned_data["amount"], self.row.currency), balance(self.row)
        facts = [("Balance now", before), ("Payment", paid), ("Balance afterwards", before + paid)]
        button = f"Note a payment of {paid}"
        return self.question() | {"question": f"{button}?", "facts": facts, "button": button}

    def act(self, actor: str) -> str:
        said = self.form.cleaned_data
        after = pay_in(self.row, amount=said["amount"], key=said["key"], actor=actor, note=said["note"])
        return f"Payment of {Money(said['amount'], self.row.currency)} noted; the balance is {after}."


class ChangeTermsView(ConfirmView, AccountView):
    url_name = "change_terms"
    right = "payments.change_houseaccount"
    title = "Change terms"
    form_class = TermsForm

    def get(self, request: HttpRequest, **which: int) -> HttpResponse:
        initial = {name: getattr(self.row, name) for name in TermsForm.base_fields}
        return self.page(request, form=TermsForm(initial=initial), **self.question())

    def post(self, request: HttpRequest, **which: int) -> HttpResponse:
        form = TermsForm(request.POST)
        if form.is_valid():
            said = form.cleaned_data
            try:
                check_terms(self.row.currency, kind=said["kind"], most_owed=said["most_owed"])
            except DomainError as error:
                form.add_error(error.field, error.message)
                return self.page(request, form=form, **self.question())
        return super().post(request, **which)

    def question(self) -> dict[str, Any]:
        return {
            "question": f"Change the terms of the {self.row}",
            "facts": [("Now", terms(self.row)), ("Balance", balance(self.row))],
            "explanation": "They count for what is taken from now on. What stands on the account stays.",
            "obstacle": "",
            "button": "Change",
        }

    def act(self, actor: str) -> str:
        before = terms(self.row)
        account = change_terms(self.row, **self.form.cleaned_data)
        return f"Terms changed from “{before}” to “{terms(account)}”."


def terms(account: HouseAccount) -> str:
    """`by invoice, up to $50.00, open`."""
    limit = "" if account.most_owed is None else f"up to {Money(account.most_owed, account.currency)}"
    state = "open" if account.is_open else "closed"
    return ", ".join(filter(None, [account.get_kind_display(), limit, state]))
