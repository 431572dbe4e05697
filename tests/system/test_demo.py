"""`vaxel demo` on the example city, with real processes: citizens are served or give up, departments are reached, an
engine that dies is waited for, and afterwards everything is as it was found."""

import json
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import yaml

from tests.sip.conftest import free_port
from tests.system.house import ROOT, House, merge, until

MALMO = ROOT / "examples" / "malmo"
SPOKEN_WITHIN_S = 150.0
"""All prompts are spoken at the first start."""
SEEN_WITHIN_S = 90.0
REGISTERED_FOR_S = 5.0
VAXEL = (str(Path(sys.executable).parent / "vaxel"),)
EVERY = ("call", "text", "callback", "mail", "chat", "post", "visit")
OPTIONS = ("--pace", "60", "--agents", "6", "--hour", "10")
QUICK = (sys.executable, "-m", "tests.system.quick_demo")


class Demo:
    """The demonstration, and what it writes: a JSON object a line."""

    def __init__(self, house, *options, command=QUICK):
        self.events = []
        self.pictures = []
        self.summary = {}
        self.process = subprocess.Popen(
            [*command, "demo", "--data", str(house.data), "--json", *options],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            told = json.loads(line)
            if "event" in told:
                self.events.append(told["event"])
            elif "picture" in told:
                self.pictures.append(told["picture"])
            else:
                self.summary = told

    def saw(self, type_, **fields):
        """Return the events of a type in which all `fields` are as given."""
        events = [event for event in self.events if event["type"] == type_]
        return [event for event in events if all(event.get(name) == value for name, value in fields.items())]

    @property
    def citizens(self):
        """Return what citizens have done so far, as the demonstration counts it."""
        return self.pictures[-1]["citizens"] if self.pictures else {}

    @property
    def channels(self):
        """Return what became of each channel so far, as the demonstration counts it."""
        return self.pictures[-1]["channels"] if self.pictures else {}

    def until(self, condition, what):
        """Wait until something has been seen."""

        def seen():
            assert self.process.poll() is None, f"the demonstration has ended: {self.process.stderr.read()}"
            return condition()

        return until(seen, SEEN_WITHIN_S, what)

    def end(self, how=signal.SIGINT):
        """End it as Ctrl-C does; return the exit code and what it said to people."""
        self.process.send_signal(how)
        return self.ended()

    def ended(self):
        """Wait for its end; return the exit code and what it said to people."""
        code = self.process.wait(20)
        return code, self.process.stderr.read()

    def close(self):
        """Leave nothing behind."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        self.process.stdout.close()
        self.process.stderr.close()


@pytest.fixture(scope="module")
def city():
    """Return the example city at ports of its own, with two workers behind the edge, started."""
    house = House()
    try:
        start_example(house)
        yield house
    finally:
        house.end()


SIP_FIELDS = ("port", "inner_port", "browsers", "rtp_ports", "max_legs", "workers", "clock_rate")


def start_example(house):
    """Put the example in the place of a house's configuration, with hardly any words in its prompts, and start it."""
    made = yaml.safe_load((house.config / "vaxel.yaml").read_text())
    shutil.rmtree(house.config)
    shutil.copytree(MALMO, house.config)
    sip = {name: made["sip"][name] for name in SIP_FIELDS}
    changes = {"sip": sip, "web": made["web"], "trunks": {"this-machine": {"port": free_port()}}}
    rewrite(house.config / "vaxel.yaml", lambda written: merge(written, changes))
    servers = {kind: {"port": free_port(), "ca_file": "../mail/certificate.pem"} for kind in ("imap", "smtp")}
    rewrite(house.config / "mail.yaml", lambda written: merge(written, servers))
    text = (house.config / "mail.yaml").read_text().replace("../../data/mail/", "../mail/")
    (house.config / "mail.yaml").write_text(text)
    gateway = {"url": f"http://127.0.0.1:{free_port()}/send", "secret_file": "../hooks/sms"}
    rewrite(house.config / "chat.yaml", lambda written: merge(written, {"hooks": {"sms": gateway}}))
    rewrite(house.config / "prompts.yaml", shorten)
    house.until_serving(house.launch(), SPOKEN_WITHIN_S)


def rewrite(path, change):
    """Change a file of the configuration, in which every scalar is text: NO is a country."""
    written = yaml.load(path.read_text(), Loader=yaml.BaseLoader)
    change(written)
    path.write_text(yaml.safe_dump(written, allow_unicode=True))


def shorten(prompts):
    """Leave a word, and the values that stand in it, of each text."""
    for texts in prompts.values():
        for name, text in texts.items():
            texts[name] = " ".join(["Ja.", *re.findall(r"{\w+}", text)])


@pytest.fixture
def start_demo():
    """Return a function that starts a demonstration."""
    started = []

    def start(*arguments, **options):
        started.append(Demo(*arguments, **options))
        return started[-1]

    yield start
    for demo in started:
        demo.close()


@pytest.mark.timeout(400)
def test_a_city_is_served(city, start_demo):
    killed = start_demo(city, *OPTIONS)
    killed.until(lambda: killed.saw("contact.arrived", channel="call"), "somebody to ring")
    killed.process.kill()
    killed.process.wait()

    demo = start_demo(city, *OPTIONS)
    demo.until(lambda: demo.saw("contact.ended", outcome="served"), "somebody to be served")

    code, said = start_demo(city, *OPTIONS).ended()
    assert code == 2
    assert said == "No demonstration: Malmö stad is being demonstrated already: one at a time.\n"

    city.kill("engine")
    demo.until(lambda: demo.saw("house.leader_changed"), "the demonstration to find the new engine")
    back = demo.saw("house.leader_changed")[0]["at"]
    demo.until(lambda: [e for e in demo.saw("offer.accepted") if e["at"] > back], "an answer after the restart")

    demo.until(lambda: demo.saw("contact.language_chosen"), "a language to be chosen")
    behind_menus = {"kontakt", "miljo", "skola", "aldre", "social", "gata"}
    demo.until(lambda: {e["queue"] for e in demo.saw("contact.queued")} & behind_menus, "a menu to be walked")
    demo.until(lambda: demo.saw("party.joined") or demo.saw("contact.ended", outcome="connected"), "a department")
    for channel in EVERY:
        demo.until(lambda: demo.channels[channel]["served"], f"a contact by {channel} to be closed")  # noqa: B023
    demo.until(lambda: demo.citizens["talked"] >= 3 and demo.citizens["gave_up"], "somebody to give up")

    code, said = demo.end()
    assert code == 0, said
    assert all(demo.summary["summary"][channel]["served"] for channel in EVERY)
    assert demo.summary["left_out"] == {}
    assert_as_found(city)
    log = city.log("demo")
    assert "CRITICAL" not in log
    assert "Traceback" not in log
    record = city.record()
    assert not record.wrong(), "\n".join(record.wrong())


def assert_as_found(city):
    """Agents are at work or not as configured, their phones are gone, and no secret of the demonstration is left."""
    state = city.record().replay()
    at_work = {id_ for id_, agent in state.agents.items() if type(agent).__name__ != "LoggedOut"}
    assert at_work == {"guide01"}
    assert not state.agents["guide01"].desk.work
    until(lambda: "phone:guide01" in city.record().replay().lost, REGISTERED_FOR_S, "the phones to be known as gone")
    assert json.loads((city.data / "tokens.json").read_bytes())["tokens"] == []
    assert not list(city.layout.run.glob("demo-*"))


def test_a_city_of_real_people_is_refused(make_house, start_demo):
    house = make_house(changes={"vaxel": {"demo": False}})
    house.start()
    code, said = start_demo(house, command=VAXEL).ended()
    assert code == 2
    assert said.startswith("No demonstration: the configuration of ")
    assert "is not marked `demo: true`" in said
    assert "Traceback" not in said
    assert not (house.data / "tokens.json").exists()


def test_without_a_vaxel_it_says_what_to_do(tmp_path):
    done = subprocess.run(
        [*VAXEL, "demo", "--data", str(tmp_path / "data")],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == (
        f"No demonstration: no Vaxel runs on {tmp_path / 'data'}: start it with `make run`, or name the folder of one "
        "that runs with --data.\n"
    )
    assert not (tmp_path / "data").exists()
