"""Photos that citizens send: what is no picture is refused, and what is kept is the picture alone, without what the
telephone noted in it (place, time, owner). It takes long: call it in the process pool.
"""

import io
import warnings
from typing import Final

from msgspec import Struct
from PIL import ExifTags, Image, ImageOps

MAGIC: Final = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"RIFF": "WEBP"}
"""How a file begins, to the only reader that is let near it."""
MEDIA: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
PIXELS_MAX: Final = 60_000_000
SIDE_MAX: Final = 3000
"""Pixels; a larger picture is made smaller, which is still enough to read a sign on it."""
QUALITY: Final = 85


class NotAPicture(Exception):
    """The file cannot be read as one of the kinds that are taken."""


class Photo(Struct, frozen=True):
    """A photo as it is kept."""

    name: str
    """A word of ours: a stranger's file name is kept nowhere."""
    media: str
    data: bytes
    place: str = ""
    """Where it was taken, by its own word: latitude and longitude in degrees (WGS 84)."""


def clean(data: bytes, number: int) -> Photo:
    """Return photo `number` of a form as it is to be kept. Raises NotAPicture."""
    form = next((form for magic, form in MAGIC.items() if data.startswith(magic)), None)
    if form is None:
        raise NotAPicture
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # among them the one for pictures that unpack to gigabytes
            with Image.open(io.BytesIO(data), formats=(form,)) as opened:
                if opened.width * opened.height > PIXELS_MAX:
                    raise NotAPicture
                place = _place(opened)
                turned = ImageOps.exif_transpose(opened)
                turned.thumbnail((SIDE_MAX, SIDE_MAX))
                kept = turned.convert("RGBA" if form != "JPEG" and "A" in turned.getbands() else "RGB")
    except NotAPicture:
        raise
    except Exception as error:  # a stranger's file: whatever it breaks in the reader, it is no picture to us
        raise NotAPicture from error
    written = io.BytesIO()
    bare = Image.new(kept.mode, kept.size)  # nothing but pixels goes over: neither EXIF, XMP, ICC nor comments
    bare.paste(kept)
    bare.save(written, form, quality=QUALITY)
    return Photo(f"photo-{number}.{form.lower()}", MEDIA[form], written.getvalue(), place)


def _place(picture: Image.Image) -> str:
    """Return the place in a picture's EXIF (version 2.32, section 4.6.6); empty when there is none."""
    gps = picture.getexif().get_ifd(ExifTags.IFD.GPSInfo)
    try:
        latitude = _degrees(gps[ExifTags.GPS.GPSLatitude], gps[ExifTags.GPS.GPSLatitudeRef] == "S")
        longitude = _degrees(gps[ExifTags.GPS.GPSLongitude], gps[ExifTags.GPS.GPSLongitudeRef] == "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return ""
    within = abs(latitude) <= 90 and abs(longitude) <= 180
    return f"{latitude:.5f}, {longitude:.5f}" if within else ""


def _degrees(parts: tuple[float, float, float], negative: bool) -> float:
    degrees, minutes, seconds = map(float, parts)
    whole = degrees + minutes / 60 + seconds / 3600
    return -whole if negative else whole
