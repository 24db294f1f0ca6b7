"""The store that a call of Amazon's names."""

from amazon.wire import Malformed
from stores.models import Store


def store_named(external_id: str) -> Store:
    """Raises Malformed where no store here has this external id."""
    store = Store.objects.filter(external_id=external_id).first()
    if store is None:
        raise unknown_store(external_id)
    return store


def unknown_store(external_id: str) -> Malformed:
    return Malformed(f"storeId: “{external_id}” is not the external id of any store here")
