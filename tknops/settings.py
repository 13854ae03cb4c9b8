"""Settings of tknOps: every value an operator may change is an environment variable here."""

import os
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import environ
from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy
from import_export.formats.base_formats import CSV, XLSX

from tknops.embedded import database
from tknops.secret_key import secret_key

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("TKNOPS_DATA", default=str(BASE_DIR / "data"))).resolve()
CUBE_DIR = DATA_DIR / "cube"
# The frozen figures of closed months: to be backed up with the database.
CLOSED_DIR = DATA_DIR / "closed"
# Whether closing a month, and opening it again, needs a second person.
CLOSING_FOUR_EYES = env.bool("CLOSING_FOUR_EYES", default=False)
UPLOAD_DIR = DATA_DIR / "uploads"

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or secret_key(DATA_DIR)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Set HTTPS=1 behind a TLS proxy: secure cookies, redirects and HSTS follow from it.
HTTPS = env.bool("HTTPS", default=False)

# How the business counts: the calendar of reports and the currency of their figures.
REPORTING_ZONE = ZoneInfo(env.str("REPORTING_TIME_ZONE", default="UTC"))
REPORTING_CURRENCY = env.str("REPORTING_CURRENCY", default="USD")
# Where `tknops.wsgi:doors` passes on what is not usage, and how many such requests each of its
# processes has under way: fewer than its threads, the rest are for usage.
ANSWERS_SOCKET = env.str("ANSWERS_SOCKET", default="")
ANSWERS_AT_ONCE = env.int("ANSWERS_AT_ONCE", default=8)
# What each process may remember of answers it made, the most recently used of them, in MB.
ANSWERS_MEMORY_MB = env.int("ANSWERS_MEMORY_MB", default=40)
# A report of more rows takes a web worker seconds and hundreds of megabytes, and usage waits.
REPORT_MOST_ROWS = env.int("REPORT_MOST_ROWS", default=100_000)
# Requests a minute an API key may make unless it says otherwise; 0: as many as it likes.
API_KEY_RATE = env.int("API_KEY_RATE", default=60_000)
# End users stored as keyed digests: "pii" those shaped like e-mail or phone, "all", or "off".
HASH_END_USERS = env.str("HASH_END_USERS", default="pii")
if HASH_END_USERS not in {"pii", "all", "off"}:
    message = f"HASH_END_USERS is {HASH_END_USERS!r}; accepted: pii, all, off"
    raise ImproperlyConfigured(message)
# Change it and a person counts as another one from then on.
END_USER_HASH_KEY = env.str("END_USER_HASH_KEY", default="") or f"end users {SECRET_KEY}"
# Off only where losing acknowledged usage is harmless: in tests on a server without fsync.
REQUIRE_DURABLE = env.bool("REQUIRE_DURABLE", default=True)
USAGE_RETENTION_YEARS = env.int("USAGE_RETENTION_YEARS", default=10)
# AI margin % below which a customer is under water, at risk, to watch; healthy from the last on.
HEALTH_THRESHOLDS = tuple(env.list("HEALTH_THRESHOLDS", cast=int, default=[0, 40, 60]))
# The AI margin % a plan's price should leave: target prices and the target line follow from it.
TARGET_MARGIN_PCT = env.int("TARGET_MARGIN_PCT", default=60)
# Under which names traces and gateways' logs say whose a call is, the first that is there wins.
# A name also counts behind traceloop.association.properties. and Langfuse's metadata prefixes.
ATTRIBUTE_NAMES = {
    "customer": env.list(
        "CUSTOMER_ATTRIBUTES",
        default=[
            "tknops.customer", "customer", "customer.id", "customer_id", "customerId",
            "gen_ai.customer", "gen_ai.customer.id", "tenant.id", "tenant_id", "tenant",
        ],
    ),
    "user": env.list(
        "USER_ATTRIBUTES",
        default=[
            "tknops.user", "enduser.id", "user.id", "user_id", "userId", "user", "_user",
            "gen_ai.user", "llm.user", "langfuse.user.id",
        ],
    ),
    "feature": env.list(
        "FEATURE_ATTRIBUTES",
        default=[
            "tknops.feature", "feature", "feature.name", "feature.id", "feature_name",
            "feature_id", "traceloop.workflow.name", "gen_ai.workflow.name",
        ],
    ),
    "team": env.list(
        "TEAM_ATTRIBUTES", default=["tknops.team", "team", "team.id", "team_id", "team.name"]
    ),
}  # fmt: skip
# Attributes of traces and keys of gateways' tags that become tags; all others are not read.
OTLP_TAG_ATTRIBUTES = env.list("OTLP_TAG_ATTRIBUTES", default=[])
# The provider of events whose wire names none, such as OpenMeter's; unpriced until one is set.
PROVIDER_NOT_SAID = env.str("PROVIDER_NOT_SAID", default="unknown")

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
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "import_export",
    "django_celery_beat",
    "pgtrigger",
    "pghistory",
    "pghistory.admin",
    "django_prometheus",
    "csp",
    "tknops.jobs",
    "customers",
    "usage",
    "billing",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "usage.api.exposed_keys.refuse_exposed_keys",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tknops.audit.AuditMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "billing.pages.other_currency.OtherCurrencyMiddleware",
]
ROOT_URLCONF = "tknops.urls"
WSGI_APPLICATION = "tknops.wsgi.application"
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
            ],
        },
    },
]


