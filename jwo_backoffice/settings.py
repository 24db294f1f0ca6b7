"""Every setting of the application, read from the environment. `.env.example` explains each variable."""

import os
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

from core.actors import TAKEN_NAMES

BASE_DIR = Path(__file__).resolve().parent.parent

# Paths in the environment count from the project's folder, wherever a command is started.
env = environ.Env()
env_file = BASE_DIR / os.environ.get("ENV_FILE", ".env")
if env_file.is_file():
    env.read_env(str(env_file))
VAR_DIR = BASE_DIR / env.str("VAR_DIR", default="var")

# --- Django ----------------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="insecure-key-for-debugging-only" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("Set SECRET_KEY to a long random text (or DEBUG=on on a developer's machine).")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_TLS_PROXY", default=False) else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_PROXY_SSL_HEADER is not None

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "import_export",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "core",
    "amazon",
    "stores",
    "staff",
    "loyalty",
    "orders",
    "payments",
    "reports",
    "sandbox",
    "demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "core.middleware.refuse_nul",
    "core.middleware.number_request",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "core.middleware.speak_language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "staff.middleware.end_old_sessions",
    "staff.middleware.ask_for_second_factor",
]

ROOT_URLCONF = "jwo_backoffice.urls"
WSGI_APPLICATION = "jwo_backoffice.wsgi.application"
WEB_THREADS = env.int("WEB_THREADS", default=8)
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "staff.signing_in.pages.frame",
            ],
        },
    }
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ja", "日本語")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = SESSION_COOKIE_SECURE
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # stored and computed in UTC; pages show the store's own zone

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "static_root"
WHITENOISE_USE_FINDERS = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

AUTH_USER_MODEL = "staff.User"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

SIMPLE_HISTORY_DATE_INDEX = False  # core.history says which indexes a history has

# --- Signing in ------------------------------------------------------------------------------------------------

MFA_REQUIRED_FOR_MONEY = env.bool("MFA_REQUIRED_FOR_MONEY", default=not DEBUG)
SESSION_COOKIE_AGE = 3600 * env.int("SESSION_HOURS", default=12)
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_IDLE_SECONDS = 60 * env.int("SESSION_IDLE_MINUTES", default=60)
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

OIDC_ISSUER = env.str("OIDC_ISSUER", default="").rstrip("/")
OIDC_ONLY = env.bool("OIDC_ONLY", default=False)
OIDC_GROUPS_CLAIM = env.str("OIDC_GROUPS_CLAIM", default="")
OIDC_GROUPS = env.dict("OIDC_GROUPS", default={})
_oidc = {
    "provider_id": "sso",
    "name": env.str("OIDC_NAME", default="single sign-on"),
    "client_id": env.str("OIDC_CLIENT_ID", default=""),
    "secret": env.str("OIDC_CLIENT_SECRET", default=""),
    "settings": {"server_url": OIDC_ISSUER, "oauth_pkce_enabled": True},
}
if OIDC_ISSUER and not (_oidc["client_id"] and _oidc["secret"]):
    raise ImproperlyConfigured("OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.")
if OIDC_ISSUER and not (OIDC_ISSUER.startswith("https://") or DEBUG):
    raise ImproperlyConfigured("OIDC_ISSUER must begin with https://.")
if OIDC_ONLY and not OIDC_ISSUER:
    raise ImproperlyConfigured("OIDC_ONLY needs OIDC_ISSUER: otherwise nobody could sign in.")
if OIDC_GROUPS and not OIDC_GROUPS_CLAIM:
    raise ImproperlyConfigured("OIDC_GROUPS needs OIDC_GROUPS_CLAIM: the claim whose values it names.")

