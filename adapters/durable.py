"""Files that are there after a power cut."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Have the names in a folder written to disk, as `fsync` has the bytes of a file."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
