from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('redemption', '0004_fulfilments'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='redemption',
            index=models.Index(fields=['reward', 'reserved_at'], include=['units', 'state'], name='redemption_by_reward'),
        ),
        migrations.AddIndex(
            model_name='goal',
            index=models.Index(fields=['reward'], name='redemption_goal_by_reward'),
        ),
    ]
