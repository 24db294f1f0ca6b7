import core.fields
import core.request_ids
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import simple_history.models
import stores.models
from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Store',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(help_text="The external id in the merchant portal's store details. Amazon sends it as storeId.", max_length=255, unique=True, verbose_name='external id')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('region', models.CharField(choices=[('us-east-1', 'US East (N. Virginia)'), ('us-west-2', 'US West (Oregon)'), ('eu-west-1', 'EU (Ireland)'), ('ap-southeast-1', 'Asia Pacific (Singapore)')], help_text='Where Amazon runs the store.', max_length=20, verbose_name='region')),
                ('time_zone', models.CharField(help_text='Such as Europe/London.', max_length=50, validators=[stores.models.validate_time_zone], verbose_name='time zone')),
                ('currency', core.fields.CurrencyField(help_text='Such as GBP.', validators=[stores.models.validate_currency], verbose_name='currency')),
                ('prices_include_tax', models.BooleanField(default=False, verbose_name='prices include tax')),
                ('card_flow', models.CharField(choices=[('PAYMENT_SERVICE', "Amazon's payment service"), ('CHECKOUT_SERVICE', "Amazon's checkout service"), ('OWN_PROCESSOR', 'own processor')], default='PAYMENT_SERVICE', max_length=20, verbose_name='payment flow of card entries')),
                ('app_flow', models.CharField(choices=[('PAYMENT_SERVICE', "Amazon's payment service"), ('CHECKOUT_SERVICE', "Amazon's checkout service"), ('OWN_PROCESSOR', 'own processor')], default='OWN_PROCESSOR', max_length=20, verbose_name='payment flow of app entries')),
                ('processor', models.CharField(choices=[('house_account', 'house account'), ('stripe', 'Stripe')], default='house_account', help_text='Who collects where the payment flow is “own processor”.', max_length=20, verbose_name='own processor')),
                ('sends_receipts', models.BooleanField(default=True, help_text="The retailer gives the receipt, except for what Amazon's checkout service collects.", verbose_name='sends receipts')),
                ('receipt_header', models.TextField(blank=True, help_text="Stands on receipts beneath the store's name: address, tax number.", verbose_name='receipt header')),
                ('reports_payments', models.BooleanField(default=True, help_text="Tell Amazon's fraud-and-abuse service what each trip cost and what of it is paid.", verbose_name='reports payments')),
                ('refund_approval_above', core.fields.AmountField(blank=True, help_text='A refund above this needs a second person. Empty: none does.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='refund approval above')),
                ('refund_window_days', models.PositiveSmallIntegerField(default=7, help_text='Amazon refunds a trip for 7 days (refund_charge), counted here from the capture.', verbose_name='refund window days')),
                ('loyalty_provider', models.CharField(blank=True, help_text='Name of the loyalty programme, as Amazon is told. Empty: none here.', max_length=255, verbose_name='loyalty provider')),
                ('points_per_unit', models.DecimalField(decimal_places=4, default=0, help_text='What a member earns for each 1.00 that is paid; 0: none.', max_digits=8, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='points per unit of money')),
                ('has_dash_cart', models.BooleanField(default=False, help_text='The store has Dash Carts, which ask for prices while shopping.', verbose_name='Dash Carts')),
                ('is_test_mode', models.BooleanField(default=False, help_text="Call Amazon's .test. hosts, where nobody is really charged.", verbose_name='test mode')),
            ],
            options={
                'verbose_name': 'store',
                'verbose_name_plural': 'stores',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='HistoricalStore',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, verbose_name='ID')),
                ('actor', models.CharField(blank=True, help_text='Empty: nobody was signed in.', max_length=150)),
                ('called', models.CharField(help_text="The object's name that day.", max_length=200)),
                ('at_store', models.BigIntegerField(null=True)),
                ('changes', models.JSONField(default=list)),
                ('request_id', core.request_ids.RequestIdField(blank=True, db_default='', default=core.request_ids.current_request_id, editable=False, max_length=36)),
                ('external_id', models.CharField(help_text="The external id in the merchant portal's store details. Amazon sends it as storeId.", max_length=255, verbose_name='external id')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('region', models.CharField(choices=[('us-east-1', 'US East (N. Virginia)'), ('us-west-2', 'US West (Oregon)'), ('eu-west-1', 'EU (Ireland)'), ('ap-southeast-1', 'Asia Pacific (Singapore)')], help_text='Where Amazon runs the store.', max_length=20, verbose_name='region')),
                ('time_zone', models.CharField(help_text='Such as Europe/London.', max_length=50, validators=[stores.models.validate_time_zone], verbose_name='time zone')),
                ('currency', core.fields.CurrencyField(help_text='Such as GBP.', validators=[stores.models.validate_currency], verbose_name='currency')),
                ('prices_include_tax', models.BooleanField(default=False, verbose_name='prices include tax')),
                ('card_flow', models.CharField(choices=[('PAYMENT_SERVICE', "Amazon's payment service"), ('CHECKOUT_SERVICE', "Amazon's checkout service"), ('OWN_PROCESSOR', 'own processor')], default='PAYMENT_SERVICE', max_length=20, verbose_name='payment flow of card entries')),
                ('app_flow', models.CharField(choices=[('PAYMENT_SERVICE', "Amazon's payment service"), ('CHECKOUT_SERVICE', "Amazon's checkout service"), ('OWN_PROCESSOR', 'own processor')], default='OWN_PROCESSOR', max_length=20, verbose_name='payment flow of app entries')),
                ('processor', models.CharField(choices=[('house_account', 'house account'), ('stripe', 'Stripe')], default='house_account', help_text='Who collects where the payment flow is “own processor”.', max_length=20, verbose_name='own processor')),
                ('sends_receipts', models.BooleanField(default=True, help_text="The retailer gives the receipt, except for what Amazon's checkout service collects.", verbose_name='sends receipts')),
                ('receipt_header', models.TextField(blank=True, help_text="Stands on receipts beneath the store's name: address, tax number.", verbose_name='receipt header')),
                ('reports_payments', models.BooleanField(default=True, help_text="Tell Amazon's fraud-and-abuse service what each trip cost and what of it is paid.", verbose_name='reports payments')),
                ('refund_approval_above', core.fields.AmountField(blank=True, help_text='A refund above this needs a second person. Empty: none does.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='refund approval above')),
                ('refund_window_days', models.PositiveSmallIntegerField(default=7, help_text='Amazon refunds a trip for 7 days (refund_charge), counted here from the capture.', verbose_name='refund window days')),
                ('loyalty_provider', models.CharField(blank=True, help_text='Name of the loyalty programme, as Amazon is told. Empty: none here.', max_length=255, verbose_name='loyalty provider')),
                ('points_per_unit', models.DecimalField(decimal_places=4, default=0, help_text='What a member earns for each 1.00 that is paid; 0: none.', max_digits=8, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='points per unit of money')),
                ('has_dash_cart', models.BooleanField(default=False, help_text='The store has Dash Carts, which ask for prices while shopping.', verbose_name='Dash Carts')),
                ('is_test_mode', models.BooleanField(default=False, help_text="Call Amazon's .test. hosts, where nobody is really charged.", verbose_name='test mode')),
                ('history_user_id', models.BigIntegerField(null=True)),
                ('history_id', models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField()),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical store',
                'verbose_name_plural': 'historical stores',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'default_permissions': (),
                'indexes': [models.Index(fields=['id', '-history_id'], name='store_log_by_object'), models.Index(fields=['-history_date', '-history_id'], name='store_log_by_time'), models.Index(fields=['actor', '-history_date', '-history_id'], name='store_log_by_actor'), models.Index(fields=['at_store', '-history_date', '-history_id'], name='store_log_by_store')],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sku', models.CharField(max_length=255, verbose_name='SKU')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('price', core.fields.AmountField(validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='price')),
                ('unit', models.CharField(default='unit', help_text='“unit” for things that are counted; “kg” or “lb” for what is weighed.', max_length=20, verbose_name='unit')),
                ('tax_rate', models.DecimalField(decimal_places=3, default=0, max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='tax rate in %')),
                ('category', models.CharField(blank=True, db_default='', help_text='Such as “Drinks”. The reports add up what is sold by it.', max_length=100, verbose_name='category')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='updated at')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='products', to='stores.store', verbose_name='store')),
            ],
            options={
                'verbose_name': 'product',
                'verbose_name_plural': 'products',
                'ordering': ['name'],
                'indexes': [models.Index(fields=['sku', 'category'], name='product_by_sku')],
                'constraints': [models.UniqueConstraint(fields=('store', 'sku'), name='one_product_per_sku_and_store'), models.CheckConstraint(condition=models.Q(('price__gte', 0)), name='product_price_not_negative'), models.CheckConstraint(condition=models.Q(('tax_rate__gte', 0), ('tax_rate__lte', 100)), name='product_tax_rate_percent')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalProduct',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, verbose_name='ID')),
                ('actor', models.CharField(blank=True, help_text='Empty: nobody was signed in.', max_length=150)),
                ('called', models.CharField(help_text="The object's name that day.", max_length=200)),
                ('at_store', models.BigIntegerField(null=True)),
                ('changes', models.JSONField(default=list)),
                ('request_id', core.request_ids.RequestIdField(blank=True, db_default='', default=core.request_ids.current_request_id, editable=False, max_length=36)),
                ('sku', models.CharField(max_length=255, verbose_name='SKU')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('price', core.fields.AmountField(validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='price')),
                ('unit', models.CharField(default='unit', help_text='“unit” for things that are counted; “kg” or “lb” for what is weighed.', max_length=20, verbose_name='unit')),
                ('tax_rate', models.DecimalField(decimal_places=3, default=0, max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='tax rate in %')),
                ('category', models.CharField(blank=True, db_default='', help_text='Such as “Drinks”. The reports add up what is sold by it.', max_length=100, verbose_name='category')),
                ('history_user_id', models.BigIntegerField(null=True)),
                ('history_id', models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField()),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('store', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='stores.store', verbose_name='store')),
            ],
            options={
                'verbose_name': 'historical product',
                'verbose_name_plural': 'historical products',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'default_permissions': (),
                'indexes': [models.Index(fields=['id', '-history_id'], name='product_log_by_object'), models.Index(fields=['-history_date', '-history_id'], name='product_log_by_time'), models.Index(fields=['actor', '-history_date', '-history_id'], name='product_log_by_actor'), models.Index(fields=['at_store', '-history_date', '-history_id'], name='product_log_by_store')],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalBarcode',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, verbose_name='ID')),
                ('actor', models.CharField(blank=True, help_text='Empty: nobody was signed in.', max_length=150)),
                ('called', models.CharField(help_text="The object's name that day.", max_length=200)),
                ('at_store', models.BigIntegerField(null=True)),
                ('changes', models.JSONField(default=list)),
                ('request_id', core.request_ids.RequestIdField(blank=True, db_default='', default=core.request_ids.current_request_id, editable=False, max_length=36)),
                ('code', models.CharField(max_length=255, verbose_name='code')),
                ('history_user_id', models.BigIntegerField(null=True)),
                ('history_id', models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField()),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('product', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='stores.product', verbose_name='product')),
                ('store', models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='stores.store', verbose_name='store')),
            ],
            options={
                'verbose_name': 'historical barcode',
                'verbose_name_plural': 'historical barcodes',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'default_permissions': (),
                'indexes': [models.Index(fields=['product', '-history_id'], name='barcode_log_by_object'), models.Index(fields=['-history_date', '-history_id'], name='barcode_log_by_time'), models.Index(fields=['actor', '-history_date', '-history_id'], name='barcode_log_by_actor'), models.Index(fields=['at_store', '-history_date', '-history_id'], name='barcode_log_by_store')],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Barcode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=255, verbose_name='code')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='barcodes', to='stores.product', verbose_name='product')),
                ('store', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, to='stores.store', verbose_name='store')),
            ],
            options={
                'verbose_name': 'barcode',
                'verbose_name_plural': 'barcodes',
                'indexes': [models.Index(fields=['code'], name='barcode_by_code')],
                'constraints': [models.UniqueConstraint(fields=('store', 'code'), name='one_product_per_barcode_and_store')],
            },
        ),
    ]
