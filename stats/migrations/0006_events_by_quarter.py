"""Events of a closed day by the quarter of an hour; days that are closed without it are opened."""

import django.contrib.postgres.fields
from django.db import migrations, models

CREATE = """
DELETE FROM stats_closedday;
DELETE FROM stats_daycount;
ALTER TABLE stats_daycount ADD COLUMN quarters bigint[] NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("stats", "0005_traffic_totals_by_day")]

    operations = [
        migrations.RunSQL(
            CREATE,
            "ALTER TABLE stats_daycount DROP COLUMN quarters",
            state_operations=[
                migrations.AddField(
                    "DayCount",
                    "quarters",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        default=list,
                        help_text="Events by the end of each quarter of an hour.",
                        size=None,
                    ),
                    preserve_default=False,
                ),
            ],
        ),
    ]
