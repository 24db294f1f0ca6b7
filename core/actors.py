"""Who an event says did it: a person by their user name, the retailer's systems as “API”, or a machine of these."""

from django.db.models import Q

MACHINES = ("Amazon", "system", "Stripe", "house account", "fallback", "gate rules")
API = "API"
# What machines did is nearly all of it: an index under this condition holds the rest.
BY_PEOPLE = ~Q(actor__in=MACHINES)
# No person may be called so, or what they do would be taken for somebody else's.
TAKEN_NAMES = frozenset(name.casefold() for name in (*MACHINES, API))
