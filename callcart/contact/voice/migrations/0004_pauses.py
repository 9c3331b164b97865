from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('voice', '0003_outbound'),
    ]

    operations = [
        migrations.AddField(
            model_name='call',
            name='paused_for',
            field=models.JSONField(db_default=[], default=list, help_text='why the recording is paused; empty: it runs'),
        ),
    ]
