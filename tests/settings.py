"""The product's settings, whatever the caller's environment says.

Only DATABASE_URL and REDIS_URL are taken from outside; servers sets them, and a Redis for each worker.
"""

import os

os.environ |= {"SECRET_KEY": "for-tests-only-" * 4, "DEBUG": "0", "HTTPS": "0", "LOG_LEVEL": "WARNING"}
os.environ["STAFF_SECOND_FACTOR"] = "0"  # tests of the administration are about other things
_UNSET = (
    "SECRET_KEY_FILE",
    "SECRET_KEY_FALLBACKS",
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "COOKIE_PREFIX",
    "PATH_PREFIX",
    "PUSH_KEY",
    "PUSH_KEY_FILE",
    "WEB_CONCURRENCY",
    "REPLICA_URL",
    "SIGN_UP",
    "MAIL_URL",
    "MAIL_FROM",
    "MAIL_REPLY_DOMAIN",
    "SITE_URL",
)
for _name in _UNSET:
    os.environ.pop(_name, None)
_worker = os.environ.get("PYTEST_XDIST_WORKER", "").upper()
os.environ["REDIS_URL"] = os.environ.get(f"REDIS_URL_{_worker}") or os.environ.get("REDIS_URL", "")

from config.settings import *  # noqa: E402, F403

# A second subject, as an app of its own brings one.
INSTALLED_APPS = [*INSTALLED_APPS, "tests.orders.apps.OrdersConfig"]  # noqa: F405

# Threads of a test come and go without giving their connection back; a server process keeps the pool.
DATABASES["default"]["OPTIONS"].pop("pool", None)  # noqa: F405
# What tests of this process count stays in it: servers that they start have the shared cache.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# Nor does anything that a test does on its own connections end because the machine is busy.
SERVING_TIMEOUTS = {}
# Each answer of the API is held against its type.
DMR_SETTINGS = {"validate_responses": True}
