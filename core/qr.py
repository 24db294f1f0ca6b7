"""QR codes on pages."""

import segno
from django.utils.safestring import SafeString


def qr_svg(text: str) -> SafeString:
    """Of a plain text: a code that a scanner reads, or an address. In black on white whatever the theme."""
    drawing: str = segno.make_qr(text).svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=True)
    return SafeString(drawing)
