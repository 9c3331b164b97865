from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0009_lines"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["split_from"],
                condition=models.Q(("split_from__isnull", False)),
                name="orders_order_split_from",
            ),
        ),
    ]
