import core.request_ids
import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('stores', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('sees_all_stores', models.BooleanField(default=False, help_text='Sees every store, those that open later as well.', verbose_name='all stores')),
                ('list_settings', models.JSONField(default=dict, editable=False, help_text="What each list shows, by its rows' model.", verbose_name='list settings')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('stores', models.ManyToManyField(blank=True, help_text='Sees these stores, what happened there, and nothing else.', related_name='staff', to='stores.store', verbose_name='stores')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'permissions': [('view_audit', 'Can see who did what at their stores')],
                'abstract': False,
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='HistoricalGroup',
            fields=[
                ('id', models.IntegerField(auto_created=True, blank=True, verbose_name='ID')),
                ('name', models.CharField(max_length=150, verbose_name='name')),
                ('actor', models.CharField(blank=True, help_text='Empty: nobody was signed in.', max_length=150)),
                ('called', models.CharField(help_text="The object's name that day.", max_length=200)),
                ('at_store', models.BigIntegerField(null=True)),
                ('changes', models.JSONField(default=list)),
                ('request_id', core.request_ids.RequestIdField(blank=True, db_default='', default=core.request_ids.current_request_id, editable=False, max_length=36)),
                ('history_user_id', models.BigIntegerField(null=True)),
                ('history_id', models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField()),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical group',
                'verbose_name_plural': 'historical groups',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'default_permissions': (),
                'indexes': [models.Index(fields=['id', '-history_id'], name='group_log_by_object'), models.Index(fields=['-history_date', '-history_id'], name='group_log_by_time'), models.Index(fields=['actor', '-history_date', '-history_id'], name='group_log_by_actor')],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalUser',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, verbose_name='ID')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('actor', models.CharField(blank=True, help_text='Empty: nobody was signed in.', max_length=150)),
                ('called', models.CharField(help_text="The object's name that day.", max_length=200)),
                ('at_store', models.BigIntegerField(null=True)),
                ('changes', models.JSONField(default=list)),
                ('request_id', core.request_ids.RequestIdField(blank=True, db_default='', default=core.request_ids.current_request_id, editable=False, max_length=36)),
                ('sees_all_stores', models.BooleanField(default=False, help_text='Sees every store, those that open later as well.', verbose_name='all stores')),
                ('history_user_id', models.BigIntegerField(null=True)),
                ('history_id', models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField()),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical user',
                'verbose_name_plural': 'historical users',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'default_permissions': (),
                'indexes': [models.Index(fields=['id', '-history_id'], name='user_log_by_object'), models.Index(fields=['-history_date', '-history_id'], name='user_log_by_time'), models.Index(fields=['actor', '-history_date', '-history_id'], name='user_log_by_actor')],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='PersonalDataLook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='at')),
                ('actor', models.CharField(max_length=150, verbose_name='who')),
                ('whose', models.CharField(blank=True, help_text="The member's external id. Empty: of somebody who is no member.", max_length=255, verbose_name='whose')),
                ('page', models.CharField(help_text='Where it was shown.', max_length=200, verbose_name='page')),
            ],
            options={
                'verbose_name': 'look at personal data',
                'verbose_name_plural': 'looks at personal data',
                'ordering': ['-id'],
                'default_permissions': ['view'],
                'indexes': [models.Index(fields=['whose', '-id'], name='look_by_whose'), models.Index(fields=['actor', '-id'], name='look_by_actor'), models.Index(fields=['actor', '-at', '-id'], name='look_by_actor_and_time'), models.Index(fields=['at'], name='look_by_time')],
            },
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('failed', 'Money that was refused'), ('unknown', 'Money whose outcome stays unknown'), ('stuck', 'An own processor that is asked in vain'), ('deadline', 'Money that is still out near its deadline'), ('refund', 'Refunds that failed'), ('approval', 'Refunds that await approval'), ('contest', 'Carts that shoppers contest'), ('review', 'Carts that cannot be priced'), ('other_cart', 'Carts that came twice and differ'), ('report', 'Reports that Amazon did not take'), ('receipt', 'Receipts that could not be sent'), ('work', 'Work that nobody does'), ('job', 'A job of mine is done'), ('mention', 'A colleague names me in a note')], max_length=20)),
                ('title', models.CharField(max_length=200)),
                ('link', models.CharField(help_text='A path of this site.', max_length=300)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('read_at', models.DateTimeField(null=True)),
                ('in_header', models.BooleanField(default=True)),
                ('awaits_mail', models.BooleanField(default=False)),
                ('store', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['user', '-id'], name='notification_by_user'), models.Index(condition=models.Q(('in_header', True), ('read_at__isnull', True)), fields=['user'], name='notification_unread'), models.Index(condition=models.Q(('awaits_mail', True)), fields=['user'], name='notification_awaits_mail'), models.Index(fields=['at'], name='notification_by_time')],
            },
        ),
        migrations.CreateModel(
            name='NotificationChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('failed', 'Money that was refused'), ('unknown', 'Money whose outcome stays unknown'), ('stuck', 'An own processor that is asked in vain'), ('deadline', 'Money that is still out near its deadline'), ('refund', 'Refunds that failed'), ('approval', 'Refunds that await approval'), ('contest', 'Carts that shoppers contest'), ('review', 'Carts that cannot be priced'), ('other_cart', 'Carts that came twice and differ'), ('report', 'Reports that Amazon did not take'), ('receipt', 'Receipts that could not be sent'), ('work', 'Work that nobody does'), ('job', 'A job of mine is done'), ('mention', 'A colleague names me in a note')], max_length=20)),
                ('in_header', models.BooleanField()),
                ('by_mail', models.BooleanField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notification_choices', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('user', 'kind'), name='one_choice_per_person_and_kind')],
            },
        ),
        migrations.CreateModel(
            name='NotificationMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('next_attempt_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='next attempt at')),
                ('lease_count', models.PositiveIntegerField(default=0, editable=False, verbose_name='lease count')),
                ('failed_attempts', models.PositiveIntegerField(default=0, editable=False, verbose_name='failed attempts')),
                ('last_error', models.TextField(blank=True, editable=False, verbose_name='last error')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='notification_mail', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'notification mail',
                'verbose_name_plural': 'notification mails',
                'default_permissions': (),
                'indexes': [models.Index(condition=models.Q(('next_attempt_at__isnull', False)), fields=['next_attempt_at'], name='notification_mail_due')],
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('list_name', models.CharField(editable=False, help_text='The model of its rows, such as orders.trip.', max_length=100, verbose_name='list name')),
                ('name', models.CharField(max_length=40, verbose_name='name')),
                ('query', models.CharField(blank=True, editable=False, help_text='Filters and search, as a URL.', max_length=2000, verbose_name='query')),
                ('is_shared', models.BooleanField(default=False, verbose_name='shared with everybody')),
                ('user', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'saved view',
                'verbose_name_plural': 'saved views',
                'ordering': ['name', 'id'],
                'permissions': [('share_savedview', 'Can share saved views of lists with everybody')],
                'constraints': [models.UniqueConstraint(fields=('user', 'list_name', 'name'), name='one_view_per_name_and_person')],
            },
        ),
    ]
