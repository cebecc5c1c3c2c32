from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommend", "0001_recommend"),
    ]

    operations = [
        migrations.CreateModel(
            name="Feedback",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "member_id",
                        "shown_id",
                        "kind",
                        "sku",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("member_id", models.BigIntegerField()),
                ("shown_id", models.BigIntegerField()),
                ("kind", models.CharField(max_length=12)),
                ("sku", models.CharField(max_length=64)),
                ("noted_at", models.DateTimeField()),
            ],
            options={"db_table": "recommend_feedback"},
        ),
    ]
