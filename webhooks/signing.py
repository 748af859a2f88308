"""Signatures as Standard Webhooks has them: `v1` is an HMAC with a secret that both know, `v1a` an ed25519
signature that everybody can check with a public key. Both are over `id.timestamp.body`. Pure."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

LENGTH = 32  # bytes of each


class SigningKey(NamedTuple):
    shared: bytes
    private: bytes

    @classmethod
    def of(cls, both: bytes) -> Self:
        """Take apart what is kept: the one after the other."""
        return cls(both[:LENGTH], both[LENGTH:])

    @property
    def secret(self) -> str:
        """Write it as a receiver is told it."""
        return f"whsec_{_text(self.shared)}"

    @property
    def public(self) -> str:
        return f"whpk_{_text(self._signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))}"

    def signatures(self, content: bytes) -> list[str]:
        shared = hmac.digest(self.shared, content, hashlib.sha256)
        return [f"v1,{_text(shared)}", f"v1a,{_text(self._signer.sign(content))}"]

    @property
    def _signer(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.private)


def signed(keys: Iterable[SigningKey], message_id: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """Give the headers of one try, signed with each of the keys. `timestamp`: of this try, in seconds."""
    content = b".".join((message_id.encode(), str(timestamp).encode(), body))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(each for key in keys for each in key.signatures(content)),
    }


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
