"""The web process without its time-outs in the database, for the negative control of test_database_trouble.py."""

from django.conf import settings

from jwo_backoffice.rsgi import application

__all__ = ["application"]

settings.DATABASES["default"]["OPTIONS"]["options"] = ""
