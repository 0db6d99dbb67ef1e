"""Stacks and data become bytes, which Python packs: `events/packing.py`.

It rewrites every day's table, at some 50,000 events a second, and what is stored already stays as
large as it is: PostgreSQL compresses it once more, and nothing after that.
"""

from django.db import migrations

import events.fields
import events.records

PACK = """
ALTER TABLE events_event
    ALTER COLUMN stack TYPE bytea USING convert_to(stack::text, 'UTF8'),
    ALTER COLUMN data TYPE bytea USING convert_to(data::text, 'UTF8');
"""
# After the rewrite. To compress what is compressed takes as long as ever.
STORE_AS_IS = """
ALTER TABLE events_event
    ALTER COLUMN stack SET STORAGE EXTERNAL,
    ALTER COLUMN data SET STORAGE EXTERNAL;
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0001_events")]

    operations = [
        migrations.RunSQL(
            [PACK, STORE_AS_IS],
            state_operations=[
                migrations.AlterField(
                    "event",
                    name,
                    events.fields.PackedJSONField(decoder=events.records.JsonReader, null=True),
                )
                for name in ("stack", "data")
            ],
        ),
    ]
