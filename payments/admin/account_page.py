"""The page of a house account, and what staff may do to it: note a payment, change its terms."""

from copy import copy
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import AskTwiceView, ConfirmView, RowView, missing_right
from core.errors import Conflict, DomainError
from core.languages import Words
from core.money import Money
from payments.admin.account_forms import PayInForm, TermsForm
from payments.admin.labels import ACCOUNT_TONES, ACCOUNT_WORDS
from payments.models import HouseAccount
from payments.services.house_accounts import (
    balance,
    change_terms,
    check_payment,
    last_entries,
    pay_in,
    terms_key,
)

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
            state=ACCOUNT_WORDS[state],
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


class PayInView(AskTwiceView, AccountView):
    """Asks how much."""

    url_name = "pay_in"
    right = "payments.pay_in_houseaccount"
    title = gettext_lazy("Note a payment")
    form_class = PayInForm

    form: PayInForm

    def question(self) -> dict[str, Any]:
        return {
            "question": _("What did %(member)s pay?") % {"member": self.row.member},
            "facts": [(_("Balance now"), balance(self.row))],
            "explanation": _("Take the money first. It becomes one more line of the account; no line is changed."),
            "obstacle": "",
            "button": _("Continue"),
        }

    def confirmation(self) -> dict[str, Any]:
        check_payment(self.row, self.form.cleaned_data["amount"])
        paid, before = Money(self.form.cleaned_data["amount"], self.row.currency), balance(self.row)
        facts = [(_("Balance now"), before), (_("Payment"), paid), (_("Balance afterwards"), before + paid)]
        button = _("Note a payment of %(paid)s") % {"paid": paid}
        return {"question": f"{button}?", "facts": facts, "button": button}

    def act(self, actor: str) -> Words:
        said = self.form.cleaned_data
        after = pay_in(self.row, amount=said["amount"], key=said["key"], actor=actor, note=said["note"])
        return format_lazy(
            gettext_lazy("Payment of {amount} noted; the balance is {after}."),
            amount=Money(said["amount"], self.row.currency),
            after=after,
        )


class ChangeTermsView(ConfirmView, AccountView):
    url_name = "change_terms"
    right = "payments.change_houseaccount"
    title = gettext_lazy("Change terms")

    def make_form(self, data: Any = None) -> TermsForm:
        stands = {name: getattr(self.row, name) for name in ("kind", "most_owed", "is_open")}
        return TermsForm(data, initial=stands | {"instead_of": terms_key(self.row)})

    def question(self) -> dict[str, Any]:
        return {
            "question": _("Change the terms of the %(row)s") % {"row": self.row},
            "facts": [(_("Now"), terms(self.row)), (_("Balance"), balance(self.row))],
            "explanation": _("They count for what is taken from now on. What stands on the account stays."),
            "obstacle": "",
            "button": _("Change"),
        }

    def act(self, actor: str) -> Words:
        before = copy(self.row)
        account = change_terms(self.row, **self.form.cleaned_data)
        changed = gettext_lazy("Terms changed from “{before}” to “{terms}”.")
        return format_lazy(changed, before=_terms(before), terms=_terms(account))

    def refused(self, request: HttpRequest, error: DomainError) -> HttpResponse:
        """Beside what was typed stands what a colleague made of the terms: sent again, it is put in its place."""
        if isinstance(error, Conflict):
            self.form.data = {**self.form.data, "instead_of": terms_key(self.rows().get(pk=self.row.pk))}
        return super().refused(request, error)


def terms(account: HouseAccount) -> str:
    """`by invoice, up to $50.00, open`."""
    limit = (
        ""
        if account.most_owed is None
        else (_("up to %(amount)s") % {"amount": Money(account.most_owed, account.currency)})
    )
    state = ACCOUNT_WORDS["open" if account.is_open else "closed"]
    return ", ".join(filter(None, [account.get_kind_display(), limit, str(state)]))


_terms = lazy(terms, str)
