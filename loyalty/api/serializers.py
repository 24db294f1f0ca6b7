"""What the retailer's systems read of a member, and what they send. The rules are those of loyalty.member_data."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from loyalty.api.permissions import may_see_personal_data
from loyalty.member_data import LONGEST, CodeData, MemberData
from loyalty.models import Member, MemberKind

# Null in an answer: the staff who ask have no right to see it.
PERSONAL = ("name", "email", "phone")


class CodeSerializer(serializers.Serializer[Any]):
    value = serializers.CharField(max_length=LONGEST["code"])
    is_loyalty_only = serializers.BooleanField(required=False, default=False)


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "maxLength": LONGEST["code"]},
            {
                "type": "object",
                "properties": {
                    "value": {"type": "string", "maxLength": LONGEST["code"]},
                    "is_loyalty_only": {"type": "boolean", "default": False},
                },
                "required": ["value"],
            },
        ]
    }
)
class CodeField(serializers.Field[CodeData, Any, Any, Any]):
    """A code alone as text, or an object that also says whether it only collects points."""

    def to_internal_value(self, data: Any) -> CodeData:
        code = CodeSerializer(data=data if isinstance(data, dict) else {"value": data})
        code.is_valid(raise_exception=True)
        return CodeData(code.validated_data["value"], code.validated_data["is_loyalty_only"])

    def to_representation(self, value: CodeData) -> Any:
        return {"value": value.value, "is_loyalty_only": value.is_loyalty_only}


class MemberSerializer(serializers.Serializer[Member]):
    """`points` is the balance; `anonymized` says that the personal data were erased on the member's request."""

    external_id = serializers.CharField()
    name = serializers.CharField(allow_null=True)
    kind = serializers.ChoiceField(MemberKind.choices)
    codes = CodeSerializer(many=True)
    email = serializers.CharField(allow_null=True)
    phone = serializers.CharField(allow_null=True)
    tier = serializers.CharField()
    points = serializers.IntegerField()
    blocked = serializers.BooleanField()
    anonymized = serializers.BooleanField()
    created_at = serializers.DateTimeField()

    def to_representation(self, member: Any) -> dict[str, Any]:
        is_open = may_see_personal_data(self.context["request"])
        return {
            "external_id": member.external_id,
            **{field: getattr(member, field) if is_open else None for field in PERSONAL},
            "kind": member.kind,
            "codes": [{"value": code.value, "is_loyalty_only": code.is_loyalty_only} for code in member.codes.all()],
            "tier": member.tier,
            "points": member.points,
            "blocked": member.is_blocked,
            "anonymized": member.anonymized_at is not None,
            "created_at": member.created_at,
        }


class MemberChangeSerializer(serializers.Serializer[Any]):
    """What is left out stays as it is. `codes` are all the codes that the member has from then on."""

    external_id = serializers.CharField(required=False, help_text="May be sent, but cannot be changed.")
    name = serializers.CharField(required=False, allow_blank=True)
    kind = serializers.ChoiceField(MemberKind.choices, required=False)
    codes = serializers.ListField(child=CodeField(), required=False, max_length=100)
    email = serializers.CharField(required=False, allow_blank=True)
    phone = serializers.CharField(required=False, allow_blank=True)
    tier = serializers.CharField(required=False, allow_blank=True)

    @property
    def said(self) -> MemberData:
        values = {name: value for name, value in self.validated_data.items() if name in MemberData.__slots__}
        if "codes" in values:
            values["codes"] = tuple(values["codes"])
        return MemberData(**values)


class NewMemberSerializer(MemberChangeSerializer):
    external_id = serializers.CharField(help_text="Your own id for this person, without “/”.")


class ScanKeySerializer(serializers.Serializer[Any]):
    scan_key = serializers.CharField(help_text="The text to show as a QR code.")
    expires_at = serializers.DateTimeField(help_text="From then on it opens no gate.")
