"""The frame of each page on which staff act on one refund."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from core.money import Money
from payments.admin.trip_action import ConfirmActionView
from payments.models import Refund


class RefundActionView(ConfirmActionView):
    def refund(self) -> Refund:
        """As it is now."""
        refunds = Refund.objects.select_related("charge__trip__store")
        refund = refunds.filter(pk=self.kwargs["refund_pk"], charge__trip=self.trip).first()
        if refund is None:
            raise Http404("This trip has no such refund.")
        return refund


def worth(refund: Refund) -> Money:
    return Money(refund.amount, refund.currency)


def facts_of(refund: Refund) -> list[tuple[str, Any]]:
    return [
        (_("Reason"), refund.why),
        (_("Asked for by"), refund.requested_by),
        (_("Refund id"), refund.refund_request_id),
    ]
