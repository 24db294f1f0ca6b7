"""What an adjustment would do to the money, in sentences for whoever is about to do it."""

from decimal import Decimal

from django.utils.translation import gettext as _

from core.money import Money
from payments.models import Charge
from payments.services.adjustments import Plan, Way


def consequences(plan: Plan, charge: Charge | None) -> list[str]:
    total = Money(plan.lines.after.total, plan.currency)
    if charge is None:
        return [
            (_("The trip leaves the review, and %(total)s is asked for.") % {"total": total})
            if total
            else _("Nothing is to be paid.")
        ]
    match plan.way:
        case Way.ASK:
            was = Money(charge.amount, plan.currency)
            return [
                _("Nothing is taken yet: %(collector)s is asked for %(total)s instead of %(was)s.")
                % {"collector": charge.collector, "total": total, "was": was}
            ]
        case Way.RELEASE:
            return [_("Nothing is to be paid any more, and nothing is taken: what is held is released.")]
        case Way.WAIT:
            return [
                _("It was refused before, and nothing was taken. “Try again” on the trip's page asks for %(total)s.")
                % {"total": total}
            ]
        case _:
            return _of_lower_total(plan, charge) or [_("No money moves: the total stays the same.")]


def _of_lower_total(plan: Plan, charge: Charge) -> list[str]:
    def worth(amount: Decimal) -> Money:
        return Money(amount, plan.currency)

    follows = plan.money
    said = []
    if follows.lowers_debt:
        owed = charge.outstanding - follows.lowers_debt
        then = (_("%(worth)s is still owed") % {"worth": worth(owed)}) if owed else _("nothing is owed any more")
        said.append(
            _("The shopper owes %(worth)s less: %(then)s.") % {"worth": worth(follows.lowers_debt), "then": then}
        )
    if follows.gives_back:
        how = _("somebody else must approve it first") if plan.needs_approval else _("it is sent at once")
        said.append(
            _("A refund of %(worth)s is asked for; %(how)s.") % {"worth": worth(follows.gives_back), "how": how}
        )
    if follows.given_already:
        said.append(
            _("%(worth)s was refunded before already, and is not given back again.")
            % {"worth": worth(follows.given_already)}
        )
    return said
