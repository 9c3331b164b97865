import callcart.core.ids
import callcart.core.models
import callcart.core.tenancy
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('voice', '0002_transfers'),
    ]

    operations = [
        migrations.CreateModel(
            name='OutboundCall',
            fields=[
                ('tenant_id', models.IntegerField(default=callcart.core.tenancy.current_tenant, editable=False)),
                ('id', models.UUIDField(default=callcart.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('conversation_id', models.UUIDField()),
                ('staff_id', models.UUIDField(null=True)),
                ('number', models.TextField(help_text='E.164')),
                ('started_at', models.DateTimeField(db_default=callcart.core.models.ClockTimestamp())),
                ('answered_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(help_text='empty with an ended call: then it ended with it', null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['tenant_id', 'started_at'], name='voice_outbound_time'), models.Index(fields=['conversation_id'], name='voice_outbound_talk')],
            },
        ),
    ]
