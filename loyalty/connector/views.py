"""POST /v1/identity/…: what Amazon asks about codes."""

from django.http import HttpResponse

from amazon.inbound.errors import NotFound, Unauthorized
from amazon.inbound.schema import documented
from amazon.inbound.views import ConnectorView, answer
from loyalty.services.identification import get_shopper, resolve_scan, scan_details, verify_identity_key
from loyalty.services.rate_limit import count_call
from loyalty.wire import (
    GetScanDetailsRequest,
    GetScanDetailsResponse,
    GetShopperRequest,
    GetShopperResponse,
    ResolveScanRequest,
    ResolveScanResponse,
    ScanType,
    ShopperId,
    VerifyIdentityKeysRequest,
    VerifyIdentityKeysResponse,
    VisitorDetails,
    VisitorType,
    get_scan_details_decoder,
    get_shopper_decoder,
    resolve_scan_decoder,
    verify_identity_keys_decoder,
)


@documented("verifyIdentityKeys", request=VerifyIdentityKeysRequest, success=200, response=VerifyIdentityKeysResponse)
class VerifyIdentityKeysView(ConnectorView):
    """Whether the holder of a code may come in: 200 opens the gate, 401 does not. Amazon: verify_identity_keys."""

    decoder = verify_identity_keys_decoder

    def handle(self, request: VerifyIdentityKeysRequest, body: bytes) -> HttpResponse:
        count_call(request.store_id)
        outcome = verify_identity_key(request)
        if not outcome.is_accepted:  # why, is told to staff only
            raise Unauthorized("this code does not open the gate")
        return answer(200, VerifyIdentityKeysResponse(VisitorDetails(outcome.id, VisitorType(outcome.type))))


@documented("resolveScan", request=ResolveScanRequest, success=200, response=ResolveScanResponse)
class ResolveScanView(ConnectorView):
    """Whom a code stands for. A code that nobody has is a 200 as well, with REJECT. Amazon: resolve_scan, faq."""

    decoder = resolve_scan_decoder

    def handle(self, request: ResolveScanRequest, body: bytes) -> HttpResponse:
        outcome = resolve_scan(request)
        kind = ScanType(outcome.type)
        return answer(200, ResolveScanResponse(outcome.id, kind, "ACCEPT" if outcome.is_accepted else "REJECT"))


@documented(
    "getScanDetails", request=GetScanDetailsRequest, success=200, response=GetScanDetailsResponse, errors=(404,)
)
class GetScanDetailsView(ConnectorView):
    """The loyalty programme behind an accepted scan, and its promotions. Amazon: get_scan_details."""

    decoder = get_scan_details_decoder

    def handle(self, request: GetScanDetailsRequest, body: bytes) -> HttpResponse:
        details = scan_details(request)
        if details is None:
            raise NotFound("no loyalty programme of this store knows this id")
        return answer(200, GetScanDetailsResponse(details.provider, details.promotion_ids))


@documented("getShopper", request=GetShopperRequest, success=200, response=GetShopperResponse, errors=(404,))
class GetShopperView(ConnectorView):
    """Whom an associate, or a Dash Cart, has before it. Amazon: get_shopper."""

    decoder = get_shopper_decoder

    def handle(self, request: GetShopperRequest, body: bytes) -> HttpResponse:
        shopper = get_shopper(request)
        if shopper is None:
            raise NotFound("this key stands for no shopper")
        details = VisitorDetails(shopper.id, VisitorType(shopper.kind))
        return answer(200, GetShopperResponse(details, ShopperId(shopper.id), shopper.id))
