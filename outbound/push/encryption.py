"""What is sent, encrypted for one browser (RFC 8291) and signed with the installation's own key (RFC 8292)."""

import base64
import binascii
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

LARGEST = 4096  # bytes of a body that every push service takes
ROOM = (
    LARGEST - 86 - 17
)  # for content, beside the header (salt, sizes, key) and the tag with its sign of the end
KEY, POINT, SECRET = 32, 65, 16  # bytes of a private key, a public one, a browser's secret
SIGNED_FOR = 12 * 3600  # seconds; a day is the most


def to_text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_text(text: str, size: int) -> bytes:
    """Read base64url of so many bytes. Raises ValueError."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError("This is no base64url.") from None
    if len(raw) != size:
        raise ValueError(f"This is {len(raw)} bytes and not {size}.")
    return raw


def new_key() -> str:
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return to_text(number.to_bytes(KEY, "big"))


def signer(key: str) -> Vapid02:
    """Read a key as `new_key` writes it. Raises ValueError."""
    number = int.from_bytes(from_text(key, KEY), "big")
    return Vapid02(ec.derive_private_key(number, ec.SECP256R1()))


def public_key(signer: Vapid02) -> str:
    """Write it as a browser's `applicationServerKey`."""
    return to_text(signer.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def check_keys(p256dh: str, auth: str) -> None:
    """Check what a browser gave: a point of the curve and a secret. Raises ValueError."""
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_text(p256dh, POINT))
    from_text(auth, SECRET)


def encrypted(content: bytes, p256dh: str, auth: str) -> bytes:
    """Encrypt at most ROOM bytes for the browser that has these keys."""
    if len(content) > ROOM:
        raise ValueError(f"{len(content)} bytes are more than push services take.")
    body: bytes = http_ece.encrypt(
        content,
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=from_text(p256dh, POINT),
        auth_secret=from_text(auth, SECRET),
        version="aes128gcm",
    )
    return body


def authorization(signer: Vapid02, endpoint: str, contact: str, now: float) -> str:
    """Sign for the endpoint's origin. `contact`: a mailto: or https: address of who runs the installation."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int(now) + SIGNED_FOR, "sub": contact}
    header: str = signer.sign(claims)["Authorization"]
    return header
