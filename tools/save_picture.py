"""Pictures of the documentation as small files."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image

LIMIT = 200_000
"""Bytes that a picture may have."""


def save_picture(
    path: Path, picture: bytes, *, colors: int = 256, width: int = 0, limit: int = LIMIT
) -> None:
    """Write a picture with few colors, narrowed to a width; fail if the file is too large."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    if width and image.width > width:
        height = round(image.height * width / image.width)
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    small = image.quantize(colors, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    path.parent.mkdir(parents=True, exist_ok=True)
    small.save(path, optimize=True)
    size = path.stat().st_size
    print(f"{path.name}: {image.width} x {image.height}, {size:,} bytes")
    if size > limit:
        sys.exit(f"{path} is larger than {limit:,} bytes")
