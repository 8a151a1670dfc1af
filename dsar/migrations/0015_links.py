"""How cases belong together, and what is found out about complaints."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import dsar.models.sealed


class Migration(migrations.Migration):
    dependencies = [
        ("dsar", "0014_provision_roles"),
    ]

    operations = [
        migrations.AlterField(
            model_name="case",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("granted", "Granted"),
                    ("partial", "Granted in part"),
                    ("refused", "Refused"),
                    ("no_data", "Data not held"),
                    ("not_accepted", "Request not effective"),
                    ("answered", "Complaint answered"),
                    ("withdrawn", "Withdrawn"),
                    ("merged", "Merged with an earlier case"),
                ],
                max_length=20,
                verbose_name="outcome",
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("granted", "Granted"),
                    ("partial", "Granted in part"),
                    ("refused", "Refused"),
                    ("no_data", "Data not held"),
                    ("not_accepted", "Request not effective"),
                    ("answered", "Complaint answered"),
                    ("withdrawn", "Withdrawn"),
                    ("merged", "Merged with an earlier case"),
                ],
                max_length=20,
                verbose_name="outcome",
            ),
        ),
        migrations.AlterField(
            model_name="itemdecision",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("granted", "Granted"),
                    ("partial", "Granted in part"),
                    ("refused", "Refused"),
                    ("no_data", "Data not held"),
                    ("not_accepted", "Request not effective"),
                    ("answered", "Complaint answered"),
                    ("withdrawn", "Withdrawn"),
                    ("merged", "Merged with an earlier case"),
                ],
                max_length=20,
                verbose_name="outcome",
            ),
        ),
        migrations.CreateModel(
            name="ComplaintCategory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=40, verbose_name="category")),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="complaint_category",
                        to="dsar.case",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Investigation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("examined", dsar.models.sealed.SealedTextField(blank=True)),
                ("finding", dsar.models.sealed.SealedTextField(blank=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="investigations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="investigations",
                        to="dsar.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "investigation",
                "verbose_name_plural": "investigations",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="CaseLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("filed_together", "Filed together"),
                            ("repeat", "Asked again"),
                            ("duplicate", "Merged"),
                            ("complaint_about", "Complaint about the case"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="case_links",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="dsar.case",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="linked_from",
                        to="dsar.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "link between cases",
                "verbose_name_plural": "links between cases",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("case", "other", "kind"), name="one_link_a_kind"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("case", models.F("other")), _negated=True),
                        name="no_link_to_itself",
                    ),
                ],
            },
        ),
    ]
