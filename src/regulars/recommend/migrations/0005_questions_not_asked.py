from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommend", "0004_rewards_not_wanted"),
    ]

    operations = [
        migrations.AlterField(
            model_name="dismissal",
            name="kind",
            field=models.CharField(
                choices=[
                    ("show", "not shown"),
                    ("learn", "not learnt from"),
                    ("reward", "not suggested"),
                    ("question", "not asked"),
                ],
                max_length=8,
            ),
        ),
    ]
