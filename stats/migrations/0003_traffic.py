"""The rollups of requests, partitioned by day; and their sums by closed day, by month."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

CREATE = """
CREATE TABLE stats_trafficminute (
    application_id bigint NOT NULL,
    minute timestamptz NOT NULL,
    n bigint NOT NULL,
    request_bytes bigint NOT NULL,
    response_bytes bigint NOT NULL,
    status smallint NOT NULL,
    method text COLLATE "C" NOT NULL,
    route text COLLATE "C" NOT NULL,
    durations numeric NOT NULL,
    -- Series by the minute, and the ends of ranges; and the row that one more request adds to.
    PRIMARY KEY (application_id, minute, method, route, status)
) PARTITION BY RANGE (minute);
CREATE TABLE stats_trafficvaluehour (
    application_id bigint NOT NULL,
    hour timestamptz NOT NULL,
    n bigint NOT NULL,
    client_errors bigint NOT NULL,
    server_errors bigint NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    dimension smallint NOT NULL,
    value text COLLATE "C" NOT NULL,
    -- The values of one dimension in a range.
    PRIMARY KEY (application_id, dimension, hour, value)
) PARTITION BY RANGE (hour);
CREATE TABLE stats_traffichour (
    application_id bigint NOT NULL,
    hour timestamptz NOT NULL,
    n bigint NOT NULL,
    request_bytes bigint NOT NULL,
    response_bytes bigint NOT NULL,
    status smallint NOT NULL,
    method text COLLATE "C" NOT NULL,
    route text COLLATE "C" NOT NULL,
    durations numeric NOT NULL,
    -- The routes of a range.
    PRIMARY KEY (application_id, hour, method, route, status)
) PARTITION BY RANGE (hour);
CREATE TABLE stats_traffictotal (
    application_id bigint NOT NULL,
    hour timestamptz NOT NULL,
    n bigint NOT NULL,
    request_bytes bigint NOT NULL,
    response_bytes bigint NOT NULL,
    status smallint NOT NULL,
    durations numeric NOT NULL,
    -- Series of all routes together.
    PRIMARY KEY (application_id, hour, status)
) PARTITION BY RANGE (hour);
CREATE TABLE stats_trafficday (
    application_id bigint NOT NULL,
    day timestamptz NOT NULL,
    n bigint NOT NULL,
    request_bytes bigint NOT NULL,
    response_bytes bigint NOT NULL,
    status smallint NOT NULL,
    method text COLLATE "C" NOT NULL,
    route text COLLATE "C" NOT NULL,
    durations numeric NOT NULL,
    -- The routes of a long range.
    PRIMARY KEY (application_id, day, method, route, status)
) PARTITION BY RANGE (day);
CREATE TABLE stats_trafficvalueday (
    application_id bigint NOT NULL,
    day timestamptz NOT NULL,
    n bigint NOT NULL,
    client_errors bigint NOT NULL,
    server_errors bigint NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    dimension smallint NOT NULL,
    value text COLLATE "C" NOT NULL,
    -- The values of a dimension in a long range.
    PRIMARY KEY (application_id, dimension, day, value)
) PARTITION BY RANGE (day);
CREATE TABLE stats_trafficusersday (
    application_id bigint NOT NULL,
    day timestamptz NOT NULL,
    users bigint[],
    sketch bytea,
    -- How many different users a long range has.
    PRIMARY KEY (application_id, day)
) PARTITION BY RANGE (day);
"""
TABLES = (
    "trafficminute", "trafficvaluehour", "traffichour", "traffictotal", "trafficday",
    "trafficvalueday", "trafficusersday",
)  # fmt: skip
DROP = "".join(f"DROP TABLE stats_{table};" for table in TABLES)


def _application() -> tuple[str, models.Field]:
    key = models.ForeignKey(
        "applications.application",
        on_delete=django.db.models.deletion.DO_NOTHING,
        db_constraint=False,
        db_index=False,
    )
    return "application", key


def _table(name: str, column: str, *fields: tuple[str, models.Field]) -> migrations.CreateModel:
    key = (column, models.DateTimeField(primary_key=True, serialize=False))
    return migrations.CreateModel(name, [key, _application(), *fields])


def _durations() -> list[tuple[str, models.Field]]:
    histogram = models.DecimalField(
        decimal_places=0, help_text="A histogram, see traffic/histograms.py.", max_digits=6_000
    )
    return [
        ("n", models.BigIntegerField()),
        ("status", models.SmallIntegerField()),
        ("request_bytes", models.BigIntegerField()),
        ("response_bytes", models.BigIntegerField()),
        ("durations", histogram),
    ]


def _route() -> list[tuple[str, models.Field]]:
    return [*_durations(), ("method", models.TextField()), ("route", models.TextField())]


def _values() -> list[tuple[str, models.Field]]:
    return [
        ("n", models.BigIntegerField()),
        ("dimension", models.SmallIntegerField(help_text="See dimensions.py.")),
        ("value", models.TextField()),
        ("client_errors", models.BigIntegerField(help_text="Status 400 to 499.")),
        ("server_errors", models.BigIntegerField(help_text="Status 500 and above.")),
        ("first_at", models.DateTimeField()),
        ("last_at", models.DateTimeField()),
    ]


USERS = [
    (
        "users",
        django.contrib.postgres.fields.ArrayField(
            base_field=models.BigIntegerField(),
            help_text="Their hashes, while they are few.",
            null=True,
            size=None,
        ),
    ),
    ("sketch", models.BinaryField(help_text="See users.py.", null=True)),
]


class Migration(migrations.Migration):
    dependencies = [("stats", "0002_closed_days")]

    operations = [
        migrations.CreateModel(
            "ClosedTrafficDay", [("day", models.DateField(primary_key=True, serialize=False))]
        ),
        migrations.RunSQL(
            CREATE,
            DROP,
            state_operations=[
                _table("TrafficMinute", "minute", *_route()),
                _table("TrafficValueHour", "hour", *_values()),
                _table("TrafficHour", "hour", *_route()),
                _table("TrafficTotal", "hour", *_durations()),
                _table("TrafficDay", "day", *_route()),
                _table("TrafficValueDay", "day", *_values()),
                _table("TrafficUsersDay", "day", *USERS),
            ],
        ),
    ]
