import callcart.core.ids
import callcart.core.models
import callcart.core.tenancy
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('voice', '0009_after'),
    ]

    operations = [
        migrations.CreateModel(
            name='PromptTake',
            fields=[
                ('tenant_id', models.IntegerField(default=callcart.core.tenancy.current_tenant, editable=False)),
                ('id', models.UUIDField(default=callcart.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('key', models.TextField(help_text='the prompt')),
                ('language', models.TextField(help_text="the prompt's")),
                ('staff_id', models.UUIDField()),
                ('spoken', models.TextField(help_text='the language in which he is told what to do')),
                ('number', models.TextField(blank=True, default='', help_text='E.164; empty: his page')),
                ('shown', models.TextField(blank=True, default='')),
                ('longest', models.IntegerField(default=0, help_text='seconds that a call outside may last')),
                ('node', models.TextField(default='main', help_text='whose voice process rings him')),
                ('state', models.TextField(default='ringing')),
                ('round', models.IntegerField(default=0, help_text='how often he has begun to speak')),
                ('why', models.TextField(blank=True, default='', help_text='how it ended without a recording')),
                ('started_at', models.DateTimeField(db_default=callcart.core.models.ClockTimestamp())),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['node'], name='voice_take_live'), models.Index(fields=['tenant_id', 'staff_id', '-id'], name='voice_take_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['ringing', 'told', 'speaking', 'heard', 'kept', 'over'])), name='voice_take_state'), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('tenant_id', 'staff_id'), name='voice_take_once')],
            },
        ),
    ]
