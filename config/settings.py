"""All settings. The environment is read here and nowhere else; every variable has its type, default and reason.

Append `_FILE` to a variable's name to have its value read from a file (SECRET_KEY_FILE=/run/secrets/key).
"""

from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from corsheaders.defaults import default_headers
from django.core.exceptions import ImproperlyConfigured

from base.dependencies import REPLICA_ALIAS
from config import addresses, mail_servers, redis_addresses
from config.environment import Environment, secret
from config.mail_servers import Mail
from config.postgresql import BoundedConnection, replica_of

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

# --- The environment ---------------------------------------------------------------------------------------

# Shows tracebacks to whoever asks. For development on your own machine only.
DEBUG: bool = env.bool("DEBUG", default=False)

# Signs sessions and cursors' neighbours (messages, password resets). Required unless DEBUG.
SECRET_KEY: str = env.secret("SECRET_KEY", default="development-only-" * 4 if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "Set SECRET_KEY (or SECRET_KEY_FILE) to a long random text, or DEBUG=1 to try things out."
    )

# Older keys that still verify what they signed, so that a key rotation signs nobody out.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[], each=secret)

# Host names that this server answers to, for pages and for the Origin of sockets.
ALLOWED_HOSTS: list[str] = env.list(
    "ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"], each=addresses.host
)

# Other origins whose forms and sockets are trusted, with scheme: https://tasks.example.com
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[], each=addresses.origin)

# Whether people reach the product over https. Turn off only for plain http on your own machine.
HTTPS: bool = env.bool("HTTPS", default=not DEBUG)

# The path that people reach the product under, when a proxy gives it no host of its own: /carillon. The proxy may take
# it off or leave it on.
PATH_PREFIX: str = env.address("PATH_PREFIX", default="", check=addresses.path_prefix)

# Begins the names of all cookies: another one for each installation on a host, or a browser mixes them up. `__Host-`
# has the browser refuse cookies that another host of the domain sets.
COOKIE_PREFIX: str = env.address("COOKIE_PREFIX", default="", check=addresses.cookie_prefix)
if COOKIE_PREFIX.startswith("__") and not HTTPS:
    raise ImproperlyConfigured(
        "COOKIE_PREFIX cannot be read: browsers take __Host- and __Secure- over https only."
    )

# sqlite:///path or postgres://user:password@host/name
DATABASE_URL: dict[str, Any] = env.address(
    "DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'var' / 'carillon.sqlite3'}", check=addresses.database
)

# redis://host:6379/0, or redis+sentinel://host:26379,host:26379/mymaster/0 where Sentinel says which is the master.
# Empty: PostgreSQL carries the hints itself; on SQLite the in-memory layer does, which serves one process only.
REDIS_URL: str = env.address("REDIS_URL", default="", check=redis_addresses.redis)

# Without Redis: an address of the database for LISTEN, where DATABASE_URL leads through a pooler that lends connections
# for a transaction (PgBouncer may), and so forgets who listens. Empty: DATABASE_URL.
LISTEN_URL: dict[str, Any] = env.address("LISTEN_URL", default="", check=addresses.listening)

# A standby of the database, which answers replays where it is new enough. Empty: none.
REPLICA_URL: dict[str, Any] = env.address("REPLICA_URL", default="", check=addresses.replica)
if REPLICA_URL and DATABASE_URL["ENGINE"].endswith("sqlite3"):
    raise ImproperlyConfigured("REPLICA_URL cannot be read: it needs a DATABASE_URL of PostgreSQL.")

# How many worker processes share this database. `serve --workers` sets it; the system check reads it.
WORKERS: int = env.int("WEB_CONCURRENCY", default=1, least=1, most=1000)

# The release that `bin/carillon` started, by the link that led to it: `kill -HUP` looks there for the next one.
RELEASE: str = env.str("CARILLON_RELEASE", default="")

# Seconds between two looks of each server process at the logs: how long a lost hint can delay an event.
POLL_SECONDS: float = env.float("POLL_SECONDS", default=2.0, least=0.05, most=60.0)

# Whether what serves also runs the followers of the logs, such as the search. Off where `manage.py follow` does.
FOLLOW: bool = env.bool("FOLLOW", default=True)

