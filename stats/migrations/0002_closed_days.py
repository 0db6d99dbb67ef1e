"""The sums of closed days, which long ranges are read from, by month; and which days are closed."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import events.models

CREATE = """
CREATE TABLE stats_messagedaycount (
    application_id bigint NOT NULL,
    day timestamptz NOT NULL,
    n bigint NOT NULL,
    digest uuid NOT NULL,
    last_id uuid NOT NULL,
    level smallint NOT NULL,
    hours integer[] NOT NULL,
    -- Top messages of a range.
    PRIMARY KEY (application_id, day, digest, level)
) PARTITION BY RANGE (day);
-- One message over time: its series, and the days in which to look for it.
CREATE INDEX stats_messagedaycount_by_message
ON stats_messagedaycount (application_id, digest, day);
CREATE TABLE stats_daycount (
    application_id bigint NOT NULL,
    day timestamptz NOT NULL,
    n bigint NOT NULL,
    last_id uuid NOT NULL,
    level smallint NOT NULL,
    hours integer[] NOT NULL,
    PRIMARY KEY (application_id, day, level)
) PARTITION BY RANGE (day);
"""
DROP = "DROP TABLE stats_daycount; DROP TABLE stats_messagedaycount;"


class Migration(migrations.Migration):
    dependencies = [
        ("stats", "0001_rollups"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClosedDay",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.RunSQL(
            CREATE,
            DROP,
            state_operations=[
                migrations.CreateModel(
                    name="MessageDayCount",
                    fields=[
                        ("level", models.SmallIntegerField(choices=events.models.levels)),
                        ("n", models.BigIntegerField()),
                        ("day", models.DateTimeField(primary_key=True, serialize=False)),
                        (
                            "last_id",
                            models.UUIDField(help_text="The newest such event; its id tells when."),
                        ),
                        (
                            "hours",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.IntegerField(),
                                help_text="Events by the end of each hour: what lies between two is their difference.",
                                size=None,
                            ),
                        ),
                        ("digest", models.UUIDField(help_text="Half of the message's SHA-256.")),
                        (
                            "application",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                to="applications.application",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="DayCount",
                    fields=[
                        ("level", models.SmallIntegerField(choices=events.models.levels)),
                        ("n", models.BigIntegerField()),
                        ("day", models.DateTimeField(primary_key=True, serialize=False)),
                        (
                            "last_id",
                            models.UUIDField(help_text="The newest such event; its id tells when."),
                        ),
                        (
                            "hours",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.IntegerField(),
                                help_text="Events by the end of each hour: what lies between two is their difference.",
                                size=None,
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
                    ],
                    options={
                        "abstract": False,
                    },
                ),
            ],
        ),
    ]
