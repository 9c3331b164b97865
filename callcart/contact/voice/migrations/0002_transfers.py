from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('voice', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='call',
            name='voice_call_state',
        ),
        migrations.AddField(
            model_name='call',
            name='consult',
            field=models.JSONField(help_text='whom the agent has asked to join: leg, who, whether they hear each other', null=True),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['new', 'menu', 'waiting', 'ringing', 'talking', 'held', 'agent_lost', 'outside', 'ended'])), name='voice_call_state'),
        ),
    ]
