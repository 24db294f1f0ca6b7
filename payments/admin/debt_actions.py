"""What staff may do about a debt: note that it was paid, waive it, write it off."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from core.admin import ConfirmView
from core.errors import DomainError
from core.money import Money
from payments.admin.debt_forms import PaymentForm, SettlementForm, WaiverForm, WriteOffForm
from payments.models import Debt
from payments.services.debts import check_amount, settle, settlement_obstacle, write_off, write_off_obstacle
from payments.states import SettlementMeans


class DebtActionView(ConfirmView):
    row: Debt

    def rows(self) -> QuerySet[Any]:
        return super().rows().select_related("charge__trip__store")

    @property
    def owed(self) -> Money:
        return Money(self.row.owed, self.row.currency)


class SettleView(DebtActionView):
    """Asks how much, then shows what would come of it and asks again."""

    form_class: ClassVar[type[SettlementForm]]
    asks: ClassVar[str] = ""
    confirms: ClassVar[str] = ""
    explanation: ClassVar[str] = ""

    form: SettlementForm

    def means(self) -> SettlementMeans:
        raise NotImplementedError

    def get(self, request: HttpRequest, **which: int) -> HttpResponse:
        return self.page(request, form=self.form_class(initial={"amount": self.owed.plain}), **self.question())

    def post(self, request: HttpRequest, **which: int) -> HttpResponse:
        self.form = self.form_class(request.POST)
        if self.form.is_valid() and not self.form.cleaned_data["is_confirmed"]:
            try:
                check_amount(self.row, self.form.cleaned_data["amount"])
            except DomainError as error:
                self.form.add_error(error.field, error.message)
                return self.page(request, form=self.form, **self.question())
            return self.page(request, form=self.form.confirmation(), **self._confirmation())
        return super().post(request, **which)

    def question(self) -> dict[str, Any]:
        return {
            "question": self.asks,
            "facts": [("Owed now", self.owed)],
            "explanation": self.explanation,
            "obstacle": settlement_obstacle(self.row.charge, self.row),
            "button": "Continue",
        }

    def _confirmation(self) -> dict[str, Any]:
        amount = Money(self.form.cleaned_data["amount"], self.row.currency)
        means = self.means().label.capitalize()
        facts = [("Owed now", self.owed), (means, amount), ("Owed afterwards", self.owed - amount)]
        confirms = self.confirms.format(amount)
        return self.question() | {"question": f"{confirms}?", "facts": facts, "button": confirms}

    def act(self, actor: str) -> str:
        said = self.form.cleaned_data
        settlement = settle(
            self.row, key=said["key"], amount=said["amount"], means=self.means(), actor=actor, note=said["note"]
        )
        self.row.refresh_from_db(fields=["owed"])
        amount = Money(settlement.amount, settlement.currency)
        return f"Settled {amount} ({settlement.get_means_display()}); {self.owed} is still owed."


class NotePaymentView(SettleView):
    url_name = "settle"
    right = "payments.settle_debt"
    title = "Note a payment"
    form_class = PaymentForm
    asks = "How much was paid?"
    confirms = "Note a payment of {}"
    explanation = (
        "Take the money first. When nothing is owed any more, the gates let the shopper in again, and Amazon is told."
    )

    def means(self) -> SettlementMeans:
        return SettlementMeans(self.form.cleaned_data["means"])


class WaiveView(SettleView):
    url_name = "waive"
    right = "payments.waive_debt"
    title = "Waive"
    form_class = WaiverForm
    asks = "How much is to be waived?"
    confirms = "Waive {}"
    explanation = (
        "Nobody pays what is waived, and nobody owes it: the gates let the shopper in again, and Amazon is told that "
        "it is settled. The trip does not become paid by it."
    )

    def means(self) -> SettlementMeans:
        return SettlementMeans.WAIVED


class WriteOffView(DebtActionView):
    url_name = "write_off"
    right = "payments.write_off_debt"
    title = "Write off"
    form_class = WriteOffForm

    def question(self) -> dict[str, Any]:
        return {
            "question": f"Write {self.owed} off?",
            "facts": [("Owed now", self.owed), ("Owed afterwards", self.owed)],
            "explanation": "It counts as lost for the books, and the card is not asked again. The shopper still owes "
            "it: the gates go on refusing them until it is paid or waived.",
            "obstacle": write_off_obstacle(self.row.charge, self.row),
            "button": f"Write {self.owed} off",
        }

    def act(self, actor: str) -> str:
        write_off(self.row, actor=actor, note=self.form.cleaned_data["note"])
        return f"{self.owed} is written off; the shopper still owes it."
