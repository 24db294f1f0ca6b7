"""The demo's stores and what they sell. Documentation relies on the ids, SKUs and prices that stand here."""

from dataclasses import dataclass
from decimal import Decimal

from loyalty.models import Promotion
from stores.models import Barcode, PaymentFlow, Processor, Product, Store


@dataclass(frozen=True, slots=True)
class Article:
    sku: str
    name: str
    price: str
    tax_rate: str = "0"
    unit: str = "unit"
    popularity: int = 5
    category: str = ""


CARD, COMBO, CHECKOUT = "DEMO-CARD", "DEMO-COMBO", "DEMO-CHECKOUT"
PREFIX = "DEMO-"
LOYALTY = "Demo Rewards"
REFUNDED_ALONE = Decimal("50.00")

BARCODES = {"WATER-500": "012345678905", "CHOC-BAR": "5000159461122", "CRISPS": "5000328000121"}

AMERICAN = (
    Article("WATER-500", "Still water 500 ml", "1.50", popularity=12, category="Drinks"),
    Article("SANDWICH-BLT", "BLT sandwich", "6.25", "10", popularity=9, category="Meals"),
    Article("COFFEE-LATTE", "Caffè latte", "4.20", "10", popularity=10, category="Hot drinks"),
    Article("COFFEE-BEANS-250", "Coffee beans 250 g", "9.90", popularity=1, category="Groceries"),
    Article("CROISSANT", "Butter croissant", "3.10", "10", popularity=7, category="Bakery"),
    Article("BANANA-KG", "Bananas", "1.89", unit="kg", popularity=4, category="Fruit"),
    Article("APPLE-JUICE", "Apple juice 330 ml", "2.75", category="Drinks"),
    Article("CHOC-BAR", "Chocolate bar", "1.95", "10", popularity=6, category="Snacks"),
    Article("YOGURT-150", "Yogurt 150 g", "1.35", popularity=4, category="Dairy"),
    Article("SALAD-CAESAR", "Caesar salad", "8.40", "10", category="Meals"),
    Article("CHIPS-SALT", "Salted chips", "2.15", "10", category="Snacks"),
    Article("GUM-MINT", "Mint chewing gum", "1.25", "10", popularity=3),
)
BRITISH = (
    Article("SANDWICH-BLT", "BLT sandwich", "4.00", "20", popularity=10, category="Meals"),
    Article("CRISPS", "Sea salt crisps", "1.20", "20", popularity=9, category="Snacks"),
    Article("TEA-EARLGREY", "Earl Grey tea", "1.80", "20", popularity=8, category="Hot drinks"),
    Article("SCONE", "Fruit scone", "2.10", "20", category="Bakery"),
    Article("SPARKLING-330", "Sparkling water 330 ml", "1.35", "20", popularity=8, category="Drinks"),
    Article("CHOC-BAR", "Chocolate bar", "1.10", "20", popularity=6, category="Snacks"),
    Article("FRUIT-POT", "Fruit pot", "2.60", "20", popularity=4, category="Fruit"),
    Article("SOUP-TOMATO", "Tomato soup", "3.75", "20", popularity=4, category="Meals"),
)
ARTICLES = {CARD: AMERICAN, COMBO: BRITISH, CHECKOUT: AMERICAN}


def _stores() -> list[Store]:
    collected, by_checkout = PaymentFlow.PAYMENT_SERVICE, PaymentFlow.CHECKOUT_SERVICE
    return [
        Store(
            external_id=CARD,
            name="Demo Card, New York",
            receipt_header="1 Demo Avenue, New York, NY 10001",
            loyalty_provider=LOYALTY,
            points_per_unit=1,
            region="us-east-1",
            time_zone="America/New_York",
            currency="USD",
            refund_approval_above=REFUNDED_ALONE,
            card_flow=collected,
            app_flow=collected,
        ),
        # Who comes in by app pays by house account.
        Store(
            external_id=COMBO,
            name="Demo Combo, London",
            receipt_header="2 Demo Street, London E1 6AN\nVAT GB 123 4567 89",
            loyalty_provider=LOYALTY,
            points_per_unit=1,
            has_dash_cart=True,
            region="eu-west-1",
            time_zone="Europe/London",
            currency="GBP",
            prices_include_tax=True,
            refund_approval_above=REFUNDED_ALONE,
            card_flow=collected,
            app_flow=PaymentFlow.OWN_PROCESSOR,
            processor=Processor.HOUSE_ACCOUNT,
        ),
        Store(
            external_id=CHECKOUT,
            name="Demo Checkout, Los Angeles",
            loyalty_provider=LOYALTY,
            points_per_unit=1,
            region="us-west-2",
            time_zone="America/Los_Angeles",
            currency="USD",
            card_flow=by_checkout,
            app_flow=by_checkout,
        ),
    ]


def create_stores() -> dict[str, Store]:
    """The three stores with products, barcodes and a promotion for every member, by external id."""
    stores = Store.objects.bulk_create(_stores())
    products = Product.objects.bulk_create(
        Product(
            store=store,
            sku=article.sku,
            name=article.name,
            price=Decimal(article.price),
            unit=article.unit,
            tax_rate=Decimal(article.tax_rate),
            category=article.category,
        )
        for store in stores
        for article in ARTICLES[store.external_id]
    )
    Barcode.objects.bulk_create(
        Barcode(store=product.store, product=product, code=BARCODES[product.sku])
        for product in products
        if product.sku in BARCODES
    )
    known = {store.external_id: store for store in stores}
    Promotion.objects.create(store=known[COMBO], promotion_id="PROMO-TEA")
    return known
