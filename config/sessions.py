"""Sessions in the database, as Django has them; every request reads one, so its SQL is built once. Those of nobody,
such as of who asked for a code, are kept for an hour: strangers make as many as they like."""

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from base.compiled import Parameter
from base.compiled_lists import CompiledModels

KEPT_FOR_NOBODY = 3600  # seconds; codes count for a quarter of that

_VALID = CompiledModels(
    lambda: Session.objects.filter(
        session_key=Parameter("key", CharField()), expire_date__gt=Parameter("now", DateTimeField())
    )
)


class SessionStore(db.SessionStore):
    def get_session_cookie_age(self) -> int:
        age: int = super().get_session_cookie_age()
        return age if SESSION_KEY in self else min(age, KEPT_FOR_NOBODY)

    def _get_session_from_db(self) -> Session | None:
        """Find the session of this key; without one the key is forgotten, which is Django's way."""
        found: list[Session] = _VALID.models(key=self.session_key, now=timezone.now())
        if not found:
            self._session_key = None
        return found[0] if found else None
