"""Who is at the gate: members and their codes, what was scanned, points and promotions."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from core.actors import BY_PEOPLE
from core.history import History
from core.indexes import AppendedIndex
from stores.models import Store


class MemberKind(models.TextChoices):
    """Amazon: verify_identity_keys. An associate gets in without a cart being made for them."""

    SHOPPER = "SHOPPER", _("shopper")
    ASSOCIATE = "ASSOCIATE", _("associate")


class Member(models.Model):
    """A shopper or an associate whom the retailer knows, keyed by the retailer's own id.

    Anonymised, the row and its trips stay, and everything that says who it was is gone.
    """

    external_id = models.CharField(
        _("external id"),
        max_length=255,
        unique=True,
        help_text=_("Your own id for this person; Amazon gets it as the shopper's id."),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=MemberKind.choices, default=MemberKind.SHOPPER)
    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True, help_text=_("With country code, such as +4420…."))
    tier = models.CharField(_("tier"), max_length=50, blank=True)
    blocked_at = models.DateTimeField(_("blocked at"), null=True, editable=False)
    block_reason = models.CharField(_("block reason"), max_length=300, blank=True, editable=False)
    anonymized_at = models.DateTimeField(_("anonymized at"), null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["phone"], name="member_by_phone", condition=~Q(phone="")),
            models.Index(fields=["email"], name="member_by_email", condition=~Q(email="")),
            models.Index(Upper("name"), name="member_by_name", condition=~Q(name="")),
            models.Index(fields=["-id"], name="member_blocked", condition=Q(blocked_at__isnull=False)),
            AppendedIndex(fields=["created_at"], name="member_by_time"),
        ]
        permissions = [
            ("block_member", gettext_noop("Can block a member and let them in again")),
            ("anonymize_member", gettext_noop("Can erase a member's personal data")),
            (
                "view_personal_data",
                gettext_noop("Can see names, e-mail addresses, phone numbers and what shoppers write"),
            ),
        ]
        verbose_name = _("member")
        verbose_name_plural = _("members")

    def __str__(self) -> str:
        return self.external_id

    @property
    def is_blocked(self) -> bool:
        return self.blocked_at is not None

    @property
    def has_personal_data(self) -> bool:
        """Something that only who may see personal data is shown."""
        return bool(self.name or self.email or self.phone)


class MemberEvent(models.Model):
    """What was done to a member from outside, by the API or by a file; what staff do by hand stands in the admin's log.

    Append-only. It names fields and keeps no value, so that there is nothing in it to erase.
    """

    class Kind(models.TextChoices):
        ADDED_BY_API = "added_by_api", _("Added through the API")
        CHANGED_BY_API = "changed_by_api", _("Changed through the API")
        ADDED_BY_FILE = "added_by_file", _("Added by a file")
        CHANGED_BY_FILE = "changed_by_file", _("Changed by a file")

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="events", db_index=False)
    at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=150, blank=True, help_text="Empty: nobody was signed in.")
    reason = models.CharField(max_length=100, blank=True, help_text="What did it, where nobody was signed in.")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    fields = models.CharField(max_length=200, blank=True, help_text="What is something else now.")

    class Meta:
        ordering = ["at", "id"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["-at", "-id"], name="member_event_by_time"),
            models.Index(fields=["actor", "-at", "-id"], name="member_event_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.member_id}"


class Code(models.Model):
    """What a scanner reads off a card, a badge or a static QR code, as plain text. Stands for one member."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="codes", verbose_name=_("member"))
    value = models.CharField(_("value"), max_length=255, unique=True)
    is_loyalty_only = models.BooleanField(
        _("loyalty card only"), default=False, help_text=_("Collects points, but opens no gate.")
    )

    class Meta:
        ordering = ["id"]
        verbose_name = _("code")
        verbose_name_plural = _("codes")

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

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="promotions", verbose_name=_("store"))
    promotion_id = models.CharField(_("promotion id"), max_length=255)
    tier = models.CharField(_("tier"), max_length=50, blank=True, help_text=_("Empty: every member."))
    is_active = models.BooleanField(_("is active"), default=True)

    history = History(store="store")

    class Meta:
        ordering = ["store", "promotion_id"]
        constraints = [
            models.UniqueConstraint(fields=["store", "promotion_id", "tier"], name="one_row_per_promotion_and_tier")
        ]
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")

    def __str__(self) -> str:
        return self.promotion_id


