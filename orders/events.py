"""News that apps above may listen to."""

from django.dispatch import Signal

# Sent in the transaction that priced a trip. Argument: trip.
trip_priced = Signal()

# Sent in the transaction that found whose earlier trips these are. Argument: trips, each with its member.
trips_linked = Signal()

# Sent in the transaction that added a note for colleagues. Arguments: trip, note (a TripEvent), mentioned (usernames of
# those who are named with an @ and see the trip).
trip_noted = Signal()
