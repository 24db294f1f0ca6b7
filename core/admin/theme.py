"""What a page of our own needs to look like the admin, without its sidebar and what that asks the database for."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


def theme(request: HttpRequest) -> dict[str, Any]:
    """For templates that extend unfold/layouts/skeleton.html."""
    site: Any = admin.site
    return {
        "site_title": site._get_config("SITE_TITLE", request),
        "site_favicons": site._get_favicons("SITE_FAVICONS", request),
        "theme": site._get_config("THEME", request),
        "colors": site._get_colors("COLORS", request),
        "border_radius": site._get_config("BORDER_RADIUS", request),
        "styles": site._get_list("STYLES", request),
    }
