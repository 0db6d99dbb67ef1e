"""The events and the ledger of their senders' ids, both partitioned by day."""

import django.db.models.deletion
from django.db import migrations, models

import events.models
import events.records

# Fixed-width columns first: less padding, and the ones every query reads come early.
CREATE = """
CREATE TABLE events_seeneventid (
    application_id bigint NOT NULL,
    event_id uuid NOT NULL,
    day date NOT NULL,
    stored_id uuid NOT NULL,
    PRIMARY KEY (application_id, event_id, day)
) PARTITION BY RANGE (day);
CREATE TABLE events_event (
    application_id bigint NOT NULL,
    received_at timestamptz(3) NOT NULL,
    occurred_at timestamptz NOT NULL,
    id uuid NOT NULL,
    event_id uuid,
    level smallint NOT NULL,
    message text NOT NULL,
    environment text,
    release text,
    server_name text,
    logger text,
    trace_id text,
    tags jsonb NOT NULL,
    stack jsonb,
    "user" jsonb,
    data jsonb,
    -- The list, newest first, by keyset; and, since an id tells its received_at, the look-up.
    PRIMARY KEY (application_id, received_at, id)
) PARTITION BY RANGE (received_at);
"""
DROP = "DROP TABLE events_event; DROP TABLE events_seeneventid;"


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
                    name="Event",
                    fields=[
                        ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                        ("received_at", models.DateTimeField()),
                        ("occurred_at", models.DateTimeField()),
                        ("level", models.SmallIntegerField(choices=events.models.levels)),
                        ("message", models.TextField()),
                        ("stack", models.JSONField(decoder=events.records.JsonReader, null=True)),
                        ("tags", models.JSONField(decoder=events.records.JsonReader)),
                        ("event_id", models.UUIDField(null=True)),
                        ("environment", models.TextField(null=True)),
                        ("release", models.TextField(null=True)),
                        ("server_name", models.TextField(null=True)),
                        ("logger", models.TextField(null=True)),
                        ("trace_id", models.TextField(null=True)),
                        ("user", models.JSONField(decoder=events.records.JsonReader, null=True)),
                        ("data", models.JSONField(decoder=events.records.JsonReader, null=True)),
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
                migrations.CreateModel(
                    name="SeenEventId",
                    fields=[
                        ("event_id", models.UUIDField(primary_key=True, serialize=False)),
                        ("day", models.DateField()),
                        (
                            "stored_id",
                            models.UUIDField(
                                help_text="The id of the event that was stored for it."
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