class Scan(models.Model):
    """A code that was presented, and what Amazon was answered: the same again for the same call."""

    class Kind(models.TextChoices):
        IDENTITY = "identity", _("at the gate")  # Amazon: verify_identity_keys
        LOYALTY = "loyalty", _("loyalty")  # Amazon: resolve_scan

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    request_id = models.CharField(_("request id"), max_length=36, blank=True, help_text=_("Empty where it is no UUID."))
    event_id = models.CharField(
        _("event id"), max_length=255, help_text=_("Amazon's id of the scan; the cart names it again.")
    )
    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="scans", db_index=False, verbose_name=_("store")
    )
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, related_name="scans", verbose_name=_("member")
    )
    shown = models.CharField(
        _("shown"), max_length=20, help_text=_("The last characters of the code, for staff who look for it.")
    )
    location = models.CharField(_("location"), max_length=20, blank=True)
    at = models.DateTimeField(_("at"), help_text=_("When Amazon says that it was scanned."))
    received_at = models.DateTimeField(_("received at"), db_default=Now())
    is_accepted = models.BooleanField(_("is accepted"))
    reason = models.CharField(_("reason"), max_length=200, blank=True, help_text=_("Why it was refused."))
    resolved_id = models.CharField(_("resolved id"), max_length=255, blank=True)
    resolved_type = models.CharField(_("resolved type"), max_length=10, blank=True)

    class Meta:
        ordering = ["-received_at", "-id"]
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="scan_by_time"),
            models.Index(fields=["store", "-received_at", "-id"], name="scan_by_store"),
            models.Index(fields=["-received_at", "-id"], name="scan_refused", condition=Q(is_accepted=False)),
            models.Index(
                fields=["store", "-received_at", "-id"],
                name="scan_refused_by_store",
                condition=Q(is_accepted=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "request_id"], condition=~Q(request_id=""), name="one_scan_per_request"
            ),
            # A loyalty scan's id may be the code itself (Amazon: faq), which comes again; a gate's event does not.
            models.UniqueConstraint(fields=["event_id"], condition=Q(kind="identity"), name="one_scan_per_gate_event"),
        ]
        verbose_name = _("scan")
        verbose_name_plural = _("scans")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.event_id}"


class PointsEntry(models.Model):
    """A change of a member's points. Append-only; the balance is the sum."""

    class Kind(models.TextChoices):
        EARNED = "earned", _("earned")
        TAKEN_BACK = "taken_back", _("taken back")
        CORRECTED = "corrected", _("corrected by staff")

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="points_entries", verbose_name=_("member")
    )
    at = models.DateTimeField(_("at"), db_default=Now())
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    points = models.BigIntegerField(_("points"))
    rate = models.DecimalField(
        _("points per unit of money"),
        max_digits=8,
        decimal_places=4,
        null=True,
        help_text=_("As the store had it when the trip was settled: what comes back is reckoned by it."),
    )
    reference = models.CharField(
        _("reference"), max_length=300, unique=True, help_text=_("What it is for; nothing counts twice.")
    )
    amazon_trip_id = models.CharField(_("amazon trip id"), max_length=255, blank=True)
    actor = models.CharField(_("actor"), max_length=150, default="system")
    note = models.TextField(_("note"), blank=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="points_by_people", condition=BY_PEOPLE),
            models.Index(fields=["actor", "-at", "-id"], name="points_by_person", condition=BY_PEOPLE),
        ]
        permissions = [("correct_points", gettext_noop("Can correct a member's points"))]
        verbose_name_plural = _("points entries")
        verbose_name = _("points entry")

    def __str__(self) -> str:
        return f"{self.points:+} ({self.get_kind_display()})"
