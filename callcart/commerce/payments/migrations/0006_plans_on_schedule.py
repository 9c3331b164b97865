"""Plans that are under way are put on the schedule: their next step is the charge of their day."""

from django.db import migrations

_SCHEDULE = """
UPDATE payments_instalment i SET step = 1, next_at = (i.due_on + time '09:00') AT TIME ZONE t.timezone
  FROM payments_payment p, tenants_tenant t
 WHERE p.id = i.payment_id AND t.id = i.tenant_id AND p.mandate <> '' AND p.state <> 'cancelled'
   AND i.state IN ('scheduled', 'overdue') AND i.next_at IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0005_statements")]

    operations = [migrations.RunSQL(_SCHEDULE, migrations.RunSQL.noop)]
