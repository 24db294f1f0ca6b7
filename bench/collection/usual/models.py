from django.db import models


class Trip(models.Model):
    class State(models.TextChoices):
        PRICED = "priced"
        AUTHORIZED = "authorized"
        CAPTURING = "capturing"
        CAPTURED = "captured"
        DECLINED = "declined"

    amazon_trip_id = models.CharField(max_length=255, unique=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.PRICED, db_index=True)
    currency = models.CharField(max_length=3)
    total = models.DecimalField(max_digits=12, decimal_places=2)
    captured = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)


class Event(models.Model):
    trip = models.ForeignKey(Trip, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    created_at = models.DateTimeField(auto_now_add=True)
