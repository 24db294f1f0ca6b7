"""What staff may do about a debt: note that it was paid, waive it, write it off."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import AskTwiceView, ConfirmView
from core.languages import Words
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


class SettleView(AskTwiceView, DebtActionView):
    """Asks how much."""

    form_class: ClassVar[type[SettlementForm]]
    asks: ClassVar[Words] = ""
    confirms: ClassVar[Words] = ""
    explanation: ClassVar[Words] = ""

    form: SettlementForm

    def means(self) -> SettlementMeans:
        raise NotImplementedError

    def make_form(self, data: Any = None) -> SettlementForm:
        return self.form_class(data, initial={"amount": self.owed.plain})

    def question(self) -> dict[str, Any]:
        return {
            "question": self.asks,
            "facts": [(_("Owed now"), self.owed)],
            "explanation": self.explanation,
            "obstacle": settlement_obstacle(self.row.charge, self.row),
            "button": _("Continue"),
        }

    def confirmation(self) -> dict[str, Any]:
        check_amount(self.row, self.form.cleaned_data["amount"])
        amount = Money(self.form.cleaned_data["amount"], self.row.currency)
        means = capfirst(self.means().label)
        facts = [(_("Owed now"), self.owed), (means, amount), (_("Owed afterwards"), self.owed - amount)]
        confirms = self.confirms.format(amount)
        return {"question": f"{confirms}?", "facts": facts, "button": confirms}

    def act(self, actor: str) -> Words:
        said = self.form.cleaned_data
        settlement = settle(
            self.row, key=said["key"], amount=said["amount"], means=self.means(), actor=actor, note=said["note"]
        )
        self.row.refresh_from_db(fields=["owed"])
        amount = Money(settlement.amount, settlement.currency)
        return format_lazy(
            gettext_lazy("Settled {amount} ({means}); {owed} is still owed."),
            amount=amount,
            means=SettlementMeans(settlement.means).label,
            owed=self.owed,
        )


class NotePaymentView(SettleView):
    url_name = "settle"
    right = "payments.settle_debt"
    title = gettext_lazy("Note a payment")
    form_class = PaymentForm
    asks = gettext_lazy("How much was paid?")
    confirms = gettext_lazy("Note a payment of {}")
    explanation = gettext_lazy(
        "Take the money first. When nothing is owed any more, the gates let the shopper in again, and Amazon is told."
    )

    def means(self) -> SettlementMeans:
        return SettlementMeans(self.form.cleaned_data["means"])


class WaiveView(SettleView):
    url_name = "waive"
    right = "payments.waive_debt"
    title = gettext_lazy("Waive")
    form_class = WaiverForm
    asks = gettext_lazy("How much is to be waived?")
    confirms = gettext_lazy("Waive {}")
    explanation = gettext_lazy(
        "Nobody pays what is waived, and nobody owes it: the gates let the shopper in again, and Amazon is told that "
        "it is settled. The trip does not become paid by it."
    )

    def means(self) -> SettlementMeans:
        return SettlementMeans.WAIVED


class WriteOffView(DebtActionView):
    url_name = "write_off"
    right = "payments.write_off_debt"
    title = gettext_lazy("Write off")
    form_class = WriteOffForm

    def question(self) -> dict[str, Any]:
        return {
            "question": _("Write %(owed)s off?") % {"owed": self.owed},
            "facts": [(_("Owed now"), self.owed), (_("Owed afterwards"), self.owed)],
            "explanation": _(
                "It counts as lost for the books, and the card is not asked again. The shopper still owes "
                "it: the gates go on refusing them until it is paid or waived."
            ),
            "obstacle": write_off_obstacle(self.row.charge, self.row),
            "button": _("Write %(owed)s off") % {"owed": self.owed},
        }

    def act(self, actor: str) -> Words:
        write_off(self.row, actor=actor, note=self.form.cleaned_data["note"])
        return format_lazy(gettext_lazy("{owed} is written off; the shopper still owes it."), owed=self.owed)
