"""Counts of what is refused, partitioned by day as the events are."""

import django.db.models.deletion
from django.db import migrations, models

import ingest.models

CREATE = """
CREATE TABLE ingest_refusalcount (
    application_id bigint NOT NULL,
    hour timestamptz NOT NULL,
    digest uuid NOT NULL,
    n bigint NOT NULL,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    status smallint NOT NULL,
    reason text NOT NULL,
    key_prefix text NOT NULL,
    client text NOT NULL,
    -- The reasons of a range; and the row that one more refusal adds to.
    PRIMARY KEY (application_id, hour, digest)
) PARTITION BY RANGE (hour);
-- The admin's list, newest first, which is of all applications.
CREATE INDEX ingest_refusalcount_hour ON ingest_refusalcount (hour);
"""
DROP = "DROP TABLE ingest_refusalcount;"


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
                    name="RefusalCount",
                    fields=[
                        (
                            "digest",
                            models.UUIDField(
                                help_text="Of the status and the reason.",
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("hour", models.DateTimeField()),
                        ("status", models.SmallIntegerField(choices=ingest.models.statuses)),
                        ("n", models.BigIntegerField(verbose_name="count")),
                        ("first_seen", models.DateTimeField()),
                        ("last_seen", models.DateTimeField()),
                        ("reason", models.TextField()),
                        (
                            "key_prefix",
                            models.TextField(
                                help_text="First digits of the key that was sent.",
                                verbose_name="key",
                            ),
                        ),
                        (
                            "client",
                            models.TextField(
                                help_text="What the sender calls itself: its User-Agent."
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
                        "verbose_name": "refusal",
                        "indexes": [
                            models.Index(fields=["hour"], name="ingest_refusalcount_hour"),
                        ],
                    },
                ),
            ],
        ),
    ]
