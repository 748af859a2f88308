"""What becomes of a picture that somebody chose: judged by its head before it is decoded, cut square, and made anew, so
that nothing of the file itself is kept or shown."""

import struct
from io import BytesIO

from PIL import ExifTags, Image

from base.errors import Invalid

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 36_000_000  # decoded, four bytes each
SIDE = 256  # pixels of the square
QUALITY = 82

TOO_HEAVY = "This picture is larger than 5 MB. Choose a smaller one."
TOO_MANY_PIXELS = "This picture has more than 36 megapixels. Choose a smaller one."
UNREADABLE = "This file cannot be read as a picture. Use PNG, JPEG, WebP or GIF."

# What Pillow raises of a damaged file.
_DAMAGED = (OSError, ValueError, SyntaxError, EOFError, TypeError, LookupError, ArithmeticError, struct.error)

# Of frames within a file too. What is larger raises, or warns.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


def square_of(file: bytes) -> bytes:
    """Make the square, as WebP. Raises Invalid with a sentence for what cannot be taken."""
    if len(file) > MOST_BYTES:
        raise Invalid(TOO_HEAVY)
    try:
        with Image.open(BytesIO(file), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Invalid(TOO_MANY_PIXELS)
            return _square(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Invalid(TOO_MANY_PIXELS) from error
    except _DAMAGED as error:
        raise Invalid(UNREADABLE) from error


def _square(picture: Image.Image) -> bytes:
    """Decode the first frame, no larger than is needed where its format can do that, and cut out the middle."""
    picture.draft("RGB", (2 * SIDE, 2 * SIDE))
    picture.load()
    orientation = picture.getexif().get(ExifTags.Base.Orientation, 1)
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    flat = picture if picture.mode == mode else picture.convert(mode)
    small = flat.resize((SIDE, SIDE), Image.Resampling.LANCZOS, box=_middle(flat.size), reducing_gap=3.0)
    # Of a new image nothing is kept but its pixels.
    canvas = Image.new("RGB", small.size, "white")
    canvas.paste(small, mask=small if mode == "RGBA" else None)
    if turn := _TURNS.get(orientation):
        canvas = canvas.transpose(turn)
    made = BytesIO()
    canvas.save(made, "WEBP", quality=QUALITY)
    return made.getvalue()


def _middle(size: tuple[int, int]) -> tuple[float, float, float, float]:
    width, height = size
    side = min(size)
    left, top = (width - side) / 2, (height - side) / 2
    return left, top, left + side, top + side


# What a camera says of how it was held (Exif), and what puts the picture upright.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
