"""Who takes the money where Amazon does not: one module for each, all of the shape in processor.py."""

import stores.models
from payments.processors import house_account, stripe
from payments.processors.processor import Processor

PROCESSORS: dict[str, Processor] = {
    stores.models.Processor.HOUSE_ACCOUNT: house_account,
    stores.models.Processor.STRIPE: stripe,
}
