"""The roles as groups, and the first reminder schedule."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

SETTINGS = ("controller", "service", "closingday", "reminderrule", "mailtemplate", "staffmember")
ROLES = {
    "intake": ("view_case", "file_case"),
    "officer": ("view_case", "file_case", "work_case"),
    "approver": ("view_case", "work_case", "approve_case"),
    "data_owner": (),
    "auditor": ("view_case",),
    # Sets up the portal, and sees no content of cases.
    "administrator": tuple(
        f"{verb}_{model}" for model in SETTINGS for verb in ("view", "add", "change", "delete")
    ),
}
REMINDERS = {
    "decision": (7, 3, 1, -1, -7),
    "ack": (1, -1),
    "id_check": (1, -1),
    "cure": (-1,),
}


def fill(apps, schema_editor):
    # Permissions are made after all migrations; the groups need them now.
    create_permissions(installed.get_app_config("dsar"), verbosity=0, apps=apps)
    permission = apps.get_model("auth", "Permission")
    for name, codenames in ROLES.items():
        group, _made = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        group.permissions.set(
            permission.objects.filter(content_type__app_label="dsar", codename__in=codenames)
        )
    rule = apps.get_model("dsar", "ReminderRule")
    for deadline, days in REMINDERS.items():
        for days_before in days:
            rule.objects.get_or_create(deadline=deadline, days_before=days_before)


class Migration(migrations.Migration):
    dependencies = [
        ("dsar", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
