"""Fees and what is paid for them; administrators set them, and the desk is reminded."""

import django.core.validators
import django.db.models.deletion
from django.apps import apps as installed
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

import dsar.models.sealed

SETTINGS = ("feeamount", "paymentway")


def let_administrators_edit(apps, schema_editor):
    # Permissions are made after all migrations; the group needs them now.
    create_permissions(installed.get_app_config("dsar"), verbosity=0, apps=apps)
    verbs = ("view", "add", "change", "delete")
    found = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="dsar",
        codename__in=[f"{verb}_{model}" for verb in verbs for model in SETTINGS],
    )
    apps.get_model("auth", "Group").objects.get(name="administrator").permissions.add(*found)


def remind(apps, schema_editor):
    apps.get_model("dsar", "ReminderRule").objects.get_or_create(
        deadline="fee_payment", days_before=-1
    )


class Migration(migrations.Migration):
    dependencies = [
        ("dsar", "0008_connectors"),
    ]

    operations = [
        migrations.AddField(
            model_name="clockstop",
            name="cause",
            field=models.CharField(
                choices=[("question", "An answer"), ("fee", "The fee")],
                default="question",
                max_length=10,
                verbose_name="cause",
            ),
        ),
        migrations.AlterField(
            model_name="controller",
            name="fee_yen",
            field=models.PositiveIntegerField(
                default=0,
                help_text="Charged only for the kinds for which the law allows a fee; 0 is free.",
                verbose_name="usual fee in yen",
            ),
        ),
        migrations.CreateModel(
            name="Fee",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Waiting for payment"),
                            ("paid", "Paid"),
                            ("waived", "Waived"),
                            ("lapsed", "Not paid"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "amount",
                    models.PositiveIntegerField(
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="amount",
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("charged_on", models.DateField(null=True, verbose_name="charged on")),
                ("settled_on", models.DateField(null=True, verbose_name="settled on")),
                ("waiver", dsar.models.sealed.SealedTextField(blank=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="fees",
                        to="dsar.case",
                    ),
                ),
                (
                    "charged_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charged_fees",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "fee",
                "verbose_name_plural": "fees",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="FeeAmount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("regime", models.CharField(max_length=20, verbose_name="rule set")),
                ("kind", models.CharField(max_length=40, verbose_name="kind of request")),
                (
                    "amount",
                    models.PositiveIntegerField(help_text="0 is free.", verbose_name="amount"),
                ),
                (
                    "controller",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="fee_amounts",
                        to="dsar.controller",
                        verbose_name="controller",
                    ),
                ),
            ],
            options={
                "verbose_name": "fee for a kind of request",
                "verbose_name_plural": "fees for single kinds of request",
                "ordering": ["regime", "id"],
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "amount",
                    models.PositiveIntegerField(
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="amount",
                    ),
                ),
                ("way", models.CharField(max_length=40, verbose_name="way of payment")),
                ("paid_on", models.DateField(verbose_name="arrived on")),
                ("reference", dsar.models.sealed.SealedTextField(blank=True)),
                ("recorded_at", models.DateTimeField()),
                (
                    "fee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="payments",
                        to="dsar.fee",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recorded_payments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "payment",
                "verbose_name_plural": "payments",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="PaymentWay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=40, verbose_name="way of payment")),
                (
                    "instructions_ja",
                    models.TextField(max_length=1000, verbose_name="how to pay (Japanese)"),
                ),
                (
                    "instructions_en",
                    models.TextField(
                        blank=True, max_length=1000, verbose_name="how to pay (English)"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
                (
                    "controller",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="payment_ways",
                        to="dsar.controller",
                        verbose_name="controller",
                    ),
                ),
            ],
            options={
                "verbose_name": "way of paying fees",
                "verbose_name_plural": "ways of paying fees",
                "ordering": ["position", "id"],
            },
        ),
        migrations.AddConstraint(
            model_name="fee",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("case",), name="one_open_fee_a_case"
            ),
        ),
        migrations.AddConstraint(
            model_name="feeamount",
            constraint=models.UniqueConstraint(
                fields=("controller", "regime", "kind"), name="one_fee_amount_a_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentway",
            constraint=models.UniqueConstraint(
                fields=("controller", "code"), name="one_payment_way_a_code"
            ),
        ),
        migrations.RunPython(let_administrators_edit, migrations.RunPython.noop),
        migrations.RunPython(remind, migrations.RunPython.noop),
    ]
