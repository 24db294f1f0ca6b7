"""How members are picked."""

import django_filters
from django.db.models import QuerySet

from loyalty.models import Member, MemberKind


class MemberFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=MemberKind.choices)
    code = django_filters.CharFilter(method="with_code", help_text="The whole code.")

    class Meta:
        model = Member
        fields = ["kind", "code"]

    def with_code(self, members: QuerySet[Member], name: str, value: str) -> QuerySet[Member]:
        return members.filter(codes__value=value)
