"""Who keeps the register of third-party provision: those who work on cases; auditors read it."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

ROLES = {
    "officer": ("view", "add"),
    "approver": ("view", "add"),
    "auditor": ("view",),
}


def let_officers_keep_the_register(apps, schema_editor):
    # Permissions are made after all migrations; the groups need them now.
    create_permissions(installed.get_app_config("dsar"), verbosity=0, apps=apps)
    permission = apps.get_model("auth", "Permission")
    for name, verbs in ROLES.items():
        group, _made = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        group.permissions.add(
            *permission.objects.filter(
                content_type__app_label="dsar",
                codename__in=[f"{verb}_thirdpartyprovision" for verb in verbs],
            )
        )


class Migration(migrations.Migration):
    dependencies = [("dsar", "0013_disclosure")]

    operations = [migrations.RunPython(let_officers_keep_the_register, migrations.RunPython.noop)]
