"""News that apps above may listen to."""

from django.dispatch import Signal

# Sent in the transaction that priced a trip. Argument: trip.
trip_priced = Signal()
