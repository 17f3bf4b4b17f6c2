"""Django's settings. All that differs between machines comes from the environment (see environment.py)."""

from __future__ import annotations

import os
from pathlib import Path

from psycopg_pool import ConnectionPool

from mes.core.desk import skin
from mes.settings.environment import Environment
from mes.settings.openapi import SPECTACULAR

BASE_DIR = Path(__file__).resolve().parents[2]

_env = Environment(os.environ)
_kind = _env.choice(
    "MES_ENVIRONMENT",
    purpose="what this installation is",
    choices=("production", "demo", "test"),
    default="production",
)
SECRET_KEY = _env.text("SECRET_KEY", purpose="a long random text that signs sessions", least_length=32)
API_KEY_PEPPER = _env.text(
    "API_KEY_PEPPER", purpose="a long random text that keys the digests of API keys", least_length=32
)
API_KEY_PEPPER_OLD = _env.text(
    "API_KEY_PEPPER_OLD",
    purpose="the pepper before, accepted until each key was used once under the new one",
    default="",
)
ALLOWED_HOSTS = _env.names("ALLOWED_HOSTS", purpose="the host names served", default="localhost,127.0.0.1")
CSRF_TRUSTED_ORIGINS = _env.origins("CSRF_TRUSTED_ORIGINS", purpose="where people's browsers reach the web")
BEHIND_TLS_PROXY = _env.switch(
    "BEHIND_TLS_PROXY", purpose="whether a proxy ends TLS before the web and itself sets X-Forwarded-Proto and -For"
)
_database = _env.database("DATABASE_URL", purpose="this process's own database login")
REDIS_URL = _env.address("REDIS_URL", purpose="the broker that rings the workers")
_static_root = _env.text(
    "STATIC_ROOT", purpose="the folder that collectstatic fills and the web serves files from", default=""
)
HEARTBEAT_FILE = _env.text(
    "HEARTBEAT_FILE", purpose="the file that a worker or beat touches as long as it is well", default=""
)
_pool_size = _env.whole_number("DATABASE_POOL_SIZE", purpose="connections held by one process", default=8, least=1)
API_CALLS_PER_MINUTE = _env.whole_number(
    "API_CALLS_PER_MINUTE",
    purpose="calls that a key, a person, or an address without either may make in a minute",
    default=600,
    least=1,
)
PLAN_GATHER_S = _env.whole_number(
    "PLAN_GATHER_S", purpose="seconds after a change until the park is planned again", default=60, least=1
)
PLAN_CORES = _env.whole_number(
    "PLAN_CORES", purpose="cores that a worker searches one plan on; the plan is the same", default=2, least=1
)
PLAN_PIECES = _env.whole_number(
    "PLAN_PIECES",
    purpose="pieces of a large plan that workers improve at once; the plan is the same",
    default=2,
    least=1,
)
AWARD_SECONDS = _env.whole_number(
    "AWARD_SECONDS",
    purpose="seconds for the search of a round's award, and as many for what it would cost each firm alone",
    default=120,
    least=1,
)
WORKER_NICENESS = _env.whole_number(
    "WORKER_NICENESS", purpose="how far a worker stands back behind the web for a core, 19 at the most", default=10
)
PROMISES_PER_HOUR = _env.whole_number(
    "PROMISES_PER_HOUR", purpose="how many promises a firm may ask for within an hour", default=300, least=1
)
SCENARIOS_PER_HOUR = _env.whole_number(
    "SCENARIOS_PER_HOUR",
    purpose="scenarios a firm, or the association, may start in an hour",
    default=20,
    least=1,
)
TRIALS_PER_HOUR = _env.whole_number(
    "TRIALS_PER_HOUR", purpose="how many trial calculations a firm may ask for within an hour", default=60, least=1
)
_session_idle_min = _env.whole_number(
    "SESSION_IDLE_MIN", purpose="minutes without a request after which a person is signed out", default=30, least=1
)
_second_factor = _env.choice(
    "STAFF_SECOND_FACTOR",
    purpose="whether the association's people need a second factor; without a value production requires it",
    choices=("required", "optional"),
    default="",
)
AUDIT_MONTHS = _env.whole_number(
    "AUDIT_MONTHS", purpose="months for which audit rows are kept, six at least", default=24, least=6
)
FILES_ROOT = _env.text(
    "FILES_ROOT", purpose="the folder that keeps what firms upload; without one no file is kept", default=""
)
FILES_QUOTA_MB = _env.whole_number(
    "FILES_QUOTA_MB", purpose="how many megabytes of files a firm may keep", default=2000, least=1
)
_env.finish()
ENVIRONMENT_VARIABLES = _env.declared

DEBUG = False
ENVIRONMENT = _kind