# What allauth makes of it.
AUTHENTICATION_BACKENDS = ["staff.signing_in.passwords.PasswordBackend"]
SOCIALACCOUNT_ONLY = OIDC_ONLY
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [_oidc] if OIDC_ISSUER else []}}
SOCIALACCOUNT_ADAPTER = "staff.signing_in.adapters.SingleSignOn"
ACCOUNT_ADAPTER = "staff.signing_in.adapters.Accounts"
ACCOUNT_USERNAME_BLACKLIST = sorted(TAKEN_NAMES)
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_EMAIL_VERIFICATION = SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"
ACCOUNT_REAUTHENTICATION_METHODS = {"mfa"} if OIDC_ONLY else {"password", "mfa"}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
MFA_ADAPTER = "staff.signing_in.adapters.SecondFactors"
MFA_FORMS = {
    "add_webauthn": "staff.signing_in.forms.AddPasskey",
    "authenticate_webauthn": "staff.signing_in.forms.ShowPasskey",
    "login_webauthn": "staff.signing_in.forms.SignInByPasskey",
    "reauthenticate_webauthn": "staff.signing_in.forms.ShowPasskeyAgain",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = not OIDC_ONLY
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # whoever manages the users wrote the address down; nobody signs up
MFA_TOTP_ISSUER = "JWO back office"
MFA_TOTP_TOLERANCE = 1  # telephones' clocks are half a minute off

# --- Database --------------------------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    if DATABASES["default"]["NAME"] != ":memory:":
        DATABASES["default"]["NAME"] = BASE_DIR / DATABASES["default"]["NAME"]
        DATABASES["default"]["NAME"].parent.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["OPTIONS"] = {
        # Writers queue up at BEGIN instead of failing at their first write: this is SQLite's row lock.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    DATABASES["default"]["OPTIONS"] = {
        "prepare_threshold": 1,
        "connect_timeout": 3,
        # A person's long lock must not keep the gate waiting for ever: fail, answer 503, let Amazon try again. No
        # statement here is worth the half second that compiling it takes.
        "options": "-c lock_timeout=5s -c statement_timeout=25s -c jit=off",
    }

# --- Cache -----------------------------------------------------------------------------------------------------

CACHES = {"default": env.cache("CACHE_URL", default="locmemcache://")}
if CACHES["default"]["BACKEND"].endswith(".RedisCache"):
    # Calls and attempts are counted there, nothing else: a Redis that hangs must keep neither gate nor people waiting.
    CACHES["default"]["BACKEND"] = "core.shared_cache.SharedCache"
    CACHES["default"]["OPTIONS"] = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}

# --- Background work -------------------------------------------------------------------------------------------

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://")
CELERY_BROKER_DIR = BASE_DIR / env.str("CELERY_BROKER_DIR", default=str(VAR_DIR / "broker"))
WORK_BATCH_SIZE = env.int("WORK_BATCH_SIZE", default=32)
WORK_CONCURRENCY = env.int("WORK_CONCURRENCY", default=8)
WORK_CALLS = env.int("WORK_CALLS", default=64)
WORK_LEASE_SECONDS = env.float("WORK_LEASE_SECONDS", default=120.0)
WORK_RETRY_FIRST_SECONDS = env.float("WORK_RETRY_FIRST_SECONDS", default=2.0)
WORK_RETRY_MOST_SECONDS = env.float("WORK_RETRY_MOST_SECONDS", default=120.0)

# --- What Amazon calls -----------------------------------------------------------------------------------------

CONNECTOR_API_KEYS = env.list("CONNECTOR_API_KEYS", default=[])
CONNECTOR_MAX_BODY_BYTES = env.int("CONNECTOR_MAX_BODY_BYTES", default=1024 * 1024)
JOURNAL_DELAY_SECONDS = env.float("JOURNAL_DELAY_SECONDS", default=0.5)
JOURNAL_RETENTION_DAYS = env.int("JOURNAL_RETENTION_DAYS", default=90)
IDENTITY_CALLS_PER_MINUTE = env.int("IDENTITY_CALLS_PER_MINUTE", default=600)
SCAN_KEY_PREFIX = env.str("SCAN_KEY_PREFIX", default="JWOBACK")
SCAN_KEY_SECONDS = env.int("SCAN_KEY_SECONDS", default=90)
AUTHORIZATION_SECONDS = env.float("AUTHORIZATION_SECONDS", default=1.5)

# --- Where we call Amazon --------------------------------------------------------------------------------------

