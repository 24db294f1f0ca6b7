"""Trips for the retailer's own systems."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from orders.models import Trip
from payments.models import Refund
from payments.services.refundable import quantities_of_skus
from payments.services.refunds import request_refund
from payments.services.trips import with_money
from reports.api.filters import TripFilter
from reports.api.looks import note_message_looks
from reports.api.permissions import ReadsTrips, RequestsRefunds
from reports.api.serializers import RefundRequestSerializer, RefundSerializer, TripSerializer
from reports.api.trips import trips_of


class NewestFirst(CursorPagination):
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering = ("-received_at", "-id")


class TripListView(generics.ListAPIView[Trip]):
    """Trips, newest first, in pages of `page_size` (50, at most 200): follow `next`."""

    permission_classes = [ReadsTrips]
    serializer_class = TripSerializer
    pagination_class = NewestFirst
    filterset_class = TripFilter

    def get_queryset(self) -> QuerySet[Trip]:
        return with_money(trips_of(self.request))

    def paginate_queryset(self, queryset: Any) -> list[Any] | None:
        trips = super().paginate_queryset(queryset)
        note_message_looks(self.request, trips or ())
        return trips

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        known = {*TripFilter.get_filters(), "cursor", "page_size"}
        if unknown := set(request.query_params) - known:
            names = ", ".join(sorted(known))
            raise ValidationError({name: [f"No such filter. There are: {names}."] for name in sorted(unknown)})
        return super().list(request, *args, **kwargs)


class TripView(generics.RetrieveAPIView[Trip]):
    """One trip, by Amazon's id."""

    permission_classes = [ReadsTrips]
    serializer_class = TripSerializer
    lookup_field = "amazon_trip_id"
    lookup_url_kwarg = "trip_id"

    def get_queryset(self) -> QuerySet[Trip]:
        return with_money(trips_of(self.request))

    def get_object(self) -> Trip:
        trip = super().get_object()
        note_message_looks(self.request, [trip])
        return trip


class RefundsView(APIView):
    """Give money back. The same `refund_request_id` again gives nothing more: the refund that stands is the answer.

    One above the store's limit is `pending_approval` until somebody has approved it, or not. What Amazon's checkout
    service has collected cannot be refunded here.
    """

    permission_classes = [RequestsRefunds]

    @extend_schema(
        operation_id="request_refund",
        request=RefundRequestSerializer,
        responses={
            201: RefundSerializer,
            200: RefundSerializer,
            400: OpenApiResponse(description="The request makes no sense; says which field."),
            409: OpenApiResponse(description="The trip does not allow this refund now; says why."),
        },
    )
    def post(self, request: Request, trip_id: str) -> Response:
        trip = get_object_or_404(trips_of(request), amazon_trip_id=trip_id)
        asked = RefundRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        key, lines = asked.validated_data["refund_request_id"], asked.validated_data.get("lines")
        is_known = Refund.objects.filter(refund_request_id=key).exists()
        refund = request_refund(
            trip,
            refund_request_id=key,
            actor=str(request.user),
            reason=asked.validated_data["reason"],
            amount=asked.validated_data.get("amount"),
            quantities=lines and quantities_of_skus(trip, lines, refund_request_id=key),
            note=asked.validated_data["note"],
        )
        return Response(RefundSerializer(refund).data, status=200 if is_known else 201)
