"""Administrators set up the sign-in at customer accounts."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations


def let_administrators_set_up_the_sign_in(apps, schema_editor):
    # Permissions are made after all migrations; the group needs them now.
    create_permissions(installed.get_app_config("dsar"), verbosity=0, apps=apps)
    group, _made = apps.get_model("auth", "Group").objects.get_or_create(name="administrator")
    group.permissions.add(
        *apps.get_model("auth", "Permission").objects.filter(
            content_type__app_label="dsar", content_type__model="accountsignin"
        )
    )


class Migration(migrations.Migration):
    dependencies = [("dsar", "0010_material_as_pictures")]

    operations = [
        migrations.RunPython(let_administrators_set_up_the_sign_in, migrations.RunPython.noop)
    ]
