"""Settings, top to bottom; the only place that reads the environment.

`MADOGUCHI_ENV` is `production` (the default: everything must be set and safe), `demo`
(`make run`: one machine, SQLite, embedded broker) or `test`.
Each variable is described in docs/reference/environment.md.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent

# --- What kind of run this is -------------------------------------------------------------
ENVIRONMENT = env.text("MADOGUCHI_ENV", "production")
if ENVIRONMENT not in {"production", "demo", "test"}:
    env.refuse("MADOGUCHI_ENV", "must be production, demo or test.")
PRODUCTION = ENVIRONMENT == "production"
DEMO = ENVIRONMENT == "demo"

DEBUG = env.flag("DEBUG", default=False)
if PRODUCTION and DEBUG:
    env.refuse("DEBUG", "must not be on in production: it shows personal data in error pages.")

VAR_DIR = env.folder("VAR_DIR", BASE_DIR / "var")


def _demo_secret(label: str) -> str | None:
    """A fixed throw-away secret outside production; `None` makes the variable required."""
    if PRODUCTION:
        return None
    return base64.b64encode(hashlib.sha256(f"madoguchi {label}".encode()).digest()).decode()


# --- Keys ---------------------------------------------------------------------------------
SECRET_KEY = env.text("SECRET_KEY", _demo_secret("secret"))
_is_weak = len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5
if PRODUCTION and (_is_weak or SECRET_KEY.startswith("django-insecure-")):
    env.refuse("SECRET_KEY", "is too weak: 50 random characters or more (openssl rand -base64 48).")
_demo_vault = _demo_secret("vault")
VAULT_KEYS = env.keys("VAULT_KEYS", f"demo:{_demo_vault}" if _demo_vault else None)
INDEX_KEY = env.key("INDEX_KEY", _demo_secret("index"))
if PRODUCTION:
    _labels = ("vault", "index")
    _known = {hashlib.sha256(f"madoguchi {label}".encode()).digest() for label in _labels}
    if INDEX_KEY in _known:
        env.refuse("INDEX_KEY", "is the demo's key. Make your own: openssl rand -base64 32")
    if any(material in _known for _label, material in VAULT_KEYS):
        env.refuse("VAULT_KEYS", "holds the demo's key. Make your own: openssl rand -base64 32")

# --- Where it is reached ------------------------------------------------------------------
_LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", None if PRODUCTION else _LOOPBACK)
if PRODUCTION and any(host.startswith("*") for host in ALLOWED_HOSTS):
    env.refuse("ALLOWED_HOSTS", "must name the hosts; '*' would let anyone forge links in mail.")
PUBLIC_URL = env.text(
    "PUBLIC_URL", f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION else "http://127.0.0.1:8000"
).rstrip("/")
CSRF_TRUSTED_ORIGINS = env.items("CSRF_TRUSTED_ORIGINS", [PUBLIC_URL])
# How many proxies in front append to X-Forwarded-For; 0 means the peer is the visitor.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0)
# The desk stands before the public pages, and must not stand in their place.
_PUBLIC = ("confirm", "dev", "en", "forms", "healthz", "ja", "request", "static", "status")
ADMIN_PATH = env.web_path("ADMIN_PATH", "desk", frozenset(_PUBLIC))

# --- Applications -------------------------------------------------------------------------
INSTALLED_APPS = [
    "dsar",
    "consent",
    "config.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "config.context.portal",
            ],
        },
    }
]
FORM_RENDERER = "dsar.components.PortalRenderer"
AUTH_USER_MODEL = "dsar.StaffMember"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "admin:login"
TEST_RUNNER = "django.test.runner.DiscoverRunner"

# --- Data ---------------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.database(
        "DATABASE_URL", None if PRODUCTION else f"sqlite:///{VAR_DIR / 'madoguchi.sqlite3'}"
    )
}
SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if SQLITE:
    # A receipt is a promise: full synchronous commits, and writers queue instead of failing.
    DATABASES["default"]["OPTIONS"] = {
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000; "
            "PRAGMA foreign_keys=ON;"
        ),
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
    }
DATABASES["default"]["CONN_MAX_AGE"] = env.number("CONN_MAX_AGE", 600)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

REDIS_URL = env.text("REDIS_URL", None if PRODUCTION else "")
CACHES: dict[str, dict[str, Any]] = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

MEDIA_ROOT = env.folder("MEDIA_ROOT", VAR_DIR / "media")
STATIC_URL = "/static/"
STATIC_ROOT = env.folder("STATIC_ROOT", VAR_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if ENVIRONMENT == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Work without anyone ------------------------------------------------------------------
CELERY_BROKER_URL = env.text(
    "CELERY_BROKER_URL", REDIS_URL or (f"sqla+sqlite:///{VAR_DIR / 'broker.sqlite3'}")
)
if PRODUCTION and CELERY_BROKER_URL.lower().startswith(("sqla", "memory", "filesystem")):
    env.refuse("CELERY_BROKER_URL", "must be Redis or RabbitMQ in production: redis://host:6379/0.")
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_TIME_LIMIT = 15 * 60
CELERY_TIMEZONE = "UTC"
# Queueing must never hang a request: the sweep finds the row a minute later.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"socket_connect_timeout": 2, "socket_timeout": 10}
    if CELERY_BROKER_URL.startswith("redis")
    else {}
)

# --- Mail ---------------------------------------------------------------------------------
# Outside production mail is written to files, which /dev/mail/ shows.
_mail_folder = None if PRODUCTION else f"filemail:///{VAR_DIR / 'mail'}"
vars().update(env.mail("EMAIL_URL", _mail_folder, server=PRODUCTION))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.sender(
    "DEFAULT_FROM_EMAIL", None if PRODUCTION else "privacy@sample.example"
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Language and time --------------------------------------------------------------------
LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.zone("TIME_ZONE", "Asia/Tokyo")
PORTAL_NAME = {
    "ja": env.text("PORTAL_NAME_JA", "個人情報開示等請求窓口"),
    "en": env.text("PORTAL_NAME_EN", "Personal Information Request Desk"),
}

# --- The law and the desk -----------------------------------------------------------------
# Folders with further rule-set files; a file with the same regime and version replaces ours.
LAW_FOLDERS = [Path(folder) for folder in env.items("LAW_FOLDERS", [])]
DRAFT_DAYS = env.number("DRAFT_DAYS", 7, least=1)
FOUR_EYES = env.flag("FOUR_EYES", default=True)
# How long the picture of an identity document outlives its check.
IDENTITY_IMAGE_DAYS = env.number("IDENTITY_IMAGE_DAYS", 30, least=0)
# Secrets of the sign-ins at customer accounts; a sign-in names its own, and no other variable.
OIDC_SECRETS = env.named("OIDC_SECRET_")
# Online identification: the dotted path of an adapter, and what the worked example needs.
EKYC_PROVIDER = env.text("EKYC_PROVIDER", "")
EKYC_URL = env.text("EKYC_URL", "")
EKYC_SECRET = env.text("EKYC_SECRET", "")
REMINDER_HOUR = env.number("REMINDER_HOUR", 9, most=23)
ATTACHMENT_MAX_BYTES = env.number("ATTACHMENT_MAX_MB", 10, least=1) * 1024 * 1024
ATTACHMENT_MAX_COUNT = env.number("ATTACHMENT_MAX_COUNT", 10, least=1)
# A task to a data owner is due after so many business days, and so long before the decision is.
OWNER_TASK_DAYS = env.number("OWNER_TASK_DAYS", 5, least=1)
OWNER_TASK_MARGIN_DAYS = env.number("OWNER_TASK_MARGIN_DAYS", 3)
OWNER_UPLOAD_MAX_BYTES = env.number("OWNER_UPLOAD_MAX_MB", 500, least=1) * 1024 * 1024
OWNER_UPLOAD_MAX_COUNT = env.number("OWNER_UPLOAD_MAX_COUNT", 30, least=1)
# How long, and how often, what was released on the portal can be downloaded.
RELEASE_DAYS = env.number("RELEASE_DAYS", 7, least=1)
RELEASE_DOWNLOADS = env.number("RELEASE_DOWNLOADS", 5, least=1)
# Larger packages are not mailed; larger files are not marked or printed: both are done in memory.
MAIL_PACKAGE_MAX_BYTES = env.number("MAIL_PACKAGE_MAX_MB", 7, least=1) * 1024 * 1024
MARKED_MAX_BYTES = env.number("MARKED_MAX_MB", 32, least=1) * 1024 * 1024
PRINT_MAX_BYTES = env.number("PRINT_MAX_MB", 128, least=1) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# Uploads stay in memory, cut off at the limit, until the vault has them: none in clear on disk.
FILE_UPLOAD_HANDLERS = ["dsar.uploads.BoundedUploadHandler"]
# Where limits are counted; without Redis one web process counts in its own memory.
RATE_LIMIT_STORAGE = REDIS_URL or "memory://"
RATE_LIMITS = env.flag("RATE_LIMITS", default=True)

# --- Systems that are searched by connectors ----------------------------------------------
# URLs and tokens of the systems; a connector's settings name them and can reach nothing else.
CONNECTOR_SECRETS = env.beginning_with("CONNECTOR_SECRET_")
CONNECTOR_FOLDERS = env.items("CONNECTOR_FOLDERS", [])
# Hosts, or networks as 10.1.0.0/16, that HTTP connectors may reach although they are private.
CONNECTOR_PRIVATE_HOSTS = env.items("CONNECTOR_PRIVATE_HOSTS", [])
DEMO_SYSTEMS = VAR_DIR / "demo-systems"
if DEMO:
    CONNECTOR_FOLDERS = [str(DEMO_SYSTEMS / "files")]
    CONNECTOR_SECRETS["CONNECTOR_SECRET_DEMO_CRM"] = f"sqlite:///{DEMO_SYSTEMS / 'crm.sqlite3'}"

# --- Security of the web face -------------------------------------------------------------
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
LANGUAGE_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION and env.flag("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz/$"]
SECURE_HSTS_SECONDS = 31536000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
if PRODUCTION and TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# "no-referrer" would make browsers send "Origin: null", which CSRF checks must refuse.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- What is written down -----------------------------------------------------------------
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.choice("LOG_LEVEL", "INFO", _LEVELS)},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
        "weasyprint": {"level": "ERROR"},
        "pikepdf": {"level": "ERROR"},
    },
}
