"""Close codes of the socket protocol (docs/protocol.md)."""

SIGNED_OUT = 4401
NOT_A_MEMBER = 4403
NO_SUCH_ORGANIZATION = 4404
TOO_OLD = 4408
TOO_MANY = 4429
FAILED = 4500
TOO_SLOW = 4508
GONE = 1006  # of RFC 6455's own, never on the wire: without a close frame
GOING_AWAY = 1012  # of RFC 6455's own: the server stops, or a worker is replaced
