"""Texts of the house in plain words, for those who need them."""

from adapters.email.wording import in_language

TEXTS = {"sv": {"open": "Vi har öppet.", "open_plain": "Kom mellan 8 och 16."}, "fi": {"open": "Auki."}}


def test_plain_words_where_the_language_has_them() -> None:
    assert in_language(TEXTS, "open", ("sv",), plain=True) == "Kom mellan 8 och 16."
    assert in_language(TEXTS, "open", ("fi", "sv"), plain=True) == "Auki.", "the own language comes before plain words"
    assert in_language(TEXTS, "open", ("sv",)) == "Vi har öppet."
    assert in_language(TEXTS, "closed", ("sv",), plain=True) == ""
