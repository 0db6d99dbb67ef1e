"""Monitors, what their checks found, and their outages."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import monitors.models

# Fixed-width columns first: less padding.
CREATE = """
CREATE TABLE monitors_check (
    application_id bigint NOT NULL,
    monitor_id bigint NOT NULL,
    checked_at timestamptz(3) NOT NULL,
    certificate_until timestamptz(0),
    dns_ms real,
    connect_ms real,
    tls_ms real,
    first_byte_ms real,
    body_ms real,
    status smallint,
    failure text COLLATE "C",
    words text NOT NULL,
    address inet,
    -- The checks of a monitor, newest first.
    PRIMARY KEY (application_id, monitor_id, checked_at)
) PARTITION BY RANGE (checked_at);
"""
DROP = "DROP TABLE monitors_check;"


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("applications", "0004_expiry"),
    ]

    operations = [
        migrations.CreateModel(
            name="Monitor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("kind", models.CharField(choices=monitors.models.kind_choices, max_length=4)),
                (
                    "target",
                    models.JSONField(
                        help_text="What is asked and expected; its fields are the kind's."
                    ),
                ),
                (
                    "interval_seconds",
                    models.PositiveIntegerField(
                        default=60,
                        help_text="From one check to the next.",
                        validators=[
                            django.core.validators.MinValueValidator(10),
                            django.core.validators.MaxValueValidator(86400),
                        ],
                    ),
                ),
                (
                    "timeout_seconds",
                    models.FloatField(
                        default=10.0,
                        help_text="A check that takes longer has failed.",
                        validators=[
                            django.core.validators.MinValueValidator(0.1),
                            django.core.validators.MaxValueValidator(60.0),
                        ],
                    ),
                ),
                (
                    "retries",
                    models.PositiveSmallIntegerField(
                        default=1,
                        help_text="How many checks more must fail in a row before it counts as down.",
                        validators=[django.core.validators.MaxValueValidator(10)],
                    ),
                ),
                ("paused", models.BooleanField(default=False)),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("due_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("checked_at", models.DateTimeField(editable=False, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=monitors.models.state_choices,
                        default="unknown",
                        editable=False,
                        max_length=11,
                    ),
                ),
                ("state_since", models.DateTimeField(editable=False, null=True)),
                (
                    "failed",
                    models.PositiveIntegerField(
                        default=0, editable=False, help_text="Checks in a row."
                    ),
                ),
                ("failing_since", models.DateTimeField(editable=False, null=True)),
                (
                    "failure",
                    models.CharField(
                        editable=False,
                        help_text="Of the first check that failed.",
                        max_length=11,
                        null=True,
                    ),
                ),
                ("words", models.TextField(default="", editable=False, help_text="Why it failed.")),
                (
                    "application",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="monitors",
                        to="applications.application",
                    ),
                ),
            ],
            options={
                "ordering": ["name", "pk"],
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(CREATE, DROP)],
            state_operations=[
                migrations.CreateModel(
                    name="Check",
                    fields=[
                        ("checked_at", models.DateTimeField(primary_key=True, serialize=False)),
                        (
                            "failure",
                            models.TextField(help_text="None where the target was up.", null=True),
                        ),
                        ("words", models.TextField()),
                        ("dns_ms", models.FloatField(null=True)),
                        ("connect_ms", models.FloatField(null=True)),
                        ("tls_ms", models.FloatField(null=True)),
                        ("first_byte_ms", models.FloatField(null=True)),
                        ("body_ms", models.FloatField(null=True)),
                        ("status", models.SmallIntegerField(null=True)),
                        ("address", models.GenericIPAddressField(null=True)),
                        ("certificate_until", models.DateTimeField(null=True)),
                        (
                            "application",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                to="applications.application",
                            ),
                        ),
                        (
                            "monitor",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                to="monitors.monitor",
                            ),
                        ),
                    ],
                ),
            ],
        ),
        migrations.CreateModel(
            name="Outage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "begin",
                    models.DateTimeField(help_text="The first of the checks that failed in a row."),
                ),
                ("end", models.DateTimeField(help_text="The first that succeeded.", null=True)),
                ("failure", models.CharField(max_length=11)),
                ("words", models.TextField(help_text="Why the first check failed.")),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outages",
                        to="applications.application",
                    ),
                ),
                (
                    "monitor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outages",
                        to="monitors.monitor",
                    ),
                ),
            ],
            options={
                "ordering": ["-begin"],
            },
        ),
        migrations.AddIndex(
            model_name="monitor",
            index=models.Index(
                condition=models.Q(("paused", False)),
                fields=["due_at"],
                name="monitors_monitor_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="monitor",
            constraint=models.UniqueConstraint(
                fields=("application", "name"),
                name="monitors_monitor_name",
                violation_error_message="The application has a monitor of this name already.",
            ),
        ),
        migrations.AddIndex(
            model_name="outage",
            index=models.Index(fields=["monitor", "begin"], name="monitors_outage_monitor"),
        ),
        migrations.AddConstraint(
            model_name="outage",
            constraint=models.UniqueConstraint(
                condition=models.Q(("end", None)), fields=("monitor",), name="monitors_outage_open"
            ),
        ),
    ]
