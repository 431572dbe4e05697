"""The YAML files of a configuration folder as texts: what a version consists of.

Secrets are no part of it: the configuration names the files that hold them. Nor is what people recorded or listed
beside it (`prompts/`, the directory's first file).
"""

import errno
import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from engine.config import FILES, Texts

FLOW_FILE: Final = re.compile(r"flows/[a-z][a-z0-9_-]{0,63}\.yaml")
FLOWS: Final = "flows"
FILE_MAX: Final = 1024 * 1024
"""Bytes of one file."""
FILES_MAX: Final = 300
ALL_MAX: Final = 4 * 1024 * 1024
"""Bytes of all files."""

Changes = Mapping[str, str | None]
"""File to what is to stand in it; None for a file that is to go."""


class Unpublishable(Exception):
    """The configuration cannot be read or written from here; the text says why, and what would be right."""

    error_id = "configuration_unpublishable"
    retryable = False


def is_name(file: str) -> bool:
    """Tell whether a file of this name is part of the configuration.

    >>> is_name("queues.yaml"), is_name("flows/welcome.yaml"), is_name("../queues.yaml"), is_name("flows/../x.yaml")
    (True, True, False, False)
    """
    return file in FILES or FLOW_FILE.fullmatch(file) is not None


def read(folder: Path) -> dict[str, str]:
    """Return the files of a folder by their names. Raises Unpublishable."""
    flows = sorted(f"{FLOWS}/{path.name}" for path in folder.glob("flows/*.yaml"))
    if (folder / FLOWS).is_symlink():
        raise _linked(FLOWS)
    found = {file: text for file in (*FILES, *flows) if (text := _text(folder, file)) is not None}
    check_size(found)
    return found


def changed(texts: Texts, changes: Changes) -> dict[str, str]:
    """Return the texts after a change. Raises Unpublishable for what is no part of a configuration."""
    for file in changes:
        if not is_name(file):
            raise Unpublishable("only the files of the configuration and flows/NAME.yaml are changed from here")
    after = {**texts, **changes}
    found = {file: text for file, text in after.items() if text is not None}
    check_size(found)
    return found


def check_size(texts: Texts) -> None:
    """Refuse more than is read. Raises Unpublishable."""
    if len(texts) > FILES_MAX:
        raise Unpublishable(f"a configuration has at most {FILES_MAX} files")
    sizes = {file: len(text.encode()) for file, text in texts.items()}
    large = next((file for file, size in sizes.items() if size > FILE_MAX), None)
    if large is not None:
        raise Unpublishable(f"{large} is larger than {FILE_MAX // 1024} KiB")
    if sum(sizes.values()) > ALL_MAX:
        raise Unpublishable(f"all files together are larger than {ALL_MAX // 1024 // 1024} MiB")


def address_of(text: str) -> str:
    """Return the name under which a text is kept: a hash of it."""
    return hashlib.sha256(text.encode()).hexdigest()


def version_of(addresses: Mapping[str, str]) -> str:
    """Return what names a version: a hash of the names of its files and of what stands in them, and of nothing else."""
    found = hashlib.sha256()
    for file, address in sorted(addresses.items()):
        found.update(f"{file}\n{address}\n".encode())
    return found.hexdigest()[:16]


def addresses_of(texts: Texts) -> dict[str, str]:
    """Return file to address."""
    return {file: address_of(text) for file, text in texts.items()}


def _text(folder: Path, file: str) -> str | None:
    """Return what stands in a file, None without one. A link is not followed: it may lead anywhere."""
    try:
        descriptor = os.open(folder / file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _linked(file) from error
        raise Unpublishable(f"{file} cannot be read: {(error.strerror or 'unknown error').lower()}") from error
    with open(descriptor, "rb") as stream:
        data = stream.read(FILE_MAX + 1)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise Unpublishable(f"{file} is not UTF-8 text: save it as UTF-8 on the machine") from error


def _linked(file: str) -> Unpublishable:
    return Unpublishable(f"{file} is a link: the configuration is kept elsewhere, change it there")
