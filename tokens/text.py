"""What a token looks like: `crl_<public id>_<secret><checksum>`. Its form is told by a look, by us and by what searches
texts for secrets; only the SHA-256 of the whole is ever kept."""

import hashlib
import re
import secrets
import string
import zlib
from typing import NamedTuple

from django.views.decorators.debug import sensitive_variables

PREFIX = "crl"
ID_LENGTH, SECRET_LENGTH, CHECKSUM_LENGTH = 10, 43, 6  # characters; the secret has 256 bits
LONGEST_HEADER = 200  # characters of what may be a token

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_FORM = re.compile(f"{PREFIX}_([a-z0-9]{{{ID_LENGTH}}})_[A-Za-z0-9]{{{SECRET_LENGTH + CHECKSUM_LENGTH}}}")


class TokenKey(NamedTuple):
    """What a token's text is known by here. It does not lead back to the text."""

    public_id: str
    digest: str


@sensitive_variables()
def new_text() -> str:
    """Make one that nobody can guess."""
    public_id = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(ID_LENGTH))
    secret = "".join(secrets.choice(_DIGITS) for _ in range(SECRET_LENGTH))
    begun = f"{PREFIX}_{public_id}_{secret}"
    return begun + _checksum(begun)


@sensitive_variables()
def key_of(text: str) -> TokenKey | None:
    """Give what the text is known by; None where no token can look like this, which needs no look into the database."""
    found = _FORM.fullmatch(text) if len(text) <= LONGEST_HEADER else None
    if not found or _checksum(text[:-CHECKSUM_LENGTH]) != text[-CHECKSUM_LENGTH:]:
        return None
    return TokenKey(found[1], hashlib.sha256(text.encode()).hexdigest())


def looks_like_one(text: str) -> bool:
    return text.startswith(f"{PREFIX}_")


def _checksum(begun: str) -> str:
    number, digits = zlib.crc32(begun.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits
