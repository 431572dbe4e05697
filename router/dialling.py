"""The dial gate: nothing is dialled without a permit, and only this module makes permits."""

import hashlib
import hmac
from typing import Final

from msgspec import Struct

KEY_BYTES: Final = 32


class Permit(Struct, frozen=True, array_like=True):
    """Leave to dial `target` for `leg` under `epoch`; `mac` proves that the gate made it."""

    leg: str
    target: str
    epoch: int
    mac: bytes


class Gate:
    """Makes permits with a key that the supervisor shares with the workers and nobody else."""

    def __init__(self, key: bytes) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError(f"the dial key has {len(key)} bytes, at least {KEY_BYTES} are needed")
        self._key = key

    def agent_phone(self, leg: str, target: str, epoch: int) -> Permit:
        """Permit ringing an agent's phone, whose SIP address comes from the configuration in force."""
        return Permit(leg, target, epoch, self._mac(leg, target, epoch))

    def genuine(self, permit: Permit) -> bool:
        """Tell whether this gate's key made the permit, unaltered."""
        return hmac.compare_digest(permit.mac, self._mac(permit.leg, permit.target, permit.epoch))

    def _mac(self, leg: str, target: str, epoch: int) -> bytes:
        text = "\0".join((leg, target, str(epoch)))
        return hmac.digest(self._key, text.encode(), hashlib.sha256)
