"""What people say of themselves: names, language, and a picture. Written under their row's lock, so that nothing is put
back into an account that is closed or erased meanwhile."""

from collections.abc import Mapping
from hashlib import sha256

from django.db import IntegrityError
from django.db.models import Exists, OuterRef, Q

from accounts.pictures import square_of
from base.connections import give_back
from base.errors import Conflict, Invalid, NotFound
from base.transactions import write_transaction
from base.turns import Turns
from orgs.models import NAME_TAKEN, PICTURE_DIGEST, Membership, Picture, User

MOST_FORMER_NAMES = 20
_turns = Turns()


def save_profile(user_id: int, fields: Mapping[str, str]) -> None:
    """Save these fields of the user. Raises Invalid where the user name is taken, or was changed too often."""
    try:
        with write_transaction(f"user-{user_id}"):
            user = _open(user_id)
            if fields["username"] != user.username and user.former_names.count() >= MOST_FORMER_NAMES:
                raise Invalid(
                    f"You have changed your user name {MOST_FORMER_NAMES} times. Ask an administrator for another."
                )
            for name, value in fields.items():
                setattr(user, name, value)
            user.save(update_fields=[*fields, "name_key"])
    except IntegrityError as error:
        raise Invalid(NAME_TAKEN) from error


def save_picture(user_id: int, file: bytes) -> None:
    """Make it the person's picture, in the place of another. Decoded one at a time in a process, and with no database
    connection. Raises Invalid with what is wrong with the file, and Busy."""
    give_back()
    # Nobody's own uploads wait in a row before others'.
    with _turns.turn(f"user-{user_id}", patience=0), _turns.turn("decode"):
        body = square_of(file)
    digest = sha256(body).hexdigest()[:PICTURE_DIGEST]
    with write_transaction(f"user-{user_id}"):
        _open(user_id)
        Picture.objects.update_or_create(user_id=user_id, defaults={"body": body})
        User.objects.filter(pk=user_id).update(picture=digest)


def remove_picture(user_id: int) -> None:
    with write_transaction(f"user-{user_id}"):
        Picture.objects.filter(user_id=user_id).delete()
        User.objects.filter(pk=user_id).update(picture="")


def picture_shown_to(reader_id: int, user_id: int, digest: str) -> bytes:
    """Find a picture of the reader's own, or of somebody with whom they share an organization. Raises NotFound."""
    of_reader = Membership.objects.filter(user_id=reader_id).values("organization")
    shared = Membership.objects.filter(user_id=OuterRef("user_id"), organization__in=of_reader)
    found = Picture.objects.filter(
        Q(user_id=reader_id) | Exists(shared), user_id=user_id, user__picture=digest
    )
    for body in found.values_list("body", flat=True):
        return bytes(body)
    raise NotFound


def _open(user_id: int) -> User:
    """Lock the account. Raises Conflict where it is closed."""
    user: User | None = User.objects.select_for_update(no_key=True).filter(pk=user_id, is_active=True).first()
    if user is None:
        raise Conflict("This account is closed. Nothing was saved.")
    return user