# Connections of all kinds in each worker, and those of one address. An address may be an office; what comes through a
# proxy that uvicorn trusts (FORWARDED_ALLOW_IPS) counts in all only.
CONNECTIONS: int = env.int("CONNECTIONS", default=10_000, least=1)
CONNECTIONS_PER_ADDRESS: int = env.int("CONNECTIONS_PER_ADDRESS", default=2500, least=1)

# Handshakes of sockets that one address may make in a minute, and have waiting at a time, in each worker. An office
# of a thousand people behind one address comes back at once after a restart; a client that hammers is stopped.
HANDSHAKES_PER_MINUTE: int = env.int("HANDSHAKES_PER_MINUTE", default=3000, least=1)
HANDSHAKES_PENDING: int = env.int("HANDSHAKES_PENDING", default=1000, least=1)

# What one person may change in a minute (every form that they send counts), in each worker.
COMMANDS_PER_MINUTE: int = env.int("COMMANDS_PER_MINUTE", default=300, least=1)

# How often one person's programs may ask /api/v1 for something in a minute, in each worker.
READS_PER_MINUTE: int = env.int("READS_PER_MINUTE", default=3000, least=1)

# Whether staff have to prove a second factor (a passkey, or a code) before the administration opens. Whoever has none
# is led to set one up, so nobody is locked out by it.
STAFF_SECOND_FACTOR: bool = env.bool("STAFF_SECOND_FACTOR", default=not DEBUG)

# Single sign-on by OpenID Connect, where all three are set: the provider's address, and what it calls this server. Its
# name stands on the button.
OIDC_ISSUER: str = env.address("OIDC_ISSUER", default="", check=addresses.issuer)
OIDC_CLIENT_ID: str = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET: str = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_NAME: str = env.str("OIDC_NAME", default="single sign-on")
if OIDC_ISSUER and not (OIDC_CLIENT_ID and OIDC_CLIENT_SECRET):
    raise ImproperlyConfigured("OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.")

# Where people reach the product, for links in mails: scheme and host, https://tasks.example.com. Empty: the first of
# ALLOWED_HOSTS that is a host.
SITE_URL: str = env.address("SITE_URL", default="", check=addresses.site)
SITE_URL_IS_SET = bool(SITE_URL)

# Who takes mail from us: smtp://user:password@host:587?tls=1, smtps://..., mailbox: (a page of the demo) or
# anymail+mailgun://?api_key=... Empty: no mail is sent, and pages say so.
MAIL_URL: Mail = env.address("MAIL_URL", default="", check=mail_servers.mail)

# Whom mails are from, an address or a name with one: Carillon <carillon@example.com>.
MAIL_FROM: str = env.address("MAIL_FROM", default="", check=mail_servers.sender)

# The domain that answers to mails go to, where something there reads them. Empty: nobody answers by mail.
MAIL_REPLY_DOMAIN: str = env.address("MAIL_REPLY_DOMAIN", default="", check=mail_servers.domain)

# Who may make an account: `open` to all, for whom somebody invited, or for nobody.
SIGN_UP: str = env.str("SIGN_UP", default="invitation", choices=("open", "invitation", "closed"))

# Signs desktop pushes; `manage.py push_key` makes one. Empty: there are none, and pages say so.
PUSH_KEY: str = env.address("PUSH_KEY", default="", check=addresses.push_key)

# Whether pushes may go to this very machine, and by plain http: for tests and for development alone.
OUTBOUND_LOOPBACK: bool = env.bool("OUTBOUND_LOOPBACK", default=False)

# Networks that webhooks may post into though they are not public: 10.0.0.0/8, fd00::/8. Empty: none.
WEBHOOK_NETWORKS: addresses.Networks = env.address("WEBHOOK_NETWORKS", default="", check=addresses.networks)

# Where `serve` and `follow` show their figures to Prometheus, as host:port; only who collects them should reach it.
# Empty: nowhere, and nothing is kept for it.
METRICS: tuple[str, int] | None = env.address("METRICS", default="", check=addresses.place)

# Where workers lay their figures down. `serve` sets it for them.
FIGURES_FOLDER: str = env.str("FIGURES_FOLDER", default="")