AMAZON_PAYMENTS_URL = env.str("AMAZON_PAYMENTS_URL", default="")
AMAZON_CHECKOUT_URL = env.str("AMAZON_CHECKOUT_URL", default="")
AMAZON_FEEDBACK_URL = env.str("AMAZON_FEEDBACK_URL", default="")
AMAZON_CATALOG_URL = env.str("AMAZON_CATALOG_URL", default="")
AWS_ASSUME_ROLE_ARN = env.str("AWS_ASSUME_ROLE_ARN", default="")
AMAZON_CONNECT_TIMEOUT = env.float("AMAZON_CONNECT_TIMEOUT", default=3.0)
AMAZON_READ_TIMEOUT = env.float("AMAZON_READ_TIMEOUT", default=15.0)
CAPTURE_LOOKUP_DELAY_SECONDS = env.float("CAPTURE_LOOKUP_DELAY_SECONDS", default=35.0)
PAYMENT_DEADLINE_HOURS = env.int("PAYMENT_DEADLINE_HOURS", default=46)
PAYMENT_DEADLINE_WARNING_HOURS = env.int("PAYMENT_DEADLINE_WARNING_HOURS", default=12)

# --- Where we call Stripe --------------------------------------------------------------------------------------

STRIPE_API_KEY = env.str("STRIPE_API_KEY", default="")
STRIPE_API_URL = env.str("STRIPE_API_URL", default="https://api.stripe.com")

# --- Receipts by e-mail ----------------------------------------------------------------------------------------

EMAIL_URL = env.str("EMAIL_URL", default="")
_mail = env.email_url_config(EMAIL_URL or "dummymail://")
globals().update(_mail | {"EMAIL_FILE_PATH": BASE_DIR / _mail["EMAIL_FILE_PATH"]})
EMAIL_TIMEOUT = 10.0  # for each word with the mail server; all of them fit into a lease
ACCOUNT_EMAIL_NOTIFICATIONS = bool(EMAIL_URL)  # of a new password or second factor
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="receipts@localhost")
BASE_URL = env.str("BASE_URL", default="")

# --- Large files of the reports --------------------------------------------------------------------------------

# Written by workers, handed out by a view that asks who wants them: no route leads to the folder itself.
MEDIA_ROOT = BASE_DIR / env.str("FILES_DIR", default=str(VAR_DIR / "files"))
FILE_UPLOAD_PERMISSIONS = 0o600
FILES_KEPT_DAYS = env.int("FILES_KEPT_DAYS", default=7)

# --- The accountant's journal ----------------------------------------------------------------------------------

LEDGER_ACCOUNTS = env.dict("LEDGER_ACCOUNTS", default={})

# --- The retailer's own systems --------------------------------------------------------------------------------

READ_API_KEYS = env.list("READ_API_KEYS", default=[])
WRITE_API_KEYS = env.list("WRITE_API_KEYS", default=[])
RECONCILE_BOOKS_URL = env.str("RECONCILE_BOOKS_URL", default="")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "core.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["core.authentication.NobodyYet"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.DecimalJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.api.answer_exception",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "JWO back office",
    "DESCRIPTION": "Trips of Just Walk Out stores for the retailer's own systems.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",  # msgspec describes optional fields as JSON Schema does: a type or null
    "SERVE_PERMISSIONS": ["core.authentication.KeyOrStaff"],
    # The pages for people come from this server, not from another one's.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# --- The admin -------------------------------------------------------------------------------------------------

IS_DEMO = env.bool("DEMO", default=False)
UNFOLD = {
    "SITE_TITLE": "JWO back office",
    "SITE_HEADER": "JWO back office",
    "SITE_SYMBOL": "storefront",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("core/favicon.svg")},
    ],
    "ENVIRONMENT": "core.admin.environment_badge",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "DASHBOARD_CALLBACK": "payments.admin.home.start_page",
    "GLOBAL_CALLBACK": "payments.admin.frame.on_every_page",
    "STYLES": [
        lambda request: static("core/backoffice.css"),
        lambda request: static("core/home.css"),
        lambda request: static("core/lists.css"),
        lambda request: static("core/search.css"),
        lambda request: static("core/history.css"),
    ],
    "SCRIPTS": [lambda request: static("staff/drafts.js"), lambda request: static("core/search.js")],
    "SIDEBAR": {"navigation": "jwo_backoffice.navigation.sidebar"},
    "ACCOUNT": {"navigation": "staff.signing_in.pages.account_links"},
}

# --- Logs ------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
