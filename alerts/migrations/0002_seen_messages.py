"""Which messages were seen, for rules about new ones."""

import django.db.models.deletion
from django.db import migrations, models

SEEN = """
CREATE TABLE alerts_seenmessage (
    application_id bigint NOT NULL REFERENCES applications_application ON DELETE CASCADE,
    digest uuid NOT NULL,
    last_id uuid NOT NULL,
    level smallint NOT NULL,
    -- What was known of the messages of a moment ago.
    PRIMARY KEY (application_id, level, digest)
) WITH (fillfactor = 80);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("alerts", "0001_alerts"),
        ("applications", "0004_expiry"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SEEN, "DROP TABLE alerts_seenmessage;")],
            state_operations=[
                migrations.CreateModel(
                    name="SeenMessage",
                    fields=[
                        (
                            "digest",
                            models.UUIDField(
                                help_text="Half of the message's SHA-256.",
                                primary_key=True,
                                serialize=False,
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
                        ("level", models.SmallIntegerField()),
                        ("last_id", models.UUIDField()),
                    ],
                ),
            ],
        ),
        migrations.CreateModel(
            name="Watch",
            fields=[
                (
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="applications.application",
                    ),
                ),
                ("seen_until", models.DateTimeField()),
            ],
        ),
    ]
