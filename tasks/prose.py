"""Comments and descriptions as one member reads them: who is meant by a name, and which keys are theirs to open."""

from functools import cached_property

from django.db.models import BigIntegerField
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from base.compiled import Parameter
from base.compiled_lists import CompiledList
from base.markdown import Mention
from base.rendered_texts import TEXTS
from events.subjects import key_in
from orgs.access import members_of
from orgs.mentions import meant
from orgs.models import Membership, User

_SHORT_NAMES = CompiledList(
    lambda: Membership.objects.filter(
        user_id=Parameter("user_id", BigIntegerField()), user__is_active=True
    ).values_list("organization__slug")
)


class Prose:
    """Renders the texts of one page. Names and organizations are loaded once, and only where a text speaks of any."""

    def __init__(self, membership: Membership) -> None:
        self._membership = membership

    def html(self, text: str) -> SafeString:
        return mark_safe(TEXTS.html(text, self) if text else "")  # noqa: S308 - sanitized

    def mention(self, written: str) -> Mention | None:
        found = meant(written, self.members)
        if found is None:
            return None
        name, rest, key = found
        user = self.members[key]
        return Mention(name, rest, user.display_name, user.pk == self._membership.user_id)

    def task(self, key: str) -> str | None:
        found = key_in(key)
        if found is None or not found[0].stands_in or found[1].lower() not in self._short_names:
            return None
        return reverse("tasks:detail", args=[found[1].lower(), found[2]])

    @property
    def user_id(self) -> int:
        return self._membership.user_id

    @cached_property
    def members(self) -> dict[str, User]:
        """The members whose accounts are open, by the keys of their user names."""
        return {user.name_key: user for user in self.listed}

    @cached_property
    def listed(self) -> list[User]:
        """The same, by the names that people see."""
        return members_of(self._membership.organization_id)

    @cached_property
    def _short_names(self) -> set[str]:
        return {slug for (slug,) in _SHORT_NAMES.rows(user_id=self._membership.user_id)}
