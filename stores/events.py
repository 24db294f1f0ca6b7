"""News that apps above may listen to."""

from django.dispatch import Signal

# Sent in the transaction that changed what a store sells or at which price. Argument: store_id.
assortment_changed = Signal()