# A collector of OpenTelemetry that takes traces over http: http://127.0.0.1:4318. Empty: nothing is traced.
OTLP_URL: str = env.address("OTLP_URL", default="", check=addresses.collector)

# The share of requests that are traced.
OTLP_SHARE: float = env.float("OTLP_SHARE", default=1.0, least=0.0, most=1.0)

# For how many days after it was read or done a notification is kept. 0: for ever. The history itself always stays.
KEEP_NOTIFICATIONS_DAYS: int = env.int("KEEP_NOTIFICATIONS_DAYS", default=0, least=0, most=36_500)

# DEBUG (of the product's own lines; those of libraries hold secrets), INFO, WARNING or ERROR.
LOG_LEVEL: str = env.str("LOG_LEVEL", default="INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))

# `lines` for people, or `json`: one object for each line, for what collects them.
LOG_FORMAT: str = env.str("LOG_FORMAT", default="lines", choices=("lines", "json"))

# --- The product -------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "orgs.administration_app.AdministrationConfig",  # django.contrib.admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "channels",
    "corsheaders",
    "base",
    "orgs",
    "tokens",
    "events",
    "followers",
    "search",
    "preferences",
    "inbox",
    "outbound",
    "tasks",
    "membership",
    "webhooks",
    "realtime",
    "accounts",
    "api",
    "operations",
    "demo",
    "config",
]

MIDDLEWARE = [
    "config.requests.RequestIdMiddleware",
    "config.static_answers.StaticFilesMiddleware",
    "config.compression.CompressionMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "config.programs.ProgramsMiddleware",
    "config.own_posts.refused",
    # Among the synchronous ones: outside them it would need two threads of its own for each request.
    "django.middleware.security.SecurityMiddleware",
    "config.connections.GiveBackMiddleware",
    "config.caching.never_cached",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.bearers.BearerMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.seen.SeenMiddleware",
    "accounts.staff.SecondFactorMiddleware",
    "config.fairness.ReadsMiddleware",
    "config.limits.CommandsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "config.form_answers.FormAnswersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.zones.reader_zone",
    "config.errors.ErrorMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
AUTH_USER_MODEL = "orgs.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
# The second is never asked; sessions that it began go on.
AUTHENTICATION_BACKENDS = ["accounts.backends.Backend", "django.contrib.auth.backends.ModelBackend"]
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
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "lists"],
        "OPTIONS": {"environment": "config.jinja.environment"},
    },
]

# --- Where things are kept ---------------------------------------------------------------------------------

DATABASES: dict[str, Any] = {"default": DATABASE_URL | {"CONN_MAX_AGE": 0}}
SERVING_TIMEOUTS: dict[str, int] = {}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    with suppress(OSError):  # told of when the file is opened
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
    options = DATABASES["default"].get("OPTIONS", {})  # of the address: sslmode and such
    # For how long PostgreSQL works on one statement, waits for a lock, and waits for us within a transaction, in
    # milliseconds. Only where pages and sockets are served (config/asgi.py): a command takes the time that it needs.
    SERVING_TIMEOUTS = {
        name: options.pop(name, default)
        for name, default in (
            ("statement_timeout", 5_000),
            ("lock_timeout", 4_000),
            ("idle_in_transaction_session_timeout", 15_000),
        )
    }
    DATABASES["default"]["OPTIONS"] = {
        # A network that swallows packets ends a connection within seconds. libpq's own names: any of them, and of those
        # above, may stand in the address (?connect_timeout=10) and counts before these.
        "connect_timeout": 3,
        "tcp_user_timeout": 6_000,
        "keepalives": 1,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        **options,
        # Under ASGI a thread may serve once and go; a pool keeps connections bounded whatever the threads do.
        # Reconnecting, the pool doubles its pauses; given up after 2 s, the next read starts afresh, so that pages are
        # back a second after PostgreSQL and not as late as it was away.
        "pool": {
            "connection_class": BoundedConnection,
            "min_size": 1,
            "max_size": 10,
            "timeout": 5,
            "reconnect_timeout": 2,
            "max_idle": 300,
        },
    }
    # A connection that broke in the pool is found out there, and nobody's page fails for it.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

