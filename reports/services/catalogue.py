"""What the catalogues of all stores have in common."""

from django.db.models import F, Max, Min

from stores.models import Product


def every_sku_has_one_category() -> bool:
    """The same in each store that has it. One statement."""
    skus = Product.objects.order_by().values("sku").annotate(first=Min("category"), last=Max("category"))
    return not skus.exclude(first=F("last")).exists()
