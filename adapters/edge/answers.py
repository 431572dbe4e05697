"""What Kamailio's commands answer: only what is used of it, checked."""

from msgspec import Struct, field


class Destination(Struct, rename="upper"):
    """A worker in `dispatcher.list`."""

    uri: str
    flags: str
    """A active, I inactive, D disabled, T trying; then P probed or X not."""


class Target(Struct, rename="upper"):
    dest: Destination


class Set(Struct, rename="upper"):
    targets: list[Target]


class Record(Struct, rename="upper"):
    set: Set


class Destinations(Struct, rename="upper"):
    """`dispatcher.list`."""

    records: list[Record]

    def all(self) -> list[Destination]:
        """Return every destination."""
        return [target.dest for record in self.records for target in record.set.targets]


class Aor(Struct):
    name: str = field(name="AoR")


class Domain(Struct):
    aors: list[Aor] = field(name="AoRs")


class InDomain(Struct):
    domain: Domain = field(name="Domain")


class Registered(Struct):
    """`ul.dump brief`."""

    domains: list[InDomain] = field(name="Domains")

    def names(self) -> frozenset[str]:
        """Return the phones that have a contact."""
        return frozenset(aor.name for domain in self.domains for aor in domain.domain.aors)


class Item(Struct):
    name: str


class Slot(Struct):
    """Part of `htable.dump`."""

    slot: list[Item]


class Caller(Struct):
    cseq: str
    contact: str


class Dialog(Struct, rename={"call_id": "call-id"}):
    """One of `dlg.profile_list`."""

    h_entry: int
    h_id: int
    state: int
    call_id: str
    caller: Caller

    @property
    def id(self) -> tuple[int, int]:
        """What tells it from others."""
        return self.h_entry, self.h_id

    @property
    def early(self) -> bool:
        """Whether it has not been answered yet."""
        return self.state in (1, 2)

    @property
    def over(self) -> bool:
        """Whether it has come to its end, and is only remembered for late messages."""
        return self.state == 5

    @property
    def dialled(self) -> bool:
        """Whether a worker began it."""
        return ";worker=" in self.caller.contact