if REPLICA_URL:
    DATABASES[REPLICA_ALIAS] = replica_of(DATABASES["default"], REPLICA_URL)
    DATABASE_ROUTERS = ["config.postgresql.ReplicaRouter"]
    MIDDLEWARE.append("base.last_writes.LastWritesMiddleware")

if REDIS_URL:
    CHANNEL_LAYERS: dict[str, Any] = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {
                # Explicit: redis-py's own defaults change between releases.
                "hosts": [
                    redis_addresses.connection_options(REDIS_URL, is_async=True)
                    | {"socket_connect_timeout": 2, "socket_timeout": None}
                ],
            },
        },
    }
elif DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "realtime.notify_layer.NotifyLayer"}}

FORCE_SCRIPT_NAME = PATH_PREFIX or None
STATIC_URL = f"{PATH_PREFIX}/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_FINDERS = [
    "config.stylesheets.BundlingFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGES = {"staticfiles": {"BACKEND": "config.static_files.ReleaseStorage"}}

# --- Language and time -------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]  # that people may choose from (decision 53)
USE_TZ = True
TIME_ZONE = "UTC"

# --- Pictures of people ------------------------------------------------------------------------------------

# As large as the largest body (config/bodies.py), so that none is written to disk.
FILE_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024**2

# --- Security ----------------------------------------------------------------------------------------------

SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid", f"{COOKIE_PREFIX}csrftoken"
SESSION_ENGINE = "config.sessions"
MESSAGE_STORAGE = "config.cookies.Messages"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
CSRF_FAILURE_VIEW = "config.errors.untrusted_form"
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
# Factors and sessions. An account whose address nobody confirmed may add a factor too: it could sign in before.
MFA_ADAPTER = "accounts.factors.FactorsAdapter"
MFA_FORMS = {
    "add_webauthn": "accounts.factor_forms.AddPasskeyForm",
    "edit_webauthn": "accounts.factor_forms.RenamePasskeyForm",
    "authenticate_webauthn": "accounts.factor_forms.PasskeyForm",
    "login_webauthn": "accounts.factor_forms.SignInByPasskeyForm",
    "reauthenticate_webauthn": "accounts.factor_forms.ProveByPasskeyForm",
}
MFA_RATE_LIMITS = {"webauthn_login": "120/m/ip"}  # two for each sign-in
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Carillon"
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds that a clock may be off
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_ALLOW_UNVERIFIED_EMAIL = True
USERSESSIONS_ADAPTER = "accounts.sessions.SessionsAdapter"
SOCIALACCOUNT_ADAPTER = "accounts.single_sign_on.SingleSignOnAdapter"
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                "settings": {"server_url": OIDC_ISSUER, "uid_field": "sub"},
            }
        ]
        if OIDC_ISSUER
        else [],
    }
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

# --- The API -----------------------------------------------------------------------------------------------

# Types hold what answers are; tests look again (tests/settings.py).
DMR_SETTINGS = {"validate_responses": False}
# Whose sockets open may ask by HTTP too: a page of another origin that is trusted, and no other.
CORS_URLS_REGEX = "^/api/"
CORS_ALLOWED_ORIGIN_REGEXES = [addresses.origins_of(each) for each in CSRF_TRUSTED_ORIGINS]
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_HEADERS = (*default_headers, "idempotency-key", "if-match", "if-none-match", "last-event-id")
CORS_EXPOSE_HEADERS = [
    "ETag",
    "Idempotent-Replayed",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-ID",
]

# --- Mail --------------------------------------------------------------------------------------------------

if not SITE_URL:
    named = (name for name in ALLOWED_HOSTS if not name.startswith(("*", ".")))
    SITE_URL = f"{'https' if HTTPS else 'http'}://{next(named, 'localhost')}"
MAIL_IS_ON: bool = MAIL_URL.is_on
EMAIL_BACKEND = MAIL_URL.backend
# Where mails are kept that go nowhere (MAIL_URL=mailbox:): beside the database, if that is a file.
MAILBOX_FOLDER = (
    Path(DATABASES["default"]["NAME"]).parent
    if DATABASES["default"]["ENGINE"].endswith("sqlite3")
    else BASE_DIR / "var"
) / "mailbox"
EMAIL_TIMEOUT = 10  # seconds for each step of the conversation
for _name, _value in MAIL_URL.settings.items():
    globals()[_name] = _value
