"""The requests, their user agents and the ledger of senders' ids; and what an application keeps."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import traffic.models

# Fixed-width columns first: less padding, and the ones every query reads come early.
CREATE = """
CREATE TABLE traffic_seenrequestid (
    application_id bigint NOT NULL,
    request_id uuid NOT NULL,
    day date NOT NULL,
    stored_id uuid NOT NULL,
    PRIMARY KEY (application_id, request_id, day)
) PARTITION BY RANGE (day);
CREATE TABLE traffic_useragent (
    application_id bigint NOT NULL,
    month date NOT NULL,
    number bigint NOT NULL,
    text text NOT NULL,
    -- The texts of a page of requests.
    PRIMARY KEY (application_id, month, number)
) PARTITION BY RANGE (month);
CREATE TABLE traffic_request (
    application_id bigint NOT NULL,
    occurred_at timestamptz(3) NOT NULL,
    received_at timestamptz(3) NOT NULL,
    id uuid NOT NULL,
    request_id uuid,
    event_id uuid,
    agent bigint,
    request_bytes bigint,
    response_bytes bigint,
    duration_ms real NOT NULL,
    status smallint NOT NULL,
    bucket smallint NOT NULL,
    method text COLLATE "C" NOT NULL,
    route text COLLATE "C" NOT NULL,
    path text COLLATE "C" NOT NULL,
    hostname text COLLATE "C",
    version text COLLATE "C",
    framework text COLLATE "C",
    release text COLLATE "C",
    environment text COLLATE "C",
    referrer text COLLATE "C",
    country text COLLATE "C",
    client text COLLATE "C",
    system text COLLATE "C",
    device text COLLATE "C",
    "user" text COLLATE "C",
    trace_id text COLLATE "C",
    ip_address inet,
    -- The list, newest first, by keyset; the ends of ranges; and the look-up by id.
    PRIMARY KEY (application_id, occurred_at, id)
) PARTITION BY RANGE (occurred_at);
"""
DROP = "DROP TABLE traffic_request; DROP TABLE traffic_useragent; DROP TABLE traffic_seenrequestid;"


def _application() -> tuple[str, models.Field]:
    key = models.ForeignKey(
        "applications.application",
        on_delete=django.db.models.deletion.DO_NOTHING,
        db_constraint=False,
        db_index=False,
    )
    return "application", key


TEXTS = [
    "hostname", "version", "framework", "release", "environment", "referrer", "country", "client",
    "system", "device", "user", "trace_id",
]  # fmt: skip
REQUEST = [
    ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
    _application(),
    ("occurred_at", models.DateTimeField()),
    ("received_at", models.DateTimeField()),
    ("request_id", models.UUIDField(null=True)),
    ("event_id", models.UUIDField(null=True)),
    ("agent", models.BigIntegerField(null=True)),
    ("request_bytes", models.BigIntegerField(null=True)),
    ("response_bytes", models.BigIntegerField(null=True)),
    ("duration_ms", models.FloatField()),
    ("status", models.SmallIntegerField()),
    ("bucket", models.SmallIntegerField()),
    ("method", models.TextField()),
    ("route", models.TextField()),
    ("path", models.TextField()),
    *((name, models.TextField(null=True)) for name in TEXTS),
    ("ip_address", models.GenericIPAddressField(null=True)),
]
SEEN = [
    ("request_id", models.UUIDField(primary_key=True, serialize=False)),
    _application(),
    ("day", models.DateField()),
    ("stored_id", models.UUIDField(help_text="The id of the request that was stored for it.")),
]
AGENT = [
    (
        "number",
        models.BigIntegerField(
            help_text="Half of half its SHA-256.", primary_key=True, serialize=False
        ),
    ),
    _application(),
    ("month", models.DateField()),
    ("text", models.TextField()),
]
POLICY = [
    (
        "application",
        models.OneToOneField(
            on_delete=django.db.models.deletion.CASCADE,
            primary_key=True,
            related_name="traffic_policy",
            serialize=False,
            to="applications.application",
        ),
    ),
    (
        "least_privacy",
        models.PositiveSmallIntegerField(
            choices=traffic.models.privacy_levels,
            default=0,
            help_text="What senders can't go below, whatever they declare.",
        ),
    ),
    (
        "keep_query_values",
        models.BooleanField(
            default=False, help_text="Keep the values in query strings; without, only their names."
        ),
    ),
    (
        "templates",
        django.contrib.postgres.fields.ArrayField(
            base_field=models.CharField(max_length=255),
            blank=True,
            default=list,
            help_text="Routes that win over what is inferred, such as /files/* or /tags/{tag}.",
            size=None,
        ),
    ),
    (
        "apdex_ms",
        models.PositiveIntegerField(
            default=500, help_text="How long a request may take to satisfy its user, in ms."
        ),
    ),
    ("apdex_ms_by_route", models.JSONField(blank=True, default=dict)),
]
PLACE = [
    (
        "id",
        models.BigAutoField(
            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
        ),
    ),
    ("place", models.CharField(max_length=500)),
    ("learned_at", models.DateTimeField(default=django.utils.timezone.now)),
    (
        "application",
        models.ForeignKey(
            on_delete=django.db.models.deletion.CASCADE, to="applications.application"
        ),
    ),
]
WANTED = [
    (
        "id",
        models.BigAutoField(
            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
        ),
    ),
    ("before", models.DateTimeField(help_text="Those that occurred earlier.")),
    ("user", models.TextField(null=True)),
    ("ip_address", models.GenericIPAddressField(null=True)),
    ("wanted_at", models.DateTimeField(default=django.utils.timezone.now)),
    (
        "application",
        models.ForeignKey(
            on_delete=django.db.models.deletion.CASCADE, to="applications.application"
        ),
    ),
]
SALT = [
    ("day", models.DateField(primary_key=True, serialize=False)),
    ("salt", models.BinaryField(max_length=32)),
]


class Migration(migrations.Migration):
    initial = True

    dependencies = [("applications", "0003_wanted_deletions")]

    operations = [
        migrations.CreateModel("Policy", POLICY),
        migrations.CreateModel(
            "LearnedPlace",
            PLACE,
            {
                "constraints": [
                    models.UniqueConstraint(
                        fields=("application", "place"), name="traffic_learned_once"
                    )
                ]
            },
        ),
        migrations.CreateModel("DailySalt", SALT),
        migrations.CreateModel("WantedDeletion", WANTED, {"ordering": ["pk"]}),
        migrations.RunSQL(
            CREATE,
            DROP,
            state_operations=[
                migrations.CreateModel("SeenRequestId", SEEN),
                migrations.CreateModel("UserAgent", AGENT),
                migrations.CreateModel("Request", REQUEST),
            ],
        ),
    ]
