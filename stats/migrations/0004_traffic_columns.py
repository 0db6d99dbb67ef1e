"""Blocks of requests by column; days that are closed without them are opened, to be closed anew."""

import django.db.models.deletion
from django.db import migrations, models

CREATE = """
CREATE TABLE stats_trafficcolumn (
    application_id bigint NOT NULL,
    start timestamptz NOT NULL,
    n integer NOT NULL,
    number smallint NOT NULL,
    hours smallint NOT NULL,
    part smallint NOT NULL,
    width smallint NOT NULL,
    numbers bytea NOT NULL,
    dictionary bytea NOT NULL,
    -- One column of a range.
    PRIMARY KEY (application_id, number, start, hours, part)
) PARTITION BY RANGE (start);
ALTER TABLE stats_trafficcolumn
    ALTER numbers SET STORAGE EXTERNAL, -- to look for what repeats takes longer than to read it
    ALTER dictionary SET STORAGE EXTERNAL;
DELETE FROM stats_closedtrafficday;
"""


class Migration(migrations.Migration):
    dependencies = [("stats", "0003_traffic")]

    operations = [
        migrations.RunSQL(
            CREATE,
            "DROP TABLE stats_trafficcolumn",
            state_operations=[
                migrations.CreateModel(
                    "TrafficColumn",
                    [
                        ("start", models.DateTimeField(primary_key=True, serialize=False)),
                        ("n", models.IntegerField()),
                        ("number", models.SmallIntegerField(help_text="See columns.py.")),
                        ("hours", models.SmallIntegerField(help_text="How long the block is.")),
                        ("part", models.SmallIntegerField()),
                        ("width", models.SmallIntegerField(help_text="Bytes of a number.")),
                        ("numbers", models.BinaryField()),
                        (
                            "dictionary",
                            models.BinaryField(
                                help_text="The values that the numbers stand for, in JSON."
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
