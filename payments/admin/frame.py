"""What every page of the admin tells besides its own: what keeps the shops from running, how many trips need a look.
One statement for all of it.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.admin.paging import bounded, bounded_rows
from core.pulse import Pulse, pulse
from orders.models import Trip
from payments.services.attention import needs_a_look

MOST_COUNTED = 99


def on_every_page(request: HttpRequest) -> dict[str, Any]:
    """For whoever works here: what keeps the shops from running."""
    if not (request.user.is_active and getattr(request.user, "is_staff", False)):
        return {}
    now = pulse_for(request)
    return {"pulse": now, "outages": _outages(now)}


def how_many_need_a_look(request: HttpRequest) -> int:
    """At the stores that this person sees, counted no further than MOST_COUNTED."""
    return bounded(pulse_for(request).counts["needs_a_look"], MOST_COUNTED)


def pulse_for(request: Any) -> Pulse:
    """Asked for once a request."""
    if not hasattr(request, "pulse"):
        person = request.user
        trips = needs_a_look(seen_by=person) if person.has_perm("orders.view_trip") else Trip.objects.none()
        request.pulse = pulse(needs_a_look=bounded_rows(trips, MOST_COUNTED))
    found: Pulse = request.pulse
    return found


def _outages(now: Pulse) -> list[str]:
    found = []
    if not settings.CONNECTOR_API_KEYS:
        found.append(
            _(
                "Every call of Amazon's is refused: no key is set (CONNECTOR_API_KEYS). No gate is answered and no "
                "cart comes in."
            )
        )
    if now.stuck:
        kinds = ", ".join(now.stuck)
        since = min(now.stuck.values())
        found.append(
            _(
                "Work waits since %(since)s UTC and nobody does it: %(kinds)s. Nothing is lost, but it is not done "
                "before a worker runs again."
            )
            % {"since": f"{since:%H:%M}", "kinds": kinds}
        )
    elif now.is_silent:
        found.append(
            _(
                "Nothing has woken the workers since %(heartbeat)s UTC. What comes now waits until beat and a worker "
                "run again."
            )
            % {"heartbeat": f"{now.heartbeat:%H:%M}"}
        )
    return found
