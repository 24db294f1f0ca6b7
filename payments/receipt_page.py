"""A receipt on the web: whoever has its address may see it, so nothing in between may keep or pass on the address."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from core.qr import qr_svg
from payments.models import Receipt
from payments.services.receipt_content import load_receipt

_HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


@require_safe
def receipt_page(request: HttpRequest, token: str) -> HttpResponse:
    """The templates do not get the request: nothing here reads a session, so none is begun."""
    try:
        content = load_receipt(token=token)
    except Receipt.DoesNotExist:
        return HttpResponse(render_to_string("receipts/unknown.html"), status=404, headers=_HEADERS)
    context = content.context | {"qr": qr_svg(content.address) if content.address else ""}
    return HttpResponse(render_to_string("receipts/page.html", context), headers=_HEADERS)
