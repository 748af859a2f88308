import pytest

from inbox.models import Watch
from inbox.services import watch
from tests.tasks.acme import new_task

pytestmark = pytest.mark.django_db


class TestWatch:
    def test_begins_and_ends(self, acme):
        task = new_task(acme, actor=acme.alice)
        watch(acme.bob.pk, acme.pk, task.pk, watching=True)
        watch(acme.bob.pk, acme.pk, task.pk, watching=True)
        watch(acme.carol.pk, acme.pk, task.pk, watching=True)
        assert set(Watch.objects.values_list("user_id", flat=True)) == {acme.bob.pk, acme.carol.pk}
        watch(acme.bob.pk, acme.pk, task.pk, watching=False)
        watch(acme.bob.pk, acme.pk, task.pk, watching=False)
        assert list(Watch.objects.values_list("user_id", flat=True)) == [acme.carol.pk]
