"""The retailer's systems say that a shopper contests a cart."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from payments.models import ContestedCart
from payments.services.contests import claims_of_skus, open_contest
from reports.api.correction_serializers import ContestRequestSerializer, ContestSerializer
from reports.api.looks import note_message_looks
from reports.api.permissions import OpensContests
from reports.api.trips import trips_of


class ContestsView(APIView):
    """Note that the shopper contests the cart; somebody of the staff decides.

    The same `contest_id` again notes nothing more: the contest that stands is the answer.
    """

    permission_classes = [OpensContests]

    @extend_schema(
        operation_id="contest_cart",
        request=ContestRequestSerializer,
        responses={
            201: ContestSerializer,
            200: ContestSerializer,
            400: OpenApiResponse(description="The request makes no sense; says which field."),
            409: OpenApiResponse(description="The cart is not priced yet, or the id stands for another contest."),
        },
    )
    def post(self, request: Request, trip_id: str) -> Response:
        trip = get_object_or_404(trips_of(request).select_related("store"), amazon_trip_id=trip_id)
        asked = ContestRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        key = asked.validated_data["contest_id"]
        is_known = ContestedCart.objects.filter(key=key).exists()
        contest = open_contest(
            trip,
            claims_of_skus(trip, asked.validated_data.get("lines", {})),
            key=key,
            message=asked.validated_data["message"],
            actor=str(request.user),
        )
        note_message_looks(request, [trip])
        return Response(ContestSerializer(contest, context={"request": request}).data, status=200 if is_known else 201)
