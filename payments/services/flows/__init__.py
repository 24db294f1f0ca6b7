"""How the money of a trip is collected: one module for each payment flow."""

from payments.services.flows import checkout_service, own_processor, payment_service
from payments.services.flows.flow import Flow
from stores.models import PaymentFlow

FLOWS: dict[str, Flow] = {
    PaymentFlow.PAYMENT_SERVICE: payment_service,
    PaymentFlow.CHECKOUT_SERVICE: checkout_service,
    PaymentFlow.OWN_PROCESSOR: own_processor,
}
