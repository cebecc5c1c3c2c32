"""Settings: read once from the environment, each with a default that works on a fresh machine.

DATABASE_URL unset means the embedded PostgreSQL in the data directory; its address is known
before it runs, so importing this module starts nothing.
"""

import os
from pathlib import Path
from typing import Any

from regulars.config import database, environment

DATA_DIR: Path = environment.data_dir()
DEBUG = environment.flag("REGULARS_DEBUG")
DEMO_MODE = environment.flag("REGULARS_DEMO")
SECRET_KEY = environment.secret_key(DATA_DIR)
ALLOWED_HOSTS = environment.words("REGULARS_HOSTS", default="localhost 127.0.0.1 [::1]")
CSRF_TRUSTED_ORIGINS = environment.words("REGULARS_ORIGINS", default="")
# Reverse proxies whose X-Forwarded-For is believed; limits count by the address that they saw.
TRUSTED_PROXIES = environment.networks("REGULARS_TRUSTED_PROXIES")

INSTALLED_APPS = [
    "regulars.trail",
    "regulars.facts",
    "regulars.analytics",
    "regulars.design",
    "regulars.identity",
    "regulars.delivery",
    "regulars.widget",
    "regulars.members",
    "regulars.rules",
    "regulars.ledger",
    "regulars.catalogue",
    "regulars.activity",
    "regulars.tiers",
    "regulars.earning",
    "regulars.redemption",
    "regulars.finance",
    "regulars.recommend",
    "regulars.segments",
    "regulars.store",
    "regulars.console",
    "regulars.api",
    "procrastinate.contrib.django",
    "django_htmx",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "regulars.config.middleware.refuse_nul",
    "regulars.config.middleware.find_client",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Pages only: files are served compressed above. It varies a page's length at random (BREACH).
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "regulars.store.looking.RefuseWhileLooking",
]

# What requests under /api/ go through instead.
API_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "regulars.config.middleware.find_client",
    "django.middleware.locale.LocaleMiddleware",
    "regulars.api.middleware.api_guard",
]
# So long it can be told what was shown to members, and why.
RECOMMEND_SHOWN_DAYS = environment.number("REGULARS_SHOWN_DAYS", default=180)
# For each key and web process: so many requests a second in the long run, twice as many at once.
API_RATE_PER_SECOND = environment.number("REGULARS_API_RATE", default=100)
# How long the reader of a report waits for it to be added up; then a job does it and the page asks again.
REPORT_PATIENCE_MS = environment.number("REGULARS_REPORT_PATIENCE_MS", default=150)
# A batch of 1,000 orders of twenty lines each fits.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024

ROOT_URLCONF = "regulars.config.urls"
WSGI_APPLICATION = "regulars.config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csrf",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    },
]

DATABASES = {"default": database.configuration(DATA_DIR)}
EMBEDDED_POSTGRES = database.is_embedded()

AUTH_USER_MODEL = "identity.Operator"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "console:sign_in"

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ru", "Русский"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [Path(__file__).parents[1] / "locale"]
FORMAT_MODULE_PATH = "regulars.config.formats"
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 400 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"

STATIC_URL = "/static/"
# The scripts of the API's documentation page, served by ourselves. As an app each command would load it.
STATICFILES_DIRS = [environment.package_dir("ninja") / "static"]
# Set only where collectstatic gathers the files for another server; ours finds them in the rooms.
STATIC_ROOT = (
    environment.path("REGULARS_STATIC", default=DATA_DIR) if os.environ.get("REGULARS_STATIC") else None
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = DATA_DIR / "media"

# The private keys that sign the ledger's checkpoints: never in the database.
SIGNING_DIR = environment.path("REGULARS_SIGNING_DIR", default=DATA_DIR / "signing")
# Where checkpoints are published as files; what lies there is compared with the database.
CHECKPOINTS_DIR = environment.path("REGULARS_CHECKPOINTS_DIR", default=DATA_DIR / "checkpoints")

# The columnar copy of what happened, derived from the database: it can be deleted, and is made anew.
FACTS_DIR = environment.path("REGULARS_FACTS_DIR", default=DATA_DIR / "facts")
# What facts are queried with: DuckDB in process, or the Spark master of this address.
ENGINE = environment.engine("REGULARS_ENGINE")
# Items that EASE is learnt of: it keeps items × items twice, 3.2 GB at so many. With more, ALS is.
RECOMMEND_EASE_ITEMS_MAX = environment.number("REGULARS_EASE_ITEMS_MAX", default=20_000)
# Members whom models are learnt from, by a fixed choice; all are scored.
RECOMMEND_TEACHERS_MAX = environment.number("REGULARS_TEACHERS_MAX", default=25_000)

SESSION_ENGINE = "regulars.identity.session_store"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = environment.flag("REGULARS_HTTPS")
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
CSRF_FAILURE_VIEW = "regulars.store.views.errors.form_refused"
SECURE_HSTS_SECONDS = 31_536_000 if SESSION_COOKIE_SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}

# Nobody is told to look for a message where no mail server was named.
MAIL_IS_SET_UP = bool(os.environ.get("REGULARS_SMTP_HOST"))
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = os.environ.get("REGULARS_SMTP_HOST", "localhost")
EMAIL_PORT = environment.number("REGULARS_SMTP_PORT", default=25)
EMAIL_HOST_USER = os.environ.get("REGULARS_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("REGULARS_SMTP_PASSWORD", "")
EMAIL_USE_TLS = environment.flag("REGULARS_SMTP_TLS")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("REGULARS_MAIL_FROM", "Regulars <regulars@localhost>")

# Text messages: an address of the operator's own or of their provider, to which each is posted as JSON; "log"
# writes them to the log, for trying things out.
SMS_URL = os.environ.get("REGULARS_SMS_URL", "")
SMS_TOKEN = os.environ.get("REGULARS_SMS_TOKEN", "")
SMS_TIMEOUT = 10

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("REGULARS_LOG_LEVEL", "WARNING")},
}
