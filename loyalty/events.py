"""News that apps above may listen to."""

from django.dispatch import Signal

# Sent in the transaction in which a member, or another id of theirs, became known. Arguments: member, ids (a set).
member_known = Signal()

# Sent in the transaction that erases a member's personal data, while they still stand. Arguments: member, ids (a set:
# every text that named them) and replacement (what stands in place of their external id from then on).
member_anonymized = Signal()