MAIL_FROM = MAIL_FROM or f"Carillon <carillon@{urlsplit(SITE_URL).hostname}>"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = MAIL_FROM

# Django's own, one after the other: a million rounds take a processor's core.
PASSWORD_HASHERS = ["accounts.hashing.QueueingHasher"]

# --- Accounts: signing up and in ---------------------------------------------------------------------------

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username", "password1*"]
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "signup": "accounts.forms.SignUpForm",
    "add_email": "accounts.forms.AddAddressForm",
    "confirm_email_verification_code": "accounts.forms.AddressCodeForm",
    "reset_password": "accounts.forms.ResetForm",
    "confirm_password_reset_code": "accounts.forms.CodeForm",
    "reset_password_from_key": "accounts.forms.NewPasswordForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
}
# Codes that a person types: no secret stands in an address, and what opens links changes nothing.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60  # seconds
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
# The same words whether there is an account; and no mail to who has none.
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
# Who changes an address has given their password lately, or gives it again.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_METHODS = ("password", "mfa")
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60  # seconds
# By the address that asks (`ip`: an office is one), the person signed in, or the account or address that is meant.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "signup": "20/m/ip",
    # Beyond so many in a day codes would be a way to fill somebody's mailbox.
    "confirm_email": "1/10s/key,10/h/key,30/d/key",
    "reset_password": "20/m/ip,5/10m/key,30/d/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
    "manage_email": "20/m/user",
}
# Where tries are counted. Without Redis there is one process, whose memory is enough: more places than one address can
# fill while anything counts.
CACHES: dict[str, Any] = {
    "default": {"BACKEND": "config.tries.SharedCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "carillon"}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
CACHES["default"]["OPTIONS"] = {"MAX_ENTRIES": 50_000}

# --- Logging -----------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {"format": "{asctime} {levelname} {name} [{request_id}] {message}", "style": "{"},
        "json": {"()": "config.logs.JsonFormatter"},
    },
    "filters": {
        "client_fault": {"()": "config.logs.ClientFault"},
        "no_capability": {"()": "config.logs.NoCapability"},
        "no_detail": {"()": "config.logs.NoDetail"},
        "no_probe": {"()": "config.logs.NoProbe"},
        "answered_elsewhere": {"()": "config.logs.AnsweredElsewhere"},
        "layer_away": {"()": "config.logs.LayerAway"},
        "request_id": {"()": "config.logs.RequestId"},
    },
    "handlers": {
        # Filters stand on the handler: a logger's own filter does not see what comes from below it.
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["request_id", "client_fault", "no_capability"],
        },
    },
    "loggers": {
        "channels_redis.pubsub": {"filters": ["layer_away"]},
        # It tells of each try to connect; config/postgresql.py has it told of once.
        "psycopg.pool": {"level": "ERROR"},
        # It writes down what a server answered, and who does is a stranger (outbound/to_strangers.py).
        "urllib3": {"level": "ERROR"},
        # Plain uvicorn has a level of its own; at debug it writes the head of each handshake.
        "uvicorn.error": {"filters": ["no_detail"]},
        # Plain uvicorn writes these by a handler of its own, which would hide nothing.
        "uvicorn.access": {"filters": ["no_probe", "no_capability"], "propagate": True},
        "fido2": {"level": "WARNING"},  # below, it names people's keys
        **{
            app: {"level": LOG_LEVEL}
            for app in (
                "config",
                "base",
                "operations",
                "accounts",
                "realtime",
                "tasks",
                "membership",
                "outbound",
                "inbox",
                "preferences",
                "search",
                "followers",
                "events",
                "tokens",
                "orgs",
                "api",
            )
        },
        "django.request": {"filters": ["answered_elsewhere"]},
    },
    # Others' details hold cookies, SQL and what people typed: only our own are shown at DEBUG.
    "root": {"handlers": ["console"], "level": "INFO" if LOG_LEVEL == "DEBUG" else LOG_LEVEL},
}
