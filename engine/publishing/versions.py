"""What was published, and publishing itself: all files of a change or none, whatever happens in between.

data/versions/
  texts/<hash>       each text that a kept version consists of, once
  publications.json  who published what when, the newest last
  under-way.json     a publication that is being written, or has not been seen to work yet

A publication is first kept whole in the data folder, then named in `under-way.json`; only then are files replaced, each
by a rename. Whoever starts next finishes what it names: to write a file again that has been written changes nothing.
It stays there until an engine serves by it. One that cannot begin because of it takes it back.
"""

import contextlib
import fcntl
import logging
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from msgspec import Struct, structs

from adapters.durable import sync_folder
from engine.config import Texts
from engine.publishing.texts import FLOWS, Unpublishable, address_of, addresses_of, check_size, read, version_of

log = logging.getLogger("vaxel.engine")
T = TypeVar("T")

PUBLICATIONS_MAX: Final = 100
WHY_MAX: Final = 200
"""Characters."""
OUTSIDE: Final = ""
"""Who published what was changed in the folder itself, by an editor or by what distributes configurations."""


class Publication(Struct, frozen=True, kw_only=True):
    """A version that was put in the folder. Nothing in it is personal but who did it."""

    version: str
    before: str
    """The version that it took the place of; empty for the first that is known."""
    at: float
    """UTC seconds."""
    by: str = OUTSIDE
    """The token or session."""
    why: str = ""
    taken_back: str = ""
    """Why no engine could begin with it, so that the version before was put back; empty while it stands."""
    files: dict[str, str]
    """File to the address of its text."""


class UnderWay(Struct, frozen=True):
    """A publication, and what stood in the folder before it."""

    publication: Publication
    files_before: dict[str, str]


class OtherVersion(Exception):
    """Somebody has changed the configuration meanwhile."""

    error_id = "configuration_changed"
    retryable = False