def _database() -> dict[str, Any]:
    if os.environ.get("DATABASE_URL"):
        return {**env.db_url("DATABASE_URL"), "ENGINE": "tknops.postgresql"}
    return database(DATA_DIR, role=env.str("TKNOPS_DB_ROLE", default="app"))


DATABASES = {"default": {**_database(), "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("pages:home")

# Django by itself mails errors to administrators, and without any they are lost. What was asked is
# named by its path, never by its body.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django.request": {"level": "ERROR"}},
}
LANGUAGE_CODE = "en"
TIME_ZONE = str(REPORTING_ZONE)
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "templates" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = UPLOAD_DIR
# An ingestion body may hold 16 MiB once decoded; the view enforces it while inflating.
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 3600
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"
# Unfold's Alpine evaluates attributes ('unsafe-eval') and sets style attributes ('unsafe-inline').
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "frame-ancestors": ["'none'"],
        "form-action": [SELF],
        "base-uri": [SELF],
    },
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "usage.api.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["usage.api.authentication.MayReadReports"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "usage.api.pagination.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "usage.api.problem.exception_handler",
    "PAGE_SIZE": 100,
    "COERCE_DECIMAL_TO_STRING": True,
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "tknOps",
    "DESCRIPTION": "Usage in, AI margin out. Money is a decimal string or null.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "usage.api.openapi.doors.add_doors",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = str(REPORTING_ZONE)
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
# A fold rung for while none could run is not worth catching up: the next one does its work.
CELERY_BEAT_SCHEDULE = {
    "fold": {"task": "usage.tasks.fold", "schedule": 3.0, "options": {"expires": 3.0}},
    "sweep-jobs": {"task": "tknops.jobs.tasks.sweep", "schedule": 60.0},
    "forget-processes": {"task": "usage.tasks.forget_processes", "schedule": 3600.0},
    "expire-imports": {"task": "billing.tasks.expire_imports", "schedule": 3600.0},
}
# A restricted key (rk_…) that may read invoices and subscriptions; with one, Stripe is asked daily.
STRIPE_API_KEY = env.str("STRIPE_API_KEY", default="")
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="https://api.stripe.com")
if STRIPE_API_KEY:
    CELERY_BEAT_SCHEDULE["pull-stripe"] = {
        "task": "billing.tasks.pull_stripe",
        "schedule": 24 * 3600.0,
    }
# Kinds of background work → the function that does it.
JOBS = {
    "stage-billing": "billing.importers.work.stage_file",
    "apply-billing": "billing.importers.work.apply_staged",
    "apply-billing-files": "billing.importers.together.apply_files",
    "import-billing": "billing.importers.work.import_whole",
    "stage-bill": "billing.provider_bills.work.read_kept",
    "import-bill": "billing.provider_bills.work.import_whole",
    "pull-stripe": "billing.importers.work.pull",
    "load-usage": "usage.loading.work.load",
    "apply-rules": "usage.attribution.work.apply",
    "revert-run": "usage.attribution.work.take_back",
    "refold": "usage.repricing.work.refold",
    "close-month": "billing.closing.work.close",
}
if CELERY_BROKER_URL == "filesystem://":
    _broker = DATA_DIR / "broker"
    for _folder in ("queue", "processed", "control"):
        (_broker / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_broker / "queue"),
        "data_folder_out": str(_broker / "queue"),
        "processed_folder": str(_broker / "processed"),
        "control_folder": str(_broker / "control"),
    }

# Importing a table changes it, so it needs the right to; exporting the right to look.
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "change"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "view"
IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_FORMATS = EXPORT_FORMATS = [CSV, XLSX]

# The audit log: append-only, and shown in the admin with who did it.
PGHISTORY_APPEND_ONLY = True
PGHISTORY_ADMIN_MODEL = "pghistory.MiddlewareEvents"
PGHISTORY_ADMIN_CLASS = "billing.admin.audit.AuditAdmin"
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")

UNFOLD = {
    "SITE_TITLE": "tknOps",
    "SITE_HEADER": "tknOps",
    "SITE_SUBHEADER": "AI margin",
    "SITE_URL": None,
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: "/static/tknops/icon.svg"}
    ],
    "STYLES": [
        lambda request: "/static/tknops/tknops.css",
        lambda request: "/static/tknops/forms.css",
        lambda request: "/static/tknops/explorer.css",
    ],
    "SIDEBAR": {"show_search": True, "navigation": "billing.pages.navigation.navigation"},
}
