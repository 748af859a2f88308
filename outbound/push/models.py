"""The browsers that news are pushed to. `services` and `sending` write it."""

from django.conf import settings
from django.db import models


class PushSubscription(models.Model):
    """One browser of one person, by what its push service gave it. It is sent to while the session that it was made in
    is in force: on a shared computer it ends with the sign-out."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    endpoint = models.CharField(max_length=1000, unique=True)
    p256dh = models.CharField(max_length=90)  # the browser's public key, base64url
    auth = models.CharField(max_length=24)  # its secret, base64url
    # Our own public key that it was made for: its push service takes nothing that another has signed.
    made_for = models.CharField(max_length=90)
    # No foreign key: who ends a session asks nothing about subscriptions. Whether it is in force is asked at each push.
    session_key = models.CharField(max_length=40)
    browser = models.CharField(max_length=60)  # in words: Firefox on Linux
    created_at = models.DateTimeField()
    # The delivery that it got last, so that one that is tried again for another browser does not come twice.
    got = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.browser} of {self.user_id}"
