"""“Choose product”: staff say what an item that could not be priced was."""

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Conflict
from core.languages import Words
from orders.models import Line
from orders.pricing import same_unit
from orders.services.pricing import choose_product
from orders.states import TripState
from payments.admin.trip_action import ConfirmActionView
from stores.models import Product

MOST_SHOWN = 20


class ChooseProductView(ConfirmActionView):
    url_name = "choose_product"
    right = "orders.change_trip"
    template_name = "admin/trips/choose_product.html"
    title = gettext_lazy("Choose product")

    product: Product | None = None

    def get(self, request: HttpRequest, **which: int) -> HttpResponse:
        return self._ask(request)

    def post(self, request: HttpRequest, **which: int) -> HttpResponse:
        self._line()
        chosen = request.POST.get("product", "")
        self.product = self._products().filter(pk=chosen).first() if chosen.isdecimal() else None
        if self.product is None:
            messages.error(request, _("Choose one of the products of %(store)s.") % {"store": self.trip.store})
            return self._ask(request)
        return super().post(request, **which)

    def act(self, actor: str) -> Words:
        line = self._line()
        if self.product is None:
            raise Conflict(_("No product is chosen."))
        choose_product(line, self.product, actor=actor)
        return format_lazy(gettext_lazy("{sku} is {product}."), sku=line.sku, product=self.product)

    def _ask(self, request: HttpRequest) -> HttpResponse:
        line = self._line()
        term = (request.POST.get("q") or request.GET.get("q") or "").strip()
        found = list(search_products(self._products(), term)[: MOST_SHOWN + 1])
        return self.page(
            request,
            line=line,
            term=term,
            products=[(product, same_unit(product.unit, line.unit)) for product in found[:MOST_SHOWN]],
            has_more=len(found) > MOST_SHOWN,
            obstacle="" if self.trip.state == TripState.REVIEW else _("This trip is not in review any more."),
        )

    def _products(self) -> QuerySet[Product]:
        return Product.objects.filter(store=self.trip.store_id)

    def _line(self) -> Line:
        line = Line.objects.filter(pk=self.kwargs["line_pk"], trip=self.trip).first()
        if line is None:
            raise Http404("This trip has no such line.")
        return line


def search_products(products: QuerySet[Product], term: str) -> QuerySet[Product]:
    """By a part of the name or the SKU, or by a whole barcode."""
    if not term:
        return products
    by_code = products.filter(barcodes__code=term).values("pk")
    return products.filter(Q(name__icontains=term) | Q(sku__icontains=term) | Q(pk__in=by_code))
