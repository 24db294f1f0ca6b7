"""Who is at the gate: members and their codes, what was scanned, points and promotions."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from stores.models import Store


class MemberKind(models.TextChoices):
    """Amazon: verify_identity_keys. An associate gets in without a cart being made for them."""

    SHOPPER = "SHOPPER", "shopper"
    ASSOCIATE = "ASSOCIATE", "associate"


class Member(models.Model):
    """A shopper or an associate whom the retailer knows, keyed by the retailer's own id.

    Anonymised, the row and its trips stay, and everything that says who it was is gone.
    """

    external_id = models.CharField(
        max_length=255, unique=True, help_text="Your own id for this person; Amazon gets it as the shopper's id."
    )
    kind = models.CharField(max_length=10, choices=MemberKind.choices, default=MemberKind.SHOPPER)
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField("e-mail", blank=True)
    phone = models.CharField(max_length=32, blank=True, help_text="With country code, such as +4420….")
    tier = models.CharField(max_length=50, blank=True)
    blocked_at = models.DateTimeField(null=True, editable=False)
    block_reason = models.CharField(max_length=300, blank=True, editable=False)
    anonymized_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["phone"], name="member_by_phone", condition=~Q(phone="")),
            models.Index(fields=["email"], name="member_by_email", condition=~Q(email="")),
            models.Index(fields=["-id"], name="member_blocked", condition=Q(blocked_at__isnull=False)),
        ]
        permissions = [
            ("block_member", "Can block a member and let them in again"),
            ("anonymize_member", "Can erase a member's personal data"),
            ("view_personal_data", "Can see names, e-mail addresses and phone numbers"),
        ]

    def __str__(self) -> str:
        return self.external_id

    @property
    def is_blocked(self) -> bool:
        return self.blocked_at is not None


class Code(models.Model):
    """What a scanner reads off a card, a badge or a static QR code, as plain text. Stands for one member."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="codes")
    value = models.CharField(max_length=255, unique=True)
    is_loyalty_only = models.BooleanField(
        "loyalty card only", default=False, help_text="Collects points, but opens no gate."
    )

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.value


class ScanKey(models.Model):
    """A code that the retailer's app shows for some seconds. Only its digest is kept. Amazon: mobile_app_entry."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="scan_keys")
    digest = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"scan key of {self.member_id}"


class Promotion(models.Model):
    """An id that Amazon is told for a member of a tier (or of any). Amazon: get_scan_details, promotionIds."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="promotions")
    promotion_id = models.CharField(max_length=255)
    tier = models.CharField(max_length=50, blank=True, help_text="Empty: every member.")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["store", "promotion_id"]
        constraints = [
            models.UniqueConstraint(fields=["store", "promotion_id", "tier"], name="one_row_per_promotion_and_tier")
        ]

    def __str__(self) -> str:
        return self.promotion_id


class Scan(models.Model):
    """A code that was presented, and what Amazon was answered: the same again for the same call."""

    class Kind(models.TextChoices):
        IDENTITY = "identity", "at the gate"  # Amazon: verify_identity_keys
        LOYALTY = "loyalty", "loyalty"  # Amazon: resolve_scan

    kind = models.CharField(max_length=10, choices=Kind.choices)
    request_id = models.CharField(max_length=36, blank=True, help_text="Empty where it is no UUID.")
    event_id = models.CharField(max_length=255, help_text="Amazon's id of the scan; the cart names it again.")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="scans")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="scans")
    shown = models.CharField(max_length=20, help_text="The last characters of the code, for staff who look for it.")
    location = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField(help_text="When Amazon says that it was scanned.")
    received_at = models.DateTimeField(db_default=Now())
    is_accepted = models.BooleanField()
    reason = models.CharField(max_length=200, blank=True, help_text="Why it was refused.")
    resolved_id = models.CharField(max_length=255, blank=True)
    resolved_type = models.CharField(max_length=10, blank=True)

    class Meta:
        ordering = ["-received_at", "-id"]
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="scan_by_time"),
            models.Index(fields=["store", "-received_at", "-id"], name="scan_by_store"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "request_id"], condition=~Q(request_id=""), name="one_scan_per_request"
            ),
            # A loyalty scan's id may be the code itself (Amazon: faq), which comes again; a gate's event does not.
            models.UniqueConstraint(fields=["event_id"], condition=Q(kind="identity"), name="one_scan_per_gate_event"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.event_id}"


class PointsEntry(models.Model):
    """A change of a member's points. Append-only; the balance is the sum."""

    class Kind(models.TextChoices):
        EARNED = "earned", "earned"
        TAKEN_BACK = "taken_back", "taken back"
        CORRECTED = "corrected", "corrected by staff"

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="points_entries")
    at = models.DateTimeField(db_default=Now())
    kind = models.CharField(max_length=10, choices=Kind.choices)
    points = models.BigIntegerField()
    rate = models.DecimalField(
        "points per unit of money",
        max_digits=8,
        decimal_places=4,
        null=True,
        help_text="As the store had it when the trip was settled: what comes back is reckoned by it.",
    )
    reference = models.CharField(max_length=300, unique=True, help_text="What it is for; nothing counts twice.")
    amazon_trip_id = models.CharField(max_length=255, blank=True)
    actor = models.CharField(max_length=150, default="system")
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "id"]
        permissions = [("correct_points", "Can correct a member's points")]
        verbose_name_plural = "points entries"

    def __str__(self) -> str:
        return f"{self.points:+} ({self.get_kind_display()})"
