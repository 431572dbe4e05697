"""A secret contact shows no number to a telephone that is rung about it, and one that is not secret does."""

import pytest

from tests.system.office import BO


@pytest.mark.parametrize("secret", [False, True])
async def test_who_is_asked_about_a_secret_contact_sees_no_number(office, secret):
    await office.talk()
    if secret:
        await office.do("secrecy", {"secret": True})
        assert (await office.contact())["secret"] is True
    await office.do("consult", {"to": {"agent": BO}})
    asked = await office.phones[BO].next_call(5.0)
    assert ("citizen" in asked.messages[0]["From"]) is not secret
    asked.reject(603)
