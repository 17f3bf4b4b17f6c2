import mes.core.clock
from django.db import migrations, models

# What was written before these columns tells only when the row came.
FORWARD = """
UPDATE machines_capacityoffer SET published_at = created_at;
UPDATE machines_capacityoffer SET withdrawn_at = created_at WHERE status = 'withdrawn';
"""


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0002_business_clock'),
        ('machines', '0003_pools'),
    ]

    operations = [
        migrations.AddField(
            model_name='capacityoffer',
            name='published_at',
            field=models.DateTimeField(db_default=mes.core.clock.BusinessNow(), verbose_name='published'),
        ),
        migrations.AddField(
            model_name='capacityoffer',
            name='withdrawn_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='withdrawn'),
        ),
        migrations.RunSQL(FORWARD, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='capacityoffer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'published'), ('withdrawn_at', None)), models.Q(('status', 'withdrawn'), ('withdrawn_at__isnull', False)), _connector='OR'), name='offer_withdrawn_when'),
        ),
    ]
