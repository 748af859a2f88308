"""A process that writes to one organization, one comment after the other: `python -m bench.growth.writer TASK ACTOR
COMMENTS` on DATABASE_URL. It says `ready` and begins at a line of its input; its answer is how many seconds it took."""

import os
import subprocess
import sys
import time
import uuid
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from bench.world import Place


def rate(place: "Place", url: str, writers: int, comments: int) -> float:
    """Comments a second of so many processes at a time."""
    command = [
        sys.executable,
        "-m",
        "bench.growth.writer",
        str(place.task_id),
        str(place.actor.pk),
        str(comments),
    ]
    environment = os.environ | {"DATABASE_URL": url}
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(writers)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    return writers * comments / max(float(process.communicate()[0]) for process in processes)


def main(task: str, actor: str, comments: str) -> None:
    from orgs.models import User
    from tasks.commands import CommentOnTask
    from tasks.services import execute

    user = User.objects.get(pk=int(actor))

    def write(count: int) -> None:
        for _ in range(count):
            execute(CommentOnTask(task_id=uuid.UUID(task), text="A word."), actor=user)

    write(2)
    print("ready", flush=True)
    sys.stdin.readline()
    begin = time.monotonic()
    write(int(comments))
    print(time.monotonic() - begin)


if __name__ == "__main__":
    django.setup()
    main(*sys.argv[1:])
