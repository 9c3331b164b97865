from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('routing', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='offer',
            name='purpose',
            field=models.TextField(db_default='serve', default='serve', help_text='serve, or consult: asked by a colleague'),
        ),
        migrations.AddField(
            model_name='ticket',
            name='helper_id',
            field=models.IntegerField(help_text='second agent, asked by the first one', null=True),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('helper_id__isnull', False)), fields=['helper_id'], name='routing_ticket_helper_idx'),
        ),
    ]