class Versions:
    """The versions of one configuration folder. Methods block on the disk, and raise Unpublishable."""

    def __init__(self, folder: Path, kept: Path) -> None:
        self.folder = folder
        self._kept = kept
        self._texts = kept / "texts"
        self._log = kept / "publications.json"
        self._under_way = kept / "under-way.json"

    # ---- looking -----------------------------------------------------------------------------------------------

    def present(self) -> dict[str, str]:
        """Return the texts in the folder."""
        return read(self.folder)

    def publications(self) -> tuple[Publication, ...]:
        """Return what was published, the newest last."""
        return _decoded(self._log, tuple[Publication, ...]) or ()

    def texts(self, files: Mapping[str, str]) -> dict[str, str]:
        """Return the texts of a version."""
        try:
            return {file: (self._texts / address).read_bytes().decode() for file, address in files.items()}
        except OSError as error:
            raise Unpublishable("a text of this version is not kept any more") from error

    def find(self, version: str) -> dict[str, str] | None:
        """Return the texts of a version that was published, None when it is not known."""
        known = next((one for one in self.publications() if one.version == version), None)
        return self.texts(known.files) if known is not None else None

    def why_not(self) -> str:
        """Return why nothing can be published from here; empty when it can."""
        try:
            files = self.present()
        except Unpublishable as error:
            return str(error)
        folders = {self.folder, *((self.folder / file).parent for file in files)}
        if all(os.access(one, os.W_OK | os.X_OK) for one in folders):
            return ""
        return "Vaxel may not write in the folder of the configuration: change it where it is kept, then reload"

    # ---- publishing --------------------------------------------------------------------------------------------

    def publish(self, base: str, texts: Texts, *, at: float, by: str, why: str) -> Publication:
        """Put texts in the folder, if it still holds version `base`. Raises OtherVersion."""
        check_size(texts)
        with self._locked():
            before = self.present()
            files_before, files = addresses_of(before), addresses_of(texts)
            if version_of(files_before) != base:
                raise OtherVersion("somebody has changed the configuration meanwhile: look at it again")
            if refused := self.why_not():
                raise Unpublishable(refused)
            new = Publication(version=version_of(files), before=base, at=at, by=by, why=why, files=files)
            self._keep(before)
            self._keep(texts)
            self._write(self._under_way, UnderWay(new, files_before))
            try:
                self._put(files_before, files)
            except OSError as error:
                self._undo(files, files_before)
                raise Unpublishable(f"the files cannot be written: {(error.strerror or '').lower()}") from error
            self._note(new)
            return new

    def _undo(self, files: Mapping[str, str], files_before: Mapping[str, str]) -> None:
        """Put back what was there; if not even that can be done, whoever starts next tries to finish."""
        with contextlib.suppress(OSError):
            self._put(files, files_before)
            self._under_way.unlink()

    def notice(self, at: float) -> None:
        """Keep what was changed in the folder itself."""
        with self._locked():
            texts = self.present()
            files, known = addresses_of(texts), self.publications()
            last = next((one.version for one in reversed(known) if not one.taken_back), "")
            if version_of(files) != last:
                self._keep(texts)
                self._note(Publication(version=version_of(files), before=last, at=at, files=files))

    # ---- over a restart ----------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Finish a publication that was broken off. Before anything is read from the folder."""
        if not self._is_under_way:
            return
        with self._locked():
            begun = self._begun()
            if begun is None:
                return
            present, new = addresses_of(self.present()), begun.publication
            written = {file: present.get(file) for file in {*present, *begun.files_before, *new.files}}
            ours = ((begun.files_before.get(file), new.files.get(file)) for file in written)
            if not all(one in pair for one, pair in zip(written.values(), ours, strict=True)):
                log.warning("a publication is not finished: the files are others", extra={"action": "config.dropped"})
                self._under_way.unlink()
                return
            try:
                self._put(begun.files_before, new.files)
            except OSError as error:
                raise Unpublishable(f"the files cannot be written: {(error.strerror or '').lower()}") from error
            self._note(new)

    def stands(self) -> None:
        """An engine serves by what was published last."""
        self._under_way.unlink(missing_ok=True)

    def take_back(self, reason: str) -> bool:
        """Put the version before in the place of one by which no engine can begin; False when there is none such."""
        if not self._is_under_way:
            return False
        with contextlib.suppress(Unpublishable), self._locked():
            begun = self._begun()
            if begun is None or addresses_of(self.present()) != begun.publication.files:
                return False
            try:
                self._put(begun.publication.files, begun.files_before)
            except OSError:
                return False
            known = [one for one in self.publications() if one != begun.publication]
            self._write(self._log, (*known, structs.replace(begun.publication, taken_back=reason[:WHY_MAX])))
            self._under_way.unlink()
            log.error("a publication is taken back: %s", reason, extra={"action": "config.taken_back"})
            return True
        return False

    @property
    def _is_under_way(self) -> bool:
        """Whether there is something to finish; not in a data folder that cannot be looked into."""
        try:
            return self._under_way.exists()
        except OSError:
            return False

    def _begun(self) -> UnderWay | None:
        return _decoded(self._under_way, UnderWay)

    # ---- writing -----------------------------------------------------------------------------------------------

    def _put(self, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        """Write what differs into the folder, and take away what is no more. Raises OSError."""
        (self.folder / FLOWS).mkdir(exist_ok=True)
        for file, address in after.items():
            if before.get(file) != address:
                self._replace(self.folder / file, (self._texts / address).read_bytes())
        for file in before:
            if file not in after:
                (self.folder / file).unlink(missing_ok=True)
        sync_folder(self.folder)
        sync_folder(self.folder / FLOWS)

    def _replace(self, path: Path, data: bytes) -> None:
        """Write a file, whole or not at all, for those who might read the one before."""
        part = path.with_name(f".{path.name}.part")
        part.unlink(missing_ok=True)
        like = path if path.exists() else self.folder / "vaxel.yaml"
        known = like.stat()
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as stream:
            stream.write(data)
            with contextlib.suppress(PermissionError):  # the group of somebody else: ours has to do
                os.fchown(stream.fileno(), -1, known.st_gid)
            os.fchmod(stream.fileno(), stat.S_IMODE(known.st_mode))
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, path)

    def _keep(self, texts: Texts) -> None:
        self._texts.mkdir(mode=0o700, exist_ok=True)
        for text in texts.values():
            path = self._texts / address_of(text)
            if not path.exists():
                self._save(path, text.encode())
        sync_folder(self._texts)

    def _note(self, publication: Publication) -> None:
        """Add to what was published, unless it is known, and forget the oldest and its texts."""
        known = self.publications()
        if publication in known:
            return
        left = (*known, publication)[-PUBLICATIONS_MAX:]
        self._write(self._log, left)
        begun = self._begun()
        used = {address for one in left for address in one.files.values()}
        used |= set(begun.files_before.values()) if begun is not None else set()
        for path in self._texts.iterdir():
            if path.name not in used:
                path.unlink()

    def _write(self, path: Path, value: object) -> None:
        self._save(path, msgspec.json.encode(value))
        sync_folder(self._kept)

    def _save(self, path: Path, data: bytes) -> None:
        part = path.with_name(f".{path.name}.part")
        try:
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(part, path)
        except OSError as error:
            raise Unpublishable(f"nothing can be kept in the data folder: {(error.strerror or '').lower()}") from error

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Let nobody else publish meanwhile, in whatever process."""
        try:
            self._kept.mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(self._kept, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise Unpublishable(f"nothing can be kept in the data folder: {(error.strerror or '').lower()}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _decoded(path: Path, kind: type[T]) -> T | None:
    """Return what a file of ours holds, None without one."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise Unpublishable(f"{path.name} in data/versions cannot be read: mend it, or move it away") from error
