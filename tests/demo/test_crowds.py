"""Channels that cannot be demonstrated here are left out, in a line; people come only for what is done at a place."""

import socket
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from engine import mailservers
from engine.config import Loaded
from engine.datafolder import DataFolder
from engine.demo import summary
from engine.demo.channels import TITLES
from engine.demo.checking import City
from engine.demo.citizens import Citizens, People, Tally
from engine.demo.crowds import Crowds, channels_of
from engine.demo.letters import Correspondence
from engine.demo.tempo import Tempo
from engine.demo.town import Town


def crowds(loaded: Loaded, folder: Path) -> Crowds:
    """Return everybody who comes to a city in which nothing is ever begun."""

    def forget(_: str, work: Coroutine[Any, Any, None]) -> None:
        work.close()

    city = City(loaded, DataFolder(folder), dict(loaded.core.agents), {})
    town = Town(loaded, list(loaded.core.agents))
    people = People(None, town, None, Tempo(), 1, forget, {})  # type: ignore[arg-type]
    channels = channels_of(city, visits=bool(town.seats))
    return Crowds(city, people, Citizens(people, Tally()), Tally(), channels)


def with_gateway(loaded: Loaded, folder: Path, url: str) -> Loaded:
    """Return the city whose gateway is at `url`."""
    hook = structs.replace(loaded.installation.hooks["sms"], url=url, secret_file=str(folder / "hooks" / "sms"))
    return structs.replace(loaded, installation=structs.replace(loaded.installation, hooks={"sms": hook}))


def test_the_example_has_every_channel(loaded: Loaded, tmp_path: Path) -> None:
    assert list(crowds(loaded, tmp_path)._channels.known) == list(TITLES)


async def test_a_gateway_whose_port_is_taken_is_left_out(loaded: Loaded, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/send"
        crowd = crowds(with_gateway(loaded, tmp_path, url), tmp_path)
        await crowd._let_text()
    assert "cannot listen on 127.0.0.1" in crowd._channels.left_out["post"]
    assert "post" not in crowd._channels.known
    await crowd.close()


async def test_a_gateway_elsewhere_is_left_alone(loaded: Loaded, tmp_path: Path) -> None:
    crowd = crowds(with_gateway(loaded, tmp_path, "https://sms.example/vaxel"), tmp_path)
    await crowd._let_text()
    assert list(summary.left_out(crowd._channels)) == ["Left out: SMS; its gateway is sms.example, not this machine."]
    assert not (tmp_path / "hooks").exists()


async def test_the_secret_is_made_once_and_for_this_user_alone(loaded: Loaded, tmp_path: Path) -> None:
    secret = tmp_path / "hooks" / "sms"
    made = []
    for _ in range(2):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        crowd = crowds(with_gateway(loaded, tmp_path, f"http://127.0.0.1:{port}/send"), tmp_path)
        await crowd._let_text()
        await crowd.close()
        made.append(secret.read_text())
    assert made[0] == made[1]
    assert len(made[0]) == 64
    assert secret.stat().st_mode & 0o777 == 0o600


async def test_without_mail_servers_nobody_writes(
    loaded: Loaded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailservers, "PROGRAMS", {"no-such-program": "dovecot-imapd"})
    crowd = crowds(loaded, tmp_path)
    post = mailservers.MailServers(tmp_path, mailservers.Ports(imap=0, smtp=0, imap_starttls=0, smtp_plain=0), {})
    await crowd._write(post, Correspondence(crowd._people, Tally(), post, ()))
    told = list(summary.left_out(crowd._channels))
    assert told == ["Left out: mail; mail needs Debian's packages dovecot-imapd: apt-get install them."]


# ---- desks -----------------------------------------------------------------------------------------------------


def test_one_agent_in_five_sits_where_people_come(town: Town) -> None:
    assert len(town.seats) == len(town.agents) // 5
    assert {seat.partition("/")[0] for seat in town.seats.values()} == {"stadshuset"}
    assert {town.phone(agent) for agent in town.seats} == {"desk1", "desk2"}
    assert set(town.services) == {"vagledning", "bygglov"}


def test_nobody_comes_for_what_nobody_there_can_do(loaded: Loaded) -> None:
    few = Town(loaded, list(loaded.core.agents)[:6])
    assert list(few.seats) == ["guide04"], "guide05 and guide06 speak what is kept for those who need it"
    assert few.services == ["vagledning"]
    assert Town(loaded, ["guide12"]).seats == {}
