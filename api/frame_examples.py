"""One frame of each kind, for the documents that describe them. The tests hold them against the types. Pure."""

from typing import Any

_COUNTS = {"unread": 8, "read": 1000, "done": 240, "snoozed": 1, "saved": 3}
_WELCOME = {
    "type": "welcome",
    "user_id": 2,
    "unread": 8,
    "counts": _COUNTS,
    "at": {"1": 315},
    "revision": 1764154833123456,
    "cursor": "1.315.a5080085",
    "replay": {"mode": "resume", "count": 1, "missed": 1},
}
_EVENT = {
    "org_id": 1,
    "actor_id": 1,
    "created_at": "2026-11-22T20:19:43.096926+00:00",
    "cursor": "1.317.7b11539d,2.9.0c9d2e11",
    "actor": "Alice",
    "replayed": False,
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "OrgWelcome": _WELCOME | {"org": {"id": 1, "slug": "acme"}},
    "UserWelcome": _WELCOME | {"orgs": [{"id": 1, "slug": "acme", "name": "Acme", "unread": 8}]},
    "TaskEventFrame": _EVENT
    | {
        "type": "task_event",
        "task_id": "0341b8ff-8da8-570a-a5a1-672c6ad3be90",
        "action": "assignee_changed",
        "details": {"from": 3, "to": 2},
        "position": 317,
        "version": 14,
        "event_id": 455,
        "key": "ACME-12",
        "number": 12,
        "subject": "Login fails when the session cookie is older than the password",
        "sentence": "Alice assigned ACME-12 to Bob",
        "names": {"2": "Bob", "3": "Carol"},
        "page": "tasks/12/",
        "notification": {"id": 455, "reason": "assigned", "unread": True, "state": "unread"},
    },
    "EventFrame": _EVENT
    | {
        "type": "event",
        "about": "organization",
        "stream_id": "0a3c7a0e-6d0c-5a0b-9f1d-3a86f1ce2b61",
        "action": "role_changed",
        "details": {"user_id": 2, "from": "member", "to": "admin"},
        "position": 317,
        "version": 5,
        "event_id": 455,
        "key": "Acme",
        "number": 0,
        "subject": "Acme",
        "sentence": "Alice made Bob an admin of Acme",
        "names": {"2": "Bob"},
        "page": "members/",
        "notification": None,
    },
    "UnreadFrame": {
        "type": "unread",
        "unread": {"total": 9, "orgs": {"1": 9}},
        "at": {"1": 317},
        "revision": 1764154833123456,
        "counts": _COUNTS | {"unread": 9},
        "change": {"act": "read", "mark": 1764154833123456, "state": "read", "event_ids": [455]},
        "read": {"event_ids": [455]},
    },
    "MembershipFrame": {"type": "membership", "org_id": 1, "change": "changed"},
    "OrganizationFrame": {"type": "organization", "org": {"id": 1, "slug": "apex"}},
    "Pong": {"type": "pong"},
    "Ping": {"type": "ping"},
    "ErrorFrame": {
        "type": "error",
        "error": {"code": "bad_message", "message": 'Send JSON text, such as {"type": "ping"}.'},
    },
    "CloseFrame": {
        "type": "close",
        "code": 1012,
        "message": "This server is going down. Come back with the last id: another one answers.",
    },
}
