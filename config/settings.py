"""All settings. The environment is read here and nowhere else; every variable has its type, default and reason.

Append `_FILE` to a variable's name to have its value read from a file (SECRET_KEY_FILE=/run/secrets/key).
"""

from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
NO = ("", "0", "false", "no", "n", "off")


class Environment(environ.FileAwareEnv):  # type: ignore[misc]
    """A value that cannot be meant stops the start with one sentence."""

    def get_value(self, var: str, *args: Any, **options: Any) -> Any:
        try:
            value = super().get_value(var, *args, **options)
        except (ValueError, OSError) as error:
            raise ImproperlyConfigured(f"{var} cannot be read: {error}.") from error
        # A file ends with a line break, which is no part of an address or a key.
        return value.rstrip("\r\n") if isinstance(value, str) else value

    def bool(self, var: str, *args: Any, **options: Any) -> Any:
        # Otherwise a slip of the hand, HTTPS=ture, would mean no.
        if self.str(var, default="").lower() not in (*NO, *self.BOOLEAN_TRUE_STRINGS):
            raise ImproperlyConfigured(f"{var} cannot be read: write 1 or 0.")
        return super().bool(var, *args, **options)


env = Environment()

# --- The environment ---------------------------------------------------------------------------------------

# Shows tracebacks to whoever asks. For development on your own machine only.
DEBUG: bool = env.bool("DEBUG", default=False)

# Signs sessions and cursors' neighbours (messages, password resets). Required unless DEBUG.
SECRET_KEY: str = env.str("SECRET_KEY", default="development-only-" * 4 if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "Set SECRET_KEY (or SECRET_KEY_FILE) to a long random text, or DEBUG=1 to try things out."
    )

# Older keys that still verify what they signed, so that a key rotation signs nobody out.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])

# Host names that this server answers to, for pages and for the Origin of sockets.
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

# Other origins whose forms and sockets are trusted, with scheme: https://tasks.example.com
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Whether people reach the product over https. Turn off only for plain http on your own machine.
HTTPS: bool = env.bool("HTTPS", default=not DEBUG)

# sqlite:///path or postgres://user:password@host/name
DATABASE_URL: dict[str, Any] = env.db_url(
    "DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'var' / 'carillon.sqlite3'}"
)

if "ENGINE" not in DATABASE_URL:
    raise ImproperlyConfigured("DATABASE_URL cannot be read: write it as postgres://user:password@host/name.")

# redis://host:6379/0. Empty: the in-memory layer, which serves one process only.
REDIS_URL: str = env.str("REDIS_URL", default="")

# How many worker processes share this database. `serve --workers` sets it; the system check reads it.
WORKERS: int = env.int("WEB_CONCURRENCY", default=1)

# Seconds between two looks of each server process at the logs: how long a lost hint can delay an event.
POLL_SECONDS: float = env.float("POLL_SECONDS", default=2.0)

# Connections of all kinds in each worker, and those of one address. An address may be an office; what comes through a
# proxy that uvicorn trusts (FORWARDED_ALLOW_IPS) counts in all only.
CONNECTIONS: int = env.int("CONNECTIONS", default=10_000)
CONNECTIONS_PER_ADDRESS: int = env.int("CONNECTIONS_PER_ADDRESS", default=2500)

# Handshakes of sockets that one address may make in a minute, and have waiting at a time, in each worker. An office
# of a thousand people behind one address comes back at once after a restart; a client that hammers is stopped.
HANDSHAKES_PER_MINUTE: int = env.int("HANDSHAKES_PER_MINUTE", default=3000)
HANDSHAKES_PENDING: int = env.int("HANDSHAKES_PENDING", default=1000)

# DEBUG, INFO, WARNING or ERROR.
LOG_LEVEL: str = env.str("LOG_LEVEL", default="INFO")
if LOG_LEVEL not in ("DEBUG", "INFO", "WARNING", "ERROR"):
    raise ImproperlyConfigured("LOG_LEVEL cannot be read: write DEBUG, INFO, WARNING or ERROR.")

# --- The product -------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "orgs",
    "events",
    "inbox",
    "tasks",
    "realtime",
    "config",
]

MIDDLEWARE = [
    "config.requests.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "config.caching.never_cached",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.errors.ErrorMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
AUTH_USER_MODEL = "orgs.User"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
                "inbox.context_processors.shell",
            ],
        },
    },
]

# --- Where things are kept ---------------------------------------------------------------------------------

DATABASES: dict[str, Any] = {"default": DATABASE_URL | {"CONN_MAX_AGE": 0}}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    DATABASES["default"] |= {
        "OPTIONS": {
            # Writers queue at BEGIN instead of failing in the middle with 'database is locked'.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
        # A file: an in-memory test database and threads do not go together.
        "TEST": {"NAME": BASE_DIR / "var" / "test.sqlite3"},
    }
else:
    # Under ASGI a thread may serve once and go; a pool keeps connections bounded whatever the threads do.
    options = DATABASES["default"].get("OPTIONS", {})  # of the address: sslmode and such
    # Reconnecting, the pool doubles its pauses; given up after 2 s, the next read starts afresh, so that pages are back
    # a second after PostgreSQL and not as late as it was away.
    pool = {"min_size": 1, "max_size": 10, "timeout": 10, "reconnect_timeout": 2}
    DATABASES["default"] |= {"OPTIONS": options | {"pool": pool}}

if REDIS_URL:
    CHANNEL_LAYERS: dict[str, Any] = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {
                # Explicit: redis-py's own defaults change between releases.
                "hosts": [{"address": REDIS_URL, "socket_connect_timeout": 2, "socket_timeout": None}],
            },
        },
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "var" / "static"
# Serve straight from the apps' folders: nothing to collect before the first run.
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_AUTOREFRESH = DEBUG

# --- Language and time -------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
USE_TZ = True
TIME_ZONE = "UTC"

# --- Security ----------------------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "object-src": ["'none'"],
    },
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# --- Logging -----------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} [{request_id}] {message}", "style": "{"}},
    "filters": {
        "one_line": {"()": "config.logs.OneLine"},
        "client_errors": {"()": "config.logs.ClientErrors"},
        "request_id": {"()": "config.logs.RequestId"},
    },
    "handlers": {
        # The filter stands on the handler: a logger's own filter does not see what comes from below it.
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["request_id", "client_errors"],
        },
    },
    "loggers": {
        "channels_redis.pubsub": {"filters": ["one_line"]},
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}
