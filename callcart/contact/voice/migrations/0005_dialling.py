from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('voice', '0004_pauses'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='call',
            name='voice_call_state',
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['new', 'menu', 'waiting', 'ringing', 'talking', 'held', 'agent_lost', 'dialling', 'outside', 'ended'])), name='voice_call_state'),
        ),
    ]
