"""Jobs that call, times that do not count, hours of checks, and what is public of them."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import monitors.models

HOURS = """
CREATE TABLE monitors_hourofchecks (
    application_id bigint NOT NULL,
    monitor_id bigint NOT NULL,
    hour timestamptz(0) NOT NULL,
    checks int NOT NULL,
    failures int NOT NULL,
    buckets smallint[] NOT NULL,
    counts int[] NOT NULL,
    -- The hours of a monitor within a range.
    PRIMARY KEY (application_id, monitor_id, hour)
) PARTITION BY RANGE (hour);
-- Up to when hours are summed up.
CREATE INDEX monitors_hourofchecks_hour ON monitors_hourofchecks (hour);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0004_expiry"),
        ("monitors", "0001_monitors"),
    ]

    operations = [
        migrations.AddField(
            model_name="check",
            name="output",
            field=models.TextField(help_text="What a job sent with its call.", null=True),
        ),
        migrations.AddField(
            model_name="monitor",
            name="awaited_from",
            field=models.DateTimeField(
                editable=False,
                help_text="A heartbeat's last success; at first, its making.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="monitor",
            name="certificate_until",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="monitor",
            name="duration_ms",
            field=models.FloatField(editable=False, help_text="Of the last check.", null=True),
        ),
        migrations.AddField(
            model_name="monitor",
            name="ping_key",
            field=models.UUIDField(
                editable=False,
                help_text="A heartbeat's: whoever knows it calls.",
                null=True,
                unique=True,
            ),
        ),
        migrations.AddField(
            model_name="monitor",
            name="started_at",
            field=models.DateTimeField(editable=False, help_text="Where a job runs.", null=True),
        ),
        migrations.AlterField(
            model_name="monitor",
            name="due_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now,
                editable=False,
                help_text="A heartbeat's: when it is late.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="monitor",
            name="kind",
            field=models.CharField(choices=monitors.models.kind_choices, max_length=9),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(HOURS, "DROP TABLE monitors_hourofchecks;")],
            state_operations=[
                migrations.CreateModel(
                    name="HourOfChecks",
                    fields=[
                        ("hour", models.DateTimeField(primary_key=True, serialize=False)),
                        ("checks", models.IntegerField()),
                        ("failures", models.IntegerField()),
                        (
                            "buckets",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.SmallIntegerField(), size=None
                            ),
                        ),
                        (
                            "counts",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.IntegerField(), size=None
                            ),
                        ),
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
            name="Maintenance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                (
                    "begin",
                    models.DateTimeField(
                        help_text="Of the window; of the first one that may come."
                    ),
                ),
                (
                    "end",
                    models.DateTimeField(
                        blank=True, help_text="Of the window; of the last one.", null=True
                    ),
                ),
                (
                    "cron",
                    models.CharField(
                        blank=True, help_text="When windows begin; or once.", max_length=100
                    ),
                ),
                (
                    "zone",
                    models.CharField(
                        default="UTC", help_text="Of the cron expression.", max_length=60
                    ),
                ),
                (
                    "minutes",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="How long each window of the cron expression lasts.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(10080),
                        ],
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="maintenances",
                        to="applications.application",
                    ),
                ),
                (
                    "monitors",
                    models.ManyToManyField(
                        blank=True,
                        help_text="None: all of the application.",
                        related_name="maintenances",
                        to="monitors.monitor",
                    ),
                ),
            ],
            options={
                "ordering": ["-begin", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Pause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("begin", models.DateTimeField()),
                ("end", models.DateTimeField(null=True)),
                (
                    "application",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="applications.application",
                    ),
                ),
                (
                    "monitor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pauses",
                        to="monitors.monitor",
                    ),
                ),
            ],
            options={
                "ordering": ["begin"],
            },
        ),
        migrations.CreateModel(
            name="StatusPage",
            fields=[
                (
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="status_page",
                        serialize=False,
                        to="applications.application",
                    ),
                ),
                ("public", models.BooleanField(default=False)),
                (
                    "address",
                    models.SlugField(
                        default=monitors.models.unguessable,
                        help_text="Its last word, after /status/.",
                        max_length=60,
                        unique=True,
                    ),
                ),
                ("title", models.CharField(max_length=100)),
                (
                    "durations",
                    models.BooleanField(
                        default=False, help_text="Whether response times are shown."
                    ),
                ),
                (
                    "monitors",
                    models.ManyToManyField(
                        blank=True, help_text="Those that are shown.", to="monitors.monitor"
                    ),
                ),
            ],
        ),
    ]
