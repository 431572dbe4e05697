"""A town of three networks, in namespaces of the kernel: the city, a router that translates addresses, somebody's home.

    city, this process                  router                    home
    198.51.100.1 ─────────── 198.51.100.2  192.168.7.1 ─────────── 192.168.7.2
    10.99.0.1, which nobody outside has a way to

For processes that may make networks of their own: see `tests.long.test_from_afar`.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.system.house import until

APART: Final = "VAXEL_APART"
"""Set in the environment of a process that has a network of its own."""
PUBLIC: Final = "198.51.100.1"
WITHIN: Final = "10.99.0.1"
IP, NFT = "/usr/sbin/ip", "/usr/sbin/nft"
DEBUGGING_PORT: Final = 9222


class Namespace:
    """A network; it is there as long as its process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        own = os.readlink("/proc/self/ns/net")
        until(lambda: os.readlink(f"/proc/{self.pid}/ns/net") != own, what="a network")
        self.run(IP, "link", "set", "lo", "up")

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def inside(self) -> tuple[str, ...]:
        """What to put before a command, so that it runs there."""
        return "nsenter", f"--target={self.pid}", "--net"

    def run(self, *command: str) -> None:
        subprocess.run([*self.inside, *command], check=True)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()


class Town:
    """All three."""

    def __init__(self) -> None:
        self.router, self.home = Namespace(), Namespace()
        for command in (
            f"{IP} link set lo up",
            f"{IP} address add {WITHIN}/32 dev lo",
            f"{IP} link add city type veth peer name outside netns {self.router.pid}",
            f"{IP} address add {PUBLIC}/24 dev city",
            f"{IP} link set city up",
        ):
            subprocess.run(command.split(), check=True)
        for command in (
            f"{IP} address add 198.51.100.2/24 dev outside",
            f"{IP} link set outside up",
            f"{IP} link add inside type veth peer name home netns {self.home.pid}",
            f"{IP} address add 192.168.7.1/24 dev inside",
            f"{IP} link set inside up",
            f"{NFT} add table ip town",
            f"{NFT} add chain ip town out {{ type nat hook postrouting priority 100 ; }}",
            f"{NFT} add rule ip town out oifname outside masquerade",
            f"{NFT} add chain ip town through {{ type filter hook forward priority 0 ; }}",
        ):
            self.router.run(*command.split())
        self.router.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        for command in (
            f"{IP} address add 192.168.7.2/24 dev home",
            f"{IP} link set home up",
            f"{IP} route add default via 192.168.7.1",
        ):
            self.home.run(*command.split())

    def forbid_udp(self) -> None:
        """Let the router pass nothing but connections, as in many a hotel."""
        self.router.run(*f"{NFT} add rule ip town through meta l4proto udp drop".split())

    def allow_udp(self) -> None:
        self.router.run(*f"{NFT} flush chain ip town through".split())

    def lead(self, socket: Path) -> "subprocess.Popen[bytes]":
        """Lead from a Unix socket to the browser at home, which is told there what to do."""
        argv = [*self.home.inside, sys.executable, "-m", "tests.far.lead", str(socket), str(DEBUGGING_PORT)]
        process = subprocess.Popen(argv)
        until(socket.exists, what="the way to the browser")
        return process

    def end(self) -> None:
        self.home.end()
        self.router.end()
