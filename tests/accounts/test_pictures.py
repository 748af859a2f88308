"""What becomes of a picture: what is taken, what is refused before it is decoded, and what of the file is left."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageFile
from PIL.PngImagePlugin import PngInfo

from accounts.pictures import MOST_BYTES, SIDE, TOO_HEAVY, TOO_MANY_PIXELS, UNREADABLE, square_of
from base.errors import Invalid

RED, BLUE = (220, 20, 20), (20, 20, 220)
SECRET = "Taken at home"


def file_of(picture, kind="PNG", **options):
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def halves(size=(600, 400), mode="RGB"):
    """Red above blue."""
    picture = Image.new("RGB", size, BLUE)
    picture.paste(RED, (0, 0, size[0], size[1] // 2))
    return picture.convert(mode)


def made(file):
    picture = Image.open(BytesIO(square_of(file)))
    assert (picture.format, picture.size, picture.mode) == ("WEBP", (SIDE, SIDE), "RGB")
    return picture


def near(picture, place, colour):
    return all(abs(one - other) < 40 for one, other in zip(picture.getpixel(place), colour, strict=True))


TOP, BOTTOM, LEFT, RIGHT = (128, 20), (128, 235), (20, 128), (235, 128)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_each_kind_is_cut_square_and_made_anew(kind):
    picture = made(file_of(halves(), kind))
    assert near(picture, TOP, RED)
    assert near(picture, BOTTOM, BLUE)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_each_mode_of_a_png_is_read(mode):
    made(file_of(halves(mode=mode) if mode != "I;16" else Image.new(mode, (30, 30), 40_000)))


def test_a_print_of_a_jpeg_is_read():
    assert near(made(file_of(halves(mode="CMYK"), "JPEG")), TOP, RED)


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (257, 255)])
def test_any_shape_becomes_a_square(size):
    made(file_of(Image.new("RGB", size, RED)))


def test_what_is_seen_through_is_white():
    assert near(made(file_of(Image.new("RGBA", (50, 50), (0, 0, 0, 0)))), TOP, (255, 255, 255))


def test_of_what_moves_the_first_frame_is_kept():
    frames = [Image.new("RGB", (64, 64), colour) for colour in (RED, BLUE)]
    for kind in ("GIF", "WEBP"):
        assert near(made(file_of(frames[0], kind, save_all=True, append_images=frames[1:])), TOP, RED)


@pytest.mark.parametrize(
    ("orientation", "red"), [(1, TOP), (3, BOTTOM), (4, BOTTOM), (6, RIGHT), (8, LEFT), (77, TOP)]
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_it_stands_upright_as_the_camera_was_held(kind, orientation, red):
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert near(made(file_of(halves(), kind, exif=exif)), red, RED)


def test_nothing_is_left_of_what_the_file_said():
    exif = Image.Exif()
    exif[0x010E] = SECRET
    exif.get_ifd(0x8825)[1] = "N"  # where it was taken
    notes = PngInfo()
    notes.add_text("Comment", SECRET)
    for file in (
        file_of(halves(), "JPEG", exif=exif, comment=SECRET.encode(), icc_profile=b"a profile"),
        file_of(halves(), "PNG", exif=exif, pnginfo=notes),
        file_of(halves(), "WEBP", exif=exif, xmp=SECRET.encode()),
        file_of(halves(), "JPEG") + SECRET.encode(),
    ):
        assert SECRET.encode() in file
        square = square_of(file)
        assert SECRET.encode() not in square
        assert not {"exif", "icc_profile", "xmp"} & Image.open(BytesIO(square)).info.keys()


def png_head(width, height):
    """A picture that says that it is so large, and has nothing in it."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(head) - 4) + head + struct.pack(">I", zlib.crc32(head))
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\0IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))


@pytest.mark.parametrize("size", [(8000, 5000), (40_000_000, 1), (100_000, 100_000)])
def test_too_many_pixels_are_refused_by_the_head_alone(monkeypatch, size):
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _: pytest.fail("it is decoded"))
    with pytest.raises(Invalid, match="megapixels") as refused:
        square_of(png_head(*size))
    assert refused.value.message == TOO_MANY_PIXELS


def test_a_frame_that_is_larger_than_its_file_says_is_refused():
    gif = bytearray(file_of(Image.new("P", (8, 8)), "GIF"))
    at = gif.index(b",\0\0\0\0\x08\0\x08\0")
    gif[at + 5 : at + 9] = struct.pack("<HH", 60_000, 60_000)
    with pytest.raises(Invalid):
        square_of(bytes(gif))


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"GIF89a",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
        png_head(5, 5),
        png_head(0, 5),
        file_of(halves(), "BMP"),
        file_of(halves(), "TIFF"),
        file_of(halves(), "ICO"),
        file_of(halves(), "PPM"),
        file_of(halves(), "PNG")[:-60],
        file_of(halves(), "JPEG")[:400],
        file_of(halves(), "WEBP")[:-20],
    ],
)
def test_anything_else_is_refused_with_a_sentence(file):
    with pytest.raises(Invalid) as refused:
        square_of(file)
    assert refused.value.message == UNREADABLE


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_damaged_file_is_read_or_refused_and_nothing_else(kind):
    """Each byte of the head, and some of the rest, set to what it should not be."""
    whole = file_of(halves((40, 30)), kind)
    outcomes = set()
    for at in [*range(min(len(whole), 120)), *range(120, len(whole), 37)]:
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        try:
            outcomes.add(len(square_of(bytes(damaged))) > 0)
        except Invalid as error:
            outcomes.add(error.message)
    assert outcomes <= {True, UNREADABLE, TOO_MANY_PIXELS}
    assert UNREADABLE in outcomes


def test_a_heavy_file_is_refused_unread():
    with pytest.raises(Invalid) as refused:
        square_of(bytes(MOST_BYTES + 1))
    assert refused.value.message == TOO_HEAVY


def test_the_largest_is_small_when_it_is_made():
    noise = Image.effect_noise((SIDE, SIDE), 200).convert("RGB")
    assert len(square_of(file_of(noise))) < 80_000
