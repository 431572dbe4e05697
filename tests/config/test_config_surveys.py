"""What queues ask by mail: it must be written, lead somewhere, and be open to citizens."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from engine.config import load
from tests.config.test_config_load import MALMO
from tests.config.test_config_mail import GOOD, mail, problems  # noqa: F401 - a fixture

TEXT = "texts:\n  sv: {how_was_it: 'Svara: {link}', "
WEB = {"web": {"citizens": "https://kontakt.city.example/vaxel/"}}


@pytest.fixture
def city_that_asks(mail: Callable[..., Path]) -> Callable[..., Path]:  # noqa: F811
    def put(text: str = GOOD, **vaxel: object) -> Path:
        folder = mail(text.replace("texts:\n  sv: {", TEXT, 1))
        for name, changes in (("queues", {}), ("vaxel", vaxel)):
            path = folder / f"{name}.yaml"
            written = {**yaml.safe_load(path.read_text()), **changes}
            if name == "queues":
                asks = {"prompt": "welcome", "mail": "how_was_it", "visits": True, "open_days": 7}
                written["queues"]["a"]["survey"] = asks
            path.write_text(yaml.safe_dump(written, allow_unicode=True))
        return folder

    return put


def test_a_queue_asks_by_mail_and_on_pages(city_that_asks: Callable[..., Path]) -> None:
    loaded = load(city_that_asks(**WEB))
    survey = loaded.core.queues["a"].survey
    assert survey is not None
    assert (survey.mail, survey.visits, survey.open) == ("how_was_it", True, 7 * 86_400.0)
    assert loaded.installation.mail.asks == {"how_was_it"}
    assert loaded.installation.mail.house == {"received", "how_was_it"}, "agents do not begin answers with it"
    assert loaded.installation.web.citizens == "https://kontakt.city.example/vaxel"


def test_the_example_asks() -> None:
    loaded = load(MALMO)
    assert {name for name, one in loaded.core.queues.items() if one.survey and one.survey.mail} == {"bibliotek"}
    assert all("how_was_it" in texts for texts in loaded.installation.mail.texts.values())


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("how_was_it: 'Svara: {link}', ", "", 'there is no text of mail.yaml in "sv" "how_was_it"'),
        ("{link}", "", "asks how it was; {link}, where to answer, is missing in it"),
        ("Tack. {reference}", "Tack. {link}", "there is no {link} to fill in; known: {reference}, {title}"),
    ],
)
def test_mistakes_are_named(city_that_asks: Callable[..., Path], was: str, becomes: str, said: str) -> None:
    folder = city_that_asks(**WEB)
    written = (folder / "mail.yaml").read_text()
    assert was in written
    (folder / "mail.yaml").write_text(written.replace(was, becomes, 1))
    assert any(said in one for one in problems(folder))


def test_a_link_must_lead_somewhere(city_that_asks: Callable[..., Path]) -> None:
    assert any("does not say where citizens reach it" in one for one in problems(city_that_asks()))
    for wrong in ("kontakt.city.example", "http://kontakt.city.example"):
        assert any("web.citizens" in one for one in problems(city_that_asks(web={"citizens": wrong})))


def test_without_mailboxes_nobody_is_asked_by_mail(city_that_asks: Callable[..., Path]) -> None:
    folder = city_that_asks(**WEB)
    (folder / "mail.yaml").unlink()
    assert any("mail.yaml has no mailboxes" in one for one in problems(folder))