INSTALLED_APPS = [
    "mes.core",
    "mes.firms",
    "mes.signin",
    "mes.batches",
    "mes.files",
    "mes.hooks",
    "mes.catalog",
    "mes.lots",
    "orders.sales",
    "orders.outsourcing",
    "procurement.suppliers",
    "procurement.rounds",
    "procurement.quotations",
    "procurement.benchmarks",
    "procurement.awards",
    "procurement.supply",
    "procurement.settlement",
    "procurement.savings",
    "production.machines",
    "production.plans",
    "production.floor",
    "production.exchange",
    "mes.park",
    "mes.demo",
    *skin.APPS,
    "mes.core.desk.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "mes.core.middleware.named",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "mes.signin.middleware.time_sessions",
    "mes.signin.middleware.check_second_factors",
    "mes.firms.middleware.ReadSessionMiddleware",
    "mes.core.middleware.WallMiddleware",
    "mes.core.middleware.limited",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "mes.core.middleware.own_resources_only",
]

ROOT_URLCONF = "mes.urls"
WSGI_APPLICATION = "mes.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
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

# One alias: a second one would be used by data migrations and tests by mistake.
# No CONN_MAX_AGE: the pool keeps the connections. Waiting 3 s for one is better than failing at once.
# While the server is away the pool asks for it four times a second; by itself it would wait twice as long each time.
_pool = {
    "min_size": 1,
    "max_size": _pool_size,
    "timeout": 3,
    "reconnect_timeout": 0.25,
    "reconnect_failed": ConnectionPool.check,
}
DATABASES = {
    "default": {**_database, "ENGINE": "mes.core.postgres", "OPTIONS": {"connect_timeout": 3, "pool": _pool}},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "firms.User"
AUTHENTICATION_BACKENDS = ["mes.signin.backends.CountedBackend"]
STAFF_SECOND_FACTOR = _second_factor or ("required" if _kind == "production" else "optional")
ACTOR_RESOLVER = "mes.firms.authentication.actor_of_request"
ACTOR_WATCHER = "mes.firms.authentication.note_use"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "mes" / "core" / "locale"]
FORMAT_MODULE_PATH = "mes.core.formats"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# Collected files have their content's digest in their names and may be kept for ever. Where nothing was collected
# (tests, a command in a checkout) each file is looked up where its package keeps it.
STATIC_URL = "static/"
STATIC_ROOT = _static_root or None
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = STATIC_ROOT is None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "mes.core.desk.files.CollectedFiles"
        if STATIC_ROOT
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
UNFOLD = skin.UNFOLD | {
    "DASHBOARD_CALLBACK": "mes.park.admin.today.dashboard",
    "ACCOUNT": {"navigation": "mes.signin.menu.account_links"},
}

SESSION_ENGINE = "mes.core.sessions"
# A session ends when nothing was asked for some minutes, and at the latest some hours after it began.
SESSION_COOKIE_AGE = 60 * _session_idle_min
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _kind == "production"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = _kind == "production" and BEHIND_TLS_PROXY
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]  # asked on the machine itself, beside the proxy
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE_SSL_REDIRECT else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_SSL_REDIRECT
# Whether browsers ship the rule is for the owner of the domain to ask; the schema has a stricter check of its own.
SILENCED_SYSTEM_CHECKS = ["security.W021", "drf_spectacular.W002"]
# Believed only where a proxy stands before the web: anybody else could send the header too.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS_PROXY else None
X_FRAME_OPTIONS = "DENY"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["mes.core.api.authentication.ActorAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["mes.core.api.parsing.StrictJsonParser"],
    "EXCEPTION_HANDLER": "mes.core.api.problems.handle",
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_SCHEMA_CLASS": "mes.core.api.schema.DoorSchema",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = SPECTACULAR

# The broker only rings: what must not be lost is a row in PostgreSQL.
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # worker and beat wait for the broker as long as it takes
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 60, "socket_timeout": 5, "socket_connect_timeout": 3}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BEAT_SCHEDULER = "mes.core.heartbeat:BeatingScheduler"
# A ring that no worker has taken by the next one is void: they must not pile up while no worker lives.
CELERY_BEAT_SCHEDULE = {
    name: {"task": name, "schedule": period_s, "options": {"expires": period_s}}
    for name, period_s in {"core.sweep": 10.0, "core.tick": 30.0, "core.tell": 5.0, "hooks.deliver": 5.0}.items()
}

# Whether webhooks may go to this machine itself, by http: for trying them out, never where firms name the addresses.
WEBHOOKS_TO_LOOPBACK = _kind != "production"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "mes.core.correlation.RequestIdFilter"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name} [{request_id}] {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]}},
    "root": {"handlers": ["console"], "level": "INFO" if _kind == "production" else "WARNING"},
    "loggers": {"psycopg.pool": {"level": "ERROR"}},  # it warns of each try while the server is away
}
