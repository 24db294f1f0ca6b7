"""A web process that takes a database that is away for a fault of its own: a control in test_database_trouble.py.

It answers 500, without a time to try again.
"""

from importlib import import_module

from jwo_backoffice.rsgi import application

__all__ = ["application"]


class NeverRaised(Exception):
    pass


views = import_module("amazon.inbound.views")  # after Django is set up
views.OperationalError = views.InterfaceError = NeverRaised
