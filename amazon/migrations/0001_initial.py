import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='InboundCall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(editable=False, verbose_name='at')),
                ('endpoint', models.CharField(help_text='The path that was called.', max_length=100, verbose_name='endpoint')),
                ('caller', models.CharField(help_text="Which of the connector's keys, never the key; or “refused”.", max_length=100, verbose_name='caller')),
                ('store_external_id', models.CharField(blank=True, max_length=255, verbose_name='store external id')),
                ('request_id', models.CharField(blank=True, max_length=255, verbose_name='request id')),
                ('amazon_trip_id', models.CharField(blank=True, max_length=255, verbose_name='amazon trip id')),
                ('body', models.TextField(verbose_name='body')),
                ('is_whole', models.BooleanField(verbose_name='is whole')),
                ('status', models.PositiveSmallIntegerField(verbose_name='status')),
                ('answer', models.TextField(verbose_name='answer')),
                ('duration_ms', models.PositiveIntegerField(verbose_name='duration ms')),
                ('is_replay', models.BooleanField(default=False, help_text='Sent again by staff, not by Amazon.', verbose_name='is replay')),
            ],
            options={
                'verbose_name': 'inbound call',
                'verbose_name_plural': 'inbound calls',
                'permissions': [('replay_inboundcall', "Can replay a failed call of Amazon's")],
                'indexes': [models.Index(fields=['-at', '-id'], name='inbound_by_time'), models.Index(condition=models.Q(('amazon_trip_id', ''), _negated=True), fields=['amazon_trip_id', 'at'], name='inbound_by_trip'), models.Index(condition=models.Q(('request_id', ''), _negated=True), fields=['request_id'], name='inbound_by_request'), models.Index(fields=['endpoint', '-at', '-id'], name='inbound_by_endpoint'), models.Index(fields=['store_external_id', '-at', '-id'], name='inbound_by_store'), models.Index(condition=models.Q(('status__gte', 400), ('status__lt', 500)), fields=['-at', '-id'], name='inbound_refused'), models.Index(condition=models.Q(('status__gte', 500)), fields=['-at', '-id'], name='inbound_failed')],
            },
        ),
        migrations.CreateModel(
            name='OutboundCall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='at')),
                ('operation', models.CharField(max_length=40, verbose_name='operation')),
                ('url', models.CharField(max_length=255, verbose_name='url')),
                ('store_external_id', models.CharField(max_length=255, verbose_name='store external id')),
                ('amazon_trip_id', models.CharField(max_length=255, verbose_name='amazon trip id')),
                ('request', models.TextField(verbose_name='request')),
                ('status', models.PositiveSmallIntegerField(help_text='Empty: no answer came.', null=True, verbose_name='status')),
                ('answer', models.TextField(blank=True, verbose_name='answer')),
                ('error', models.TextField(blank=True, verbose_name='error')),
                ('amazon_request_id', models.CharField(blank=True, max_length=100, verbose_name='amazon request id')),
                ('duration_ms', models.PositiveIntegerField(verbose_name='duration ms')),
            ],
            options={
                'verbose_name': 'outbound call',
                'verbose_name_plural': 'outbound calls',
                'indexes': [models.Index(fields=['amazon_trip_id', 'at'], name='outbound_by_trip'), models.Index(fields=['at'], name='outbound_by_time'), models.Index(fields=['store_external_id', '-id'], name='outbound_by_store')],
            },
        ),
    ]
