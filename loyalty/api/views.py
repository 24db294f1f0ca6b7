"""Members for the retailer's own systems, keyed by the retailer's id."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.rights import refusal
from loyalty.api.filters import MemberFilter
from loyalty.api.permissions import PERSONAL as PERSONAL_RIGHT
from loyalty.api.permissions import IssuesScanKeys, UsesMembers, may_see_personal_data
from loyalty.api.serializers import (
    PERSONAL,
    MemberChangeSerializer,
    MemberSerializer,
    NewMemberSerializer,
    ScanKeySerializer,
)
from loyalty.models import Member
from loyalty.services.member_search import with_points
from loyalty.services.members import Outcome, change_member, register_member
from loyalty.services.scan_keys import issue_scan_key, issued_at
from staff.models import User
from staff.services.personal_data import note_looks

_MALFORMED = OpenApiResponse(description="The request makes no sense; says which field.")
_NOT_FOUND = OpenApiResponse(description="No member has this external id.")


class NewestFirst(CursorPagination):
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering = ("-id",)


class MembersView(generics.ListAPIView[Member]):
    """Members, newest first, in pages of `page_size` (50, at most 200): follow `next`."""

    permission_classes = [UsesMembers]
    serializer_class = MemberSerializer
    pagination_class = NewestFirst
    filterset_class = MemberFilter

    def get_queryset(self) -> QuerySet[Member]:
        return with_points(Member.objects.prefetch_related("codes"))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        known = {*MemberFilter.get_filters(), "cursor", "page_size"}
        if unknown := set(request.query_params) - known:
            names = ", ".join(sorted(known))
            raise ValidationError({name: [f"No such filter. There are: {names}."] for name in sorted(unknown)})
        answer = super().list(request, *args, **kwargs)
        _note_looks(request, answer.data["results"])
        return answer

    @extend_schema(
        operation_id="create_member",
        request=NewMemberSerializer,
        responses={
            201: MemberSerializer,
            200: OpenApiResponse(MemberSerializer, description="The member stands so already."),
            400: _MALFORMED,
            409: OpenApiResponse(description="The member exists with other content; says which field."),
        },
    )
    def post(self, request: Request) -> Response:
        """Create a member. The same request again finds the member unchanged, which is 200."""
        asked = NewMemberSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        _refuse_hidden_fields(request)
        saved = register_member(asked.validated_data["external_id"], asked.said, actor=str(request.user))
        return _answer(request, saved.member, status=201 if saved.outcome == Outcome.CREATED else 200)


class MemberView(APIView):
    """One member, by the retailer's id."""

    permission_classes = [UsesMembers]

    @extend_schema(operation_id="get_member", responses={200: MemberSerializer, 404: _NOT_FOUND})
    def get(self, request: Request, external_id: str) -> Response:
        return _answer(request, get_object_or_404(Member, external_id=external_id))

    @extend_schema(
        operation_id="change_member",
        request=MemberChangeSerializer,
        responses={
            200: MemberSerializer,
            400: _MALFORMED,
            404: _NOT_FOUND,
            409: OpenApiResponse(description="The member's personal data were erased."),
        },
    )
    def patch(self, request: Request, external_id: str) -> Response:
        """Change what is given and leave the rest."""
        member = get_object_or_404(Member, external_id=external_id)
        asked = MemberChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        _refuse_hidden_fields(request)
        if asked.validated_data.get("external_id", external_id) != external_id:
            raise ValidationError({"external_id": ["An external id cannot be changed."]})
        return _answer(request, change_member(member, asked.said, actor=str(request.user)))


class ScanKeyView(APIView):
    """A code that opens the gate for some seconds, for the retailer's app to show."""

    permission_classes = [IssuesScanKeys]

    @extend_schema(
        operation_id="issue_scan_key",
        request=None,
        responses={
            201: ScanKeySerializer,
            404: _NOT_FOUND,
            409: OpenApiResponse(description="The member is blocked, or their personal data were erased."),
        },
    )
    def post(self, request: Request, external_id: str) -> Response:
        key = issue_scan_key(get_object_or_404(Member, external_id=external_id))
        issued = issued_at(key)
        assert issued is not None  # noqa: S101
        expires_at = issued + timedelta(seconds=settings.SCAN_KEY_SECONDS)
        answer = Response(ScanKeySerializer({"scan_key": key, "expires_at": expires_at}).data, status=201)
        answer["Cache-Control"] = "no-store"
        return answer


def _answer(request: Request, member: Member, status: int = 200) -> Response:
    row = with_points(Member.objects.prefetch_related("codes")).get(pk=member.pk)
    content = MemberSerializer(row, context={"request": request}).data
    _note_looks(request, [content])
    return Response(content, status=status)


def _note_looks(request: Request, answered: Iterable[Mapping[str, Any]]) -> None:
    """Of people; what the retailer's systems do with their own members is not ours to watch."""
    if isinstance(request.user, User):
        shown = [member["external_id"] for member in answered if any(member[field] for field in PERSONAL)]
        note_looks(request.user.get_username(), shown, page="/api/v1/members/")


def _refuse_hidden_fields(request: Request) -> None:
    """Who may not see a name cannot find it out, or overwrite it, by sending one."""
    sent = [field for field in PERSONAL if field in request.data]
    if sent and not may_see_personal_data(request):
        raise PermissionDenied(f"{refusal(PERSONAL_RIGHT)} Or leave out {', '.join(sent)}.")
