"""What somebody asks of one task: to be told of all of it, or of nothing until it singles them out."""

import msgspec
from dmr.routing import path

from api.asked import OfTask
from api.controllers import Resource, operation
from api.parsing import Path
from inbox.services import asked_of, mute, watch
from tasks.models import Task
from tasks.queries import task_of
from tokens import reach
from tokens.scopes import READ, WRITE


class WatchState(msgspec.Struct, kw_only=True):
    """Who watches a task is told of all of it; who muted it, of nothing until they are mentioned or assigned."""

    watching: bool
    muted: bool


class Watching(Resource):
    scope = READ
    scope_to_change = WRITE

    @operation("getWatch")
    def get(self, parsed_path: Path[OfTask]) -> WatchState:
        """Say whether one watches the task, or has muted it."""
        return _asked(self, _task(self, parsed_path))

    @operation("watchTask")
    def put(self, parsed_path: Path[OfTask]) -> WatchState:
        """Watch the task. That ends a mute of it."""
        return _watch(self, parsed_path, watching=True)

    @operation("unwatchTask")
    def delete(self, parsed_path: Path[OfTask]) -> WatchState:
        """Watch the task no more."""
        return _watch(self, parsed_path, watching=False)


class Muting(Resource):
    scope = READ
    scope_to_change = WRITE

    @operation("getMute")
    def get(self, parsed_path: Path[OfTask]) -> WatchState:
        """Say whether one watches the task, or has muted it."""
        return _asked(self, _task(self, parsed_path))

    @operation("muteTask")
    def put(self, parsed_path: Path[OfTask]) -> WatchState:
        """Be told of nothing of the task until one is mentioned or assigned. That ends watching it."""
        return _mute(self, parsed_path, muted=True)

    @operation("unmuteTask")
    def delete(self, parsed_path: Path[OfTask]) -> WatchState:
        """Be told of the task as before."""
        return _mute(self, parsed_path, muted=False)


def _watch(resource: Resource, place: OfTask, *, watching: bool) -> WatchState:
    task = _task(resource, place)
    watch(resource.request.user.pk, task.organization_id, task.pk, watching=watching)
    return _asked(resource, task)


def _mute(resource: Resource, place: OfTask, *, muted: bool) -> WatchState:
    task = _task(resource, place)
    mute(resource.request.user.pk, task.organization_id, task.pk, muted=muted)
    return _asked(resource, task)


def _task(resource: Resource, place: OfTask) -> Task:
    return task_of(reach.membership(resource.request, place.slug), place.number)


def _asked(resource: Resource, task: Task) -> WatchState:
    asked, user_id = asked_of(task.pk), resource.request.user.pk
    return WatchState(watching=user_id in asked.watchers, muted=user_id in asked.muters)


routes = [
    path("orgs/<slug:slug>/tasks/<id:number>/watch", Watching.as_view(), name="watch"),
    path("orgs/<slug:slug>/tasks/<id:number>/mute", Muting.as_view(), name="mute"),
]
