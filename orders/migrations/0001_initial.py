import core.fields
import core.indexes
import core.request_ids
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django_fsm
import orders.acts
import uuid
from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('loyalty', '0001_initial'),
        ('stores', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Trip',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('next_attempt_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='next attempt at')),
                ('lease_count', models.PositiveIntegerField(default=0, editable=False, verbose_name='lease count')),
                ('failed_attempts', models.PositiveIntegerField(default=0, editable=False, verbose_name='failed attempts')),
                ('last_error', models.TextField(blank=True, editable=False, verbose_name='last error')),
                ('amazon_trip_id', models.CharField(editable=False, max_length=255, verbose_name='trip id')),
                ('entry', models.CharField(choices=[('CARD', 'card'), ('APP', 'app')], editable=False, max_length=4, verbose_name='entry')),
                ('request_id', models.CharField(editable=False, max_length=36, verbose_name='request id')),
                ('shopper_id', models.CharField(blank=True, editable=False, max_length=255, verbose_name='shopper id')),
                ('item_count', models.PositiveIntegerField(editable=False, help_text="Lines in Amazon's cart.", verbose_name='item count')),
                ('started_at', models.DateTimeField(editable=False, verbose_name='started at')),
                ('ended_at', models.DateTimeField(editable=False, verbose_name='ended at')),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='received at')),
                ('state', django_fsm.FSMField(choices=[('received', 'received'), ('review', 'in review'), ('priced', 'priced'), ('collecting', 'collecting'), ('paid', 'paid'), ('partly_paid', 'partly paid'), ('unpaid', 'unpaid'), ('no_charge', 'no charge'), ('expired', 'expired'), ('failed', 'failed')], default='received', editable=False, max_length=50, protected=True, verbose_name='state')),
                ('currency', core.fields.CurrencyField(blank=True, db_default='', editable=False, verbose_name='currency')),
                ('subtotal', core.fields.AmountField(editable=False, null=True, verbose_name='subtotal')),
                ('tax', core.fields.AmountField(editable=False, null=True, verbose_name='tax')),
                ('total', core.fields.AmountField(editable=False, null=True, verbose_name='total')),
                ('member', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='trips', to='loyalty.member', verbose_name='member')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='trips', to='stores.store', verbose_name='store')),
            ],
            options={
                'verbose_name': 'trip',
                'verbose_name_plural': 'trips',
                'ordering': ['-received_at', '-id'],
                'permissions': [('mark_seen', 'Can say that what needs a look has been looked at')],
                'indexes': [models.Index(condition=models.Q(('next_attempt_at__isnull', False)), fields=['next_attempt_at'], name='trip_due'), models.Index(fields=['-received_at', '-id'], name='trip_by_time'), models.Index(fields=['store', '-received_at', '-id'], name='trip_by_store'), models.Index(fields=['state', '-received_at', '-id'], name='trip_by_state'), models.Index(fields=['entry', '-received_at', '-id'], name='trip_by_entry'), models.Index(condition=models.Q(('state__in', ('review', 'partly_paid', 'unpaid', 'no_charge', 'expired', 'failed'))), fields=['store', 'state', '-received_at', '-id'], name='trip_by_store_and_rare_state'), models.Index(condition=models.Q(('member__isnull', False)), fields=['member', '-received_at'], name='trip_by_member'), models.Index(condition=models.Q(('member__isnull', False)), fields=['store', '-received_at', 'member'], name='trip_of_member_by_store'), models.Index(condition=models.Q(('total__isnull', False)), fields=['total', '-received_at', '-id'], name='trip_by_total')],
                'constraints': [models.UniqueConstraint(fields=('amazon_trip_id',), name='one_trip_per_amazon_id', opclasses=['varchar_pattern_ops']), models.CheckConstraint(condition=models.Q(('total__isnull', True), models.Q(('total__gt', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('subtotal'), '+', models.F('tax')), '-', models.Value(Decimal('0.00005')))), ('total__lt', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('subtotal'), '+', models.F('tax')), '+', models.Value(Decimal('0.00005'))))), _connector='OR'), name='trip_total_is_subtotal_and_tax'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'received'), _negated=True), ('next_attempt_at__isnull', False), _connector='OR'), name='received_trip_is_due')],
            },
            bases=(django_fsm.FSMModelMixin, models.Model),
        ),
        migrations.CreateModel(
            name='Cart',
            fields=[
                ('trip', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='orders.trip')),
                ('body', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='Adjustment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('actor', models.CharField(editable=False, max_length=150)),
                ('reason', models.CharField(choices=[('not_taken', 'the shopper did not take it'), ('missed', 'taken, but not in the cart'), ('wrong_item', 'another item was taken'), ('wrong_price', 'wrong price'), ('spoilt', 'damaged or expired'), ('goodwill', 'goodwill'), ('other', 'other')], editable=False, max_length=20)),
                ('note', models.TextField(blank=True, editable=False)),
                ('total_before', core.fields.AmountField(editable=False, null=True)),
                ('total_after', core.fields.AmountField(editable=False)),
                ('trip', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='adjustments', to='orders.trip')),
            ],
            options={
                'ordering': ['at', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('total_after__gte', 0)), name='adjusted_total_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='DashCartTotal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amazon_trip_id', models.CharField(max_length=255)),
                ('total', core.fields.AmountField()),
                ('currency', core.fields.CurrencyField()),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stores.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('store', 'amazon_trip_id'), name='one_total_per_dash_cart_trip')],
            },
        ),
        migrations.CreateModel(
            name='DivergentCart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seen_at', models.DateTimeField(editable=False, null=True, verbose_name='seen at')),
                ('seen_by', models.CharField(blank=True, editable=False, max_length=150, verbose_name='seen by')),
                ('body', models.BinaryField()),
                ('digest', models.CharField(max_length=64)),
                ('request_id', models.CharField(max_length=36)),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('trip', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='divergent_carts', to='orders.trip')),
            ],
            options={
                'verbose_name': 'divergent cart',
                'verbose_name_plural': 'divergent carts',
                'ordering': ['received_at'],
                'indexes': [models.Index(condition=models.Q(('seen_at__isnull', True)), fields=['id'], name='divergent_cart_unseen')],
                'constraints': [models.UniqueConstraint(fields=('trip', 'digest'), name='one_row_per_divergent_body')],
            },
        ),
        migrations.CreateModel(
            name='Line',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('sku', models.CharField(help_text='As Amazon sent it: a SKU or a scanned code.', max_length=255, verbose_name='SKU')),
                ('is_scan_code', models.BooleanField(default=False)),
                ('barcodes', models.JSONField(default=list)),
                ('line_item_id', models.CharField(blank=True, max_length=255)),
                ('quantity', models.DecimalField(decimal_places=10, max_digits=20)),
                ('unit', models.CharField(max_length=255)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('unit_price', core.fields.AmountField(null=True)),
                ('tax_rate', models.DecimalField(decimal_places=3, max_digits=6, null=True)),
                ('tax', core.fields.AmountField(null=True)),
                ('total', core.fields.AmountField(null=True)),
                ('problem', models.CharField(blank=True, max_length=300)),
                ('product', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stores.product')),
                ('trip', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='orders.trip')),
            ],
            options={
                'verbose_name': 'line',
                'verbose_name_plural': 'lines',
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('trip', 'position'), name='one_line_per_position')],
            },
        ),
        migrations.CreateModel(
            name='AdjustmentLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity_before', models.DecimalField(decimal_places=10, editable=False, max_digits=20)),
                ('quantity_after', models.DecimalField(decimal_places=10, editable=False, max_digits=20)),
                ('unit_price_before', core.fields.AmountField(editable=False, null=True)),
                ('unit_price_after', core.fields.AmountField(editable=False, null=True)),
                ('tax_before', core.fields.AmountField(editable=False, null=True)),
                ('tax_after', core.fields.AmountField(editable=False, null=True)),
                ('total_before', core.fields.AmountField(editable=False, null=True)),
                ('total_after', core.fields.AmountField(editable=False, null=True)),
                ('adjustment', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='orders.adjustment')),
                ('line', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='orders.line')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('adjustment', 'line'), name='one_row_per_adjustment_and_line'), models.CheckConstraint(condition=models.Q(('quantity_after__gte', 0)), name='adjusted_quantity_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='TripEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('actor', models.CharField(default='system', max_length=150)),
                ('kind', models.CharField(choices=[('diverged', 'another cart received'), ('held', 'held for review'), ('product_chosen', 'product chosen'), ('priced', 'priced'), ('adjusted', 'adjusted'), ('contested', 'contested by the shopper'), ('contest_decided', 'contest decided'), ('deadline_near', 'deadline is near'), ('noted', 'note'), ('receipt_asked', 'receipt to be sent again'), ('seen', 'looked at')], max_length=20)),
                ('amount', core.fields.AmountField(null=True)),
                ('detail', models.TextField(blank=True)),
                ('request_id', core.request_ids.RequestIdField(blank=True, db_default='', default=core.request_ids.current_request_id, editable=False, help_text="Of a note: the form's, so that sending it twice makes one.", max_length=36)),
                ('store', orders.acts.StoreOfAct(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stores.store')),
                ('trip', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='orders.trip')),
            ],
            options={
                'ordering': ['at', 'id'],
                'permissions': [('add_note', 'Can add a note for colleagues to a trip')],
                'indexes': [models.Index(condition=models.Q(('actor__in', ('Amazon', 'system', 'Stripe', 'house account', 'fallback', 'gate rules')), _negated=True), fields=['-at', '-id'], name='trip_event_by_people'), models.Index(condition=models.Q(('actor__in', ('Amazon', 'system', 'Stripe', 'house account', 'fallback', 'gate rules')), _negated=True), fields=['actor', '-at', '-id'], name='trip_event_by_person'), models.Index(condition=models.Q(('actor__in', ('Amazon', 'system', 'Stripe', 'house account', 'fallback', 'gate rules')), _negated=True), fields=['store', '-at', '-id'], name='trip_event_at_store'), core.indexes.AppendedIndex(autosummarize=True, fields=['at'], name='trip_event_by_time')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'noted')), fields=('trip', 'request_id'), name='one_note_per_trip_and_form'), models.UniqueConstraint(condition=models.Q(('kind', 'deadline_near')), fields=('trip',), name='one_deadline_warning_per_trip')],
            },
        ),
        migrations.CreateModel(
            name='TripIdentity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.CharField(db_index=True, max_length=255)),
                ('rank', models.PositiveSmallIntegerField(help_text='0: who pays; then who entered; then who was scanned inside.')),
                ('trip', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='identities', to='orders.trip')),
            ],
            options={
                'ordering': ['rank', 'id'],
                'constraints': [models.UniqueConstraint(fields=('trip', 'value'), name='one_row_per_trip_and_identity')],
            },
        ),
    ]
