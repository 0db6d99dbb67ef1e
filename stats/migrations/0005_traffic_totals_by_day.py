"""Sums of a closed day's requests of all routes; days that are closed without them are opened."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

CREATE = """
CREATE TABLE stats_traffictotalday (
    application_id bigint NOT NULL,
    day timestamptz NOT NULL,
    n bigint NOT NULL,
    request_bytes bigint NOT NULL,
    response_bytes bigint NOT NULL,
    status smallint NOT NULL,
    durations numeric NOT NULL,
    quarters bigint[] NOT NULL,
    -- Series of all routes together, of a long range.
    PRIMARY KEY (application_id, day, status)
) PARTITION BY RANGE (day);
DELETE FROM stats_closedtrafficday;
"""


class Migration(migrations.Migration):
    dependencies = [("stats", "0004_traffic_columns")]

    operations = [
        migrations.RunSQL(
            CREATE,
            "DROP TABLE stats_traffictotalday",
            state_operations=[
                migrations.CreateModel(
                    "TrafficTotalDay",
                    [
                        ("day", models.DateTimeField(primary_key=True, serialize=False)),
                        ("n", models.BigIntegerField()),
                        ("status", models.SmallIntegerField()),
                        ("request_bytes", models.BigIntegerField()),
                        ("response_bytes", models.BigIntegerField()),
                        (
                            "durations",
                            models.DecimalField(
                                decimal_places=0,
                                help_text="A histogram, see traffic/histograms.py.",
                                max_digits=6_000,
                            ),
                        ),
                        (
                            "quarters",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(),
                                help_text="Requests by the end of each quarter of an hour.",
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
                ),
            ],
        ),
    ]
