"""`sign_in:` of vaxel.yaml: an OpenID provider, and mistakes that say what would be right."""

from pathlib import Path

import pytest

from engine.config import ConfigError, load
from web.ways import SignInSettings

OPENID = (
    "issuer: 'https://login.example.org', client_id: vaxel, client_secret_file: openid.secret, "
    "agent_claim: desk, roles: {led: supervisor, answer: guide}"
)


def write(folder: Path, text: str) -> None:
    (folder / "openid.secret").write_text("x" * 32)
    vaxel = folder / "vaxel.yaml"
    vaxel.write_text(f"{vaxel.read_text()}\n{text}\n")


def test_without_it_people_have_passwords(city: Path) -> None:
    ways = load(city).installation.sign_in
    assert ways == SignInSettings()
    assert ways.takes_password("anybody")


def test_a_provider_and_an_account_for_emergencies(city: Path) -> None:
    write(city, f"sign_in: {{openid: {{{OPENID}}}, passwords: [admin]}}")
    ways = load(city).installation.sign_in
    assert ways.openid is not None
    assert (ways.openid.issuer, ways.openid.groups) == ("https://login.example.org", "groups")
    assert ways.openid.roles == {"led": "supervisor", "answer": "guide"}
    assert ways.openid.secret_file == str((city / "openid.secret").resolve())
    assert ways.takes_password("admin")
    assert not ways.takes_password("anna")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("sign_in: {passwords: [admin]}", "shuts everybody else out"),
        (
            f"sign_in: {{openid: {{{OPENID.replace('https://', 'http://')}}}}}",
            "openid.issuer: must begin with https://",
        ),
        (
            f"sign_in: {{openid: {{{OPENID.replace('openid.secret', 'none')}}}}}",
            "client_secret_file: none cannot be read",
        ),
        (f"sign_in: {{openid: {{{OPENID.replace('supervisor', 'supervisr')}}}}}", 'did you mean "supervisor"?'),
        (f"sign_in: {{openid: {{{OPENID.replace('agent_claim: desk, ', '')}}}}}", "say which with `agent_claim`"),
        (f"sign_in: {{openid: {{{OPENID}, departments: {{g: nosuch}}}}}}", 'there is no department "nosuch"'),
        (f"sign_in: {{openid: {{{OPENID.partition('roles')[0]}roles: {{}}}}}}", "lets nobody in"),
    ],
)
def test_mistakes(city: Path, text: str, wanted: str) -> None:
    write(city, text)
    with pytest.raises(ConfigError) as caught:
        load(city)
    assert any(wanted in str(problem) for problem in caught.value.problems), caught.value.problems
