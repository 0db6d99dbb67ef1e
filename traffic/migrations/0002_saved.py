"""What pages leave out of the figures, and views of the traffic page by name."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0003_wanted_deletions"),
        ("traffic", "0001_traffic"),
    ]

    operations = [
        migrations.AddField(
            model_name="policy",
            name="hidden_routes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=255), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="leave_out_bots",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="policy",
            name="leave_out_health_checks",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="policy",
            name="leave_out_not_found",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                (
                    "query",
                    models.TextField(help_text="The page's address from its question mark on."),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="applications.application"
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("application", "name"), name="traffic_view_named_once"
                    )
                ],
            },
        ),
    ]
