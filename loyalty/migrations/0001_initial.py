import core.indexes
import core.request_ids
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import simple_history.models
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('stores', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Member',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(help_text="Your own id for this person; Amazon gets it as the shopper's id.", max_length=255, unique=True, verbose_name='external id')),
                ('kind', models.CharField(choices=[('SHOPPER', 'shopper'), ('ASSOCIATE', 'associate')], default='SHOPPER', max_length=10, verbose_name='kind')),
                ('name', models.CharField(blank=True, max_length=200, verbose_name='name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                ('phone', models.CharField(blank=True, help_text='With country code, such as +4420….', max_length=32, verbose_name='phone')),
                ('tier', models.CharField(blank=True, max_length=50, verbose_name='tier')),
                ('blocked_at', models.DateTimeField(editable=False, null=True, verbose_name='blocked at')),
                ('block_reason', models.CharField(blank=True, editable=False, max_length=300, verbose_name='block reason')),
                ('anonymized_at', models.DateTimeField(editable=False, null=True, verbose_name='anonymized at')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ],
            options={
                'verbose_name': 'member',
                'verbose_name_plural': 'members',
                'ordering': ['-id'],
                'permissions': [('block_member', 'Can block a member and let them in again'), ('anonymize_member', "Can erase a member's personal data"), ('view_personal_data', 'Can see names, e-mail addresses, phone numbers and what shoppers write')],
                'indexes': [models.Index(condition=models.Q(('phone', ''), _negated=True), fields=['phone'], name='member_by_phone'), models.Index(condition=models.Q(('email', ''), _negated=True), fields=['email'], name='member_by_email'), models.Index(django.db.models.functions.text.Upper('name'), condition=models.Q(('name', ''), _negated=True), name='member_by_name'), models.Index(condition=models.Q(('blocked_at__isnull', False)), fields=['-id'], name='member_blocked'), core.indexes.AppendedIndex(fields=['created_at'], name='member_by_time')],
            },
        ),
        migrations.CreateModel(
            name='MemberEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('actor', models.CharField(blank=True, help_text='Empty: nobody was signed in.', max_length=150)),
                ('reason', models.CharField(blank=True, help_text='What did it, where nobody was signed in.', max_length=100)),
                ('kind', models.CharField(choices=[('added_by_api', 'Added through the API'), ('changed_by_api', 'Changed through the API'), ('added_by_file', 'Added by a file'), ('changed_by_file', 'Changed by a file')], max_length=20)),
                ('fields', models.CharField(blank=True, help_text='What is something else now.', max_length=200)),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='loyalty.member')),
            ],
            options={
                'ordering': ['at', 'id'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['-at', '-id'], name='member_event_by_time'), models.Index(fields=['actor', '-at', '-id'], name='member_event_by_person')],
            },
        ),
        migrations.CreateModel(
            name='Code',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.CharField(max_length=255, unique=True, verbose_name='value')),
                ('is_loyalty_only', models.BooleanField(default=False, help_text='Collects points, but opens no gate.', verbose_name='loyalty card only')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='codes', to='loyalty.member', verbose_name='member')),
            ],
            options={
                'verbose_name': 'code',
                'verbose_name_plural': 'codes',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='ScanKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('issued_at', models.DateTimeField(db_index=True)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scan_keys', to='loyalty.member')),
            ],
        ),
        migrations.CreateModel(
            name='HistoricalPromotion',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, verbose_name='ID')),
                ('actor', models.CharField(blank=True, help_text='Empty: nobody was signed in.', max_length=150)),
                ('called', models.CharField(help_text="The object's name that day.", max_length=200)),
                ('at_store', models.BigIntegerField(null=True)),
                ('changes', models.JSONField(default=list)),
                ('request_id', core.request_ids.RequestIdField(blank=True, db_default='', default=core.request_ids.current_request_id, editable=False, max_length=36)),
                ('promotion_id', models.CharField(max_length=255, verbose_name='promotion id')),
                ('tier', models.CharField(blank=True, help_text='Empty: every member.', max_length=50, verbose_name='tier')),
                ('is_active', models.BooleanField(default=True, verbose_name='is active')),
                ('history_user_id', models.BigIntegerField(null=True)),
                ('history_id', models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField()),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('store', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='stores.store', verbose_name='store')),
            ],
            options={
                'verbose_name': 'historical promotion',
                'verbose_name_plural': 'historical promotions',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'default_permissions': (),
                'indexes': [models.Index(fields=['id', '-history_id'], name='promotion_log_by_object'), models.Index(fields=['-history_date', '-history_id'], name='promotion_log_by_time'), models.Index(fields=['actor', '-history_date', '-history_id'], name='promotion_log_by_actor'), models.Index(fields=['at_store', '-history_date', '-history_id'], name='promotion_log_by_store')],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='PointsEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='at')),
                ('kind', models.CharField(choices=[('earned', 'earned'), ('taken_back', 'taken back'), ('corrected', 'corrected by staff')], max_length=10, verbose_name='kind')),
                ('points', models.BigIntegerField(verbose_name='points')),
                ('rate', models.DecimalField(decimal_places=4, help_text='As the store had it when the trip was settled: what comes back is reckoned by it.', max_digits=8, null=True, verbose_name='points per unit of money')),
                ('reference', models.CharField(help_text='What it is for; nothing counts twice.', max_length=300, unique=True, verbose_name='reference')),
                ('amazon_trip_id', models.CharField(blank=True, max_length=255, verbose_name='amazon trip id')),
                ('actor', models.CharField(default='system', max_length=150, verbose_name='actor')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='points_entries', to='loyalty.member', verbose_name='member')),
            ],
            options={
                'verbose_name': 'points entry',
                'verbose_name_plural': 'points entries',
                'ordering': ['at', 'id'],
                'permissions': [('correct_points', "Can correct a member's points")],
                'indexes': [models.Index(condition=models.Q(('actor__in', ('Amazon', 'system', 'Stripe', 'house account', 'fallback', 'gate rules')), _negated=True), fields=['-at', '-id'], name='points_by_people'), models.Index(condition=models.Q(('actor__in', ('Amazon', 'system', 'Stripe', 'house account', 'fallback', 'gate rules')), _negated=True), fields=['actor', '-at', '-id'], name='points_by_person')],
            },
        ),
        migrations.CreateModel(
            name='Promotion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('promotion_id', models.CharField(max_length=255, verbose_name='promotion id')),
                ('tier', models.CharField(blank=True, help_text='Empty: every member.', max_length=50, verbose_name='tier')),
                ('is_active', models.BooleanField(default=True, verbose_name='is active')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='promotions', to='stores.store', verbose_name='store')),
            ],
            options={
                'verbose_name': 'promotion',
                'verbose_name_plural': 'promotions',
                'ordering': ['store', 'promotion_id'],
                'constraints': [models.UniqueConstraint(fields=('store', 'promotion_id', 'tier'), name='one_row_per_promotion_and_tier')],
            },
        ),
        migrations.CreateModel(
            name='Scan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('identity', 'at the gate'), ('loyalty', 'loyalty')], max_length=10, verbose_name='kind')),
                ('request_id', models.CharField(blank=True, help_text='Empty where it is no UUID.', max_length=36, verbose_name='request id')),
                ('event_id', models.CharField(help_text="Amazon's id of the scan; the cart names it again.", max_length=255, verbose_name='event id')),
                ('shown', models.CharField(help_text='The last characters of the code, for staff who look for it.', max_length=20, verbose_name='shown')),
                ('location', models.CharField(blank=True, max_length=20, verbose_name='location')),
                ('at', models.DateTimeField(help_text='When Amazon says that it was scanned.', verbose_name='at')),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='received at')),
                ('is_accepted', models.BooleanField(verbose_name='is accepted')),
                ('reason', models.CharField(blank=True, help_text='Why it was refused.', max_length=200, verbose_name='reason')),
                ('resolved_id', models.CharField(blank=True, max_length=255, verbose_name='resolved id')),
                ('resolved_type', models.CharField(blank=True, max_length=10, verbose_name='resolved type')),
                ('member', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='scans', to='loyalty.member', verbose_name='member')),
                ('store', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='scans', to='stores.store', verbose_name='store')),
            ],
            options={
                'verbose_name': 'scan',
                'verbose_name_plural': 'scans',
                'ordering': ['-received_at', '-id'],
                'indexes': [models.Index(fields=['-received_at', '-id'], name='scan_by_time'), models.Index(fields=['store', '-received_at', '-id'], name='scan_by_store'), models.Index(condition=models.Q(('is_accepted', False)), fields=['-received_at', '-id'], name='scan_refused'), models.Index(condition=models.Q(('is_accepted', False)), fields=['store', '-received_at', '-id'], name='scan_refused_by_store')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('request_id', ''), _negated=True), fields=('kind', 'request_id'), name='one_scan_per_request'), models.UniqueConstraint(condition=models.Q(('kind', 'identity')), fields=('event_id',), name='one_scan_per_gate_event')],
            },
        ),
    ]
