"""Certificates for tests, made by openssl as a city's own authority would."""

import ssl
import subprocess
from pathlib import Path


class Authority:
    """Signs certificates; its own is `file`."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._folder = folder
        self.file = folder / f"{name}.pem"
        self._key = folder / f"{name}.key"
        _openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"),
            *("-subj", f"/CN={name}", "-keyout", str(self._key), "-out", str(self.file)),
        )

    def issue(self, name: str, file: str = "", days: int = 2) -> tuple[Path, Path]:
        """Return certificate and key for a host."""
        certificate, key = self._folder / f"{file or name}.pem", self._folder / f"{file or name}.key"
        request, more = self._folder / f"{name}.csr", self._folder / f"{name}.ext"
        more.write_text(f"subjectAltName=DNS:{name},IP:127.0.0.1\n")
        _openssl(
            *("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}"),
            *("-keyout", str(key), "-out", str(request)),
        )
        _openssl(
            *("x509", "-req", "-in", str(request), "-CA", str(self.file), "-CAkey", str(self._key), "-CAcreateserial"),
            *("-days", str(days), "-extfile", str(more), "-out", str(certificate)),
        )
        return certificate, key

    def trusted(self) -> ssl.SSLContext:
        """Return what a client needs who trusts this authority; it does not care for names."""
        context = ssl.create_default_context(cafile=str(self.file))
        context.check_hostname = False
        return context

    def serving(self, name: str) -> ssl.SSLContext:
        """Return what a server needs that is called so."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*self.issue(name))
        return context


def serial(phone: object) -> str:
    """Return the serial number of the certificate that the other side of a phone's connection showed."""
    shown = phone._transport.get_extra_info("peercert")  # type: ignore[attr-defined]
    return str(shown["serialNumber"])


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
