#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jwo_backoffice.settings")

    from django.core.management import execute_from_command_line

    from core.reasons import because

    with because(" ".join(["manage.py", *sys.argv[1:2]])):
        execute_from_command_line(sys.argv)
