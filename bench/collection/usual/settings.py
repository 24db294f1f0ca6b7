"""A small project of the usual kind: one app, PostgreSQL with persistent connections, Celery."""

import os

import environ

SECRET_KEY = "only-for-the-benchmark"
INSTALLED_APPS = ["bench.collection.usual"]
DATABASES = {"default": environ.Env().db("DATABASE_URL") | {"CONN_MAX_AGE": 60}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True

CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "")
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True

AMAZON_URL = os.environ.get("AMAZON_URL", "")
AMAZON_REGION = "us-east-1"
STORE_ID = "BENCH"
