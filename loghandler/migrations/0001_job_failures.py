"""Why jobs failed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="JobFailure",
            fields=[
                (
                    "job_id",
                    models.BigIntegerField(
                        help_text="Of procrastinate's job.", primary_key=True, serialize=False
                    ),
                ),
                ("task", models.CharField(max_length=128)),
                ("at", models.DateTimeField()),
                ("words", models.TextField()),
            ],
            options={
                "ordering": ["-at"],
                "indexes": [models.Index(fields=["at"], name="loghandler_jobfailure_at")],
            },
        ),
    ]
