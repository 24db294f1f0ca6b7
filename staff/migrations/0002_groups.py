from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from staff.groups import make_groups


def make(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for app in apps.get_app_configs():
        # Django makes the rights only after the last migration, unless it takes the app for one with models.
        app.models_module = True
        create_permissions(app, apps=apps, verbosity=0)
        app.models_module = None
    make_groups(apps.get_model("auth", "Group").objects, apps.get_model("auth", "Permission").objects)


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0001_initial"),
        ("amazon", "0001_initial"),
        ("stores", "0001_initial"),
        ("loyalty", "0001_initial"),
        ("orders", "0001_initial"),
        ("payments", "0001_initial"),
        ("reports", "0001_initial"),
    ]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
