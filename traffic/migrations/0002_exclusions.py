"""Routes that pages hide, and what else they leave out of the figures."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
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
    ]
