"""Answers that are kept for whoever may send the same request again."""

from typing import ClassVar

from django.db import models


class KeptAnswer(models.Model):
    """What a request with an Idempotency-Key was answered, written with what it changed. Only `api.once` writes it.
    `key` and `request` are digests; `answer` is sealed, for it may hold what is shown once."""

    key = models.CharField(max_length=64, unique=True)
    request = models.CharField(max_length=64)
    user_id = models.BigIntegerField()
    answer = models.BinaryField()
    kept_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("user_id",), name="kept_answer_by_user"),
            models.Index(fields=("kept_at",), name="kept_answer_by_age"),
        ]

    def __str__(self) -> str:
        return f"an answer to {self.user_id}"
