"""The rollups that statistics are read from, partitioned by day as the events are."""

import django.db.models.deletion
from django.db import migrations, models

import events.models

CREATE = """
CREATE TABLE stats_messagecount (
    application_id bigint NOT NULL,
    hour timestamptz NOT NULL,
    n bigint NOT NULL,
    digest uuid NOT NULL,
    last_id uuid NOT NULL,
    level smallint NOT NULL,
    -- Top messages of a range; and the row that one more event adds to.
    PRIMARY KEY (application_id, hour, level, digest)
) PARTITION BY RANGE (hour);
CREATE TABLE stats_minutecount (
    application_id bigint NOT NULL,
    minute timestamptz NOT NULL,
    n bigint NOT NULL,
    level smallint NOT NULL,
    PRIMARY KEY (application_id, minute, level)
) PARTITION BY RANGE (minute);
CREATE TABLE stats_hourcount (
    application_id bigint NOT NULL,
    hour timestamptz NOT NULL,
    n bigint NOT NULL,
    last_id uuid NOT NULL,
    level smallint NOT NULL,
    PRIMARY KEY (application_id, hour, level)
) PARTITION BY RANGE (hour);
"""
DROP = "DROP TABLE stats_hourcount; DROP TABLE stats_minutecount; DROP TABLE stats_messagecount;"


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("applications", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            CREATE,
            DROP,
            state_operations=[
                migrations.CreateModel(
                    name="HourCount",
                    fields=[
                        ("level", models.SmallIntegerField(choices=events.models.levels)),
                        ("n", models.BigIntegerField()),
                        ("hour", models.DateTimeField(primary_key=True, serialize=False)),
                        (
                            "last_id",
                            models.UUIDField(help_text="The newest such event; its id tells when."),
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
                migrations.CreateModel(
                    name="MessageCount",
                    fields=[
                        ("level", models.SmallIntegerField(choices=events.models.levels)),
                        ("n", models.BigIntegerField()),
                        ("hour", models.DateTimeField(primary_key=True, serialize=False)),
                        ("digest", models.UUIDField(help_text="Half of the message's SHA-256.")),
                        (
                            "last_id",
                            models.UUIDField(help_text="The newest such event; its id tells when."),
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
                migrations.CreateModel(
                    name="MinuteCount",
                    fields=[
                        ("level", models.SmallIntegerField(choices=events.models.levels)),
                        ("n", models.BigIntegerField()),
                        ("minute", models.DateTimeField(primary_key=True, serialize=False)),
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
