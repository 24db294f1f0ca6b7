"""QR codes on pages."""

import segno
from django.utils.safestring import SafeString


def qr_svg(text: str) -> SafeString:
    """The plain text of a code: the gate's scanner reads it, and Amazon sends it to us in Base64."""
    drawing: str = segno.make_qr(text).svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=True)
    return SafeString(drawing)
