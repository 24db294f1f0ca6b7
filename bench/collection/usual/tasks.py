"""One task for each trip."""

import os
from decimal import Decimal

import requests
from celery import shared_task
from django.conf import settings
from requests_aws4auth import AWS4Auth

from bench.collection.usual.models import Event, Trip

TIMEOUT_SECONDS = 15


@shared_task(autoretry_for=(requests.RequestException,), retry_backoff=True, max_retries=10)
def collect(pk: int) -> None:
    trip = Trip.objects.get(pk=pk)
    if trip.state == Trip.State.PRICED:
        adjust(trip)
    if trip.state == Trip.State.AUTHORIZED:
        capture(trip)


def adjust(trip: Trip) -> None:
    answer = call("/v1/adjust/charge", trip, trip.total).json()
    approved = answer["status"] == "APPROVED"
    trip.state = Trip.State.AUTHORIZED if approved else Trip.State.DECLINED
    trip.save()
    Event.objects.create(trip=trip, kind=f"adjust {answer['status'].lower()}", amount=trip.total)


def capture(trip: Trip) -> None:
    trip.state = Trip.State.CAPTURING
    trip.save()
    call("/v1/capture/charge", trip, trip.total)
    trip.state = Trip.State.CAPTURED
    trip.captured = trip.total
    trip.save()
    Event.objects.create(trip=trip, kind="captured", amount=trip.captured)


def call(path: str, trip: Trip, amount: Decimal) -> requests.Response:
    response = requests.post(
        settings.AMAZON_URL + path,
        json={
            "storeId": settings.STORE_ID,
            "shoppingTripId": trip.amazon_trip_id,
            "amount": {"amount": float(amount), "code": trip.currency},
        },
        auth=AWS4Auth(
            os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"], settings.AMAZON_REGION, "execute-api"
        ),
        timeout=TIMEOUT_SECONDS,
    )
    response.raise_for_status()
    return response
