"""The column that says which user name is whose, and the look-up by it."""

from typing import Any

from django.contrib.auth.models import UserManager
from django.db import models
from django.db.models import Q

from orgs.names import name_key

# Stands in no user name. What follows it tells keys apart that were one name to us and two to an older release.
SUFFIX = "#"


class NameKeyField(models.CharField):  # type: ignore[type-arg]
    """Filled from the user name whenever the row is written through the model, one by one or in bulk."""

    def pre_save(self, model_instance: Any, add: bool) -> str:
        key = name_key(model_instance.username)
        kept = getattr(model_instance, self.attname)
        if kept.rpartition(SUFFIX)[0] != key:
            setattr(model_instance, self.attname, key)
        return str(getattr(model_instance, self.attname))


class PeopleManager(UserManager):  # type: ignore[type-arg]
    use_in_migrations = False

    def named(self, name: str | None) -> Any:
        """Find the account of that name, or None. One written exactly so goes first: old data may hold a name in two
        cases."""
        if not name or not name.isprintable():
            return None
        found = self.filter(Q(username=name) | Q(name_key=name_key(name)))
        return max(found, key=lambda user: user.username == name, default=None)

    def is_free(self, name: str, but_for: int | None = None) -> bool:
        """Say whether nobody has the name, nor had it: texts may still mean them by it. The user `but_for` may."""
        theirs = Q(username=name) | Q(name_key=name_key(name)) | Q(former_names__name__iexact=name)
        return not self.filter(theirs).exclude(pk=but_for).exists()

    def get_by_natural_key(self, username: str | None) -> Any:
        """Find who signs in, whatever the case. Raises User.DoesNotExist."""
        user = self.named(username)
        if user is None:
            raise self.model.DoesNotExist
        return user
