"""The frame of each page on which staff act on a trip's charge."""

from django.http import Http404

from payments.admin.trip_action import ConfirmActionView
from payments.models import Charge


class ChargeActionView(ConfirmActionView):
    def charge(self) -> Charge:
        """As it is now."""
        charge = Charge.objects.select_related("debt").filter(trip=self.trip).first()
        if charge is None:
            raise Http404("This trip has no charge.")
        return charge
