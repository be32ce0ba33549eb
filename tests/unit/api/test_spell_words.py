"""Every reason for which a row became no spell has its words."""

from api.reports.spell_words import REJECT_WORDS
from models.spell_table import RowReject


def test_every_reason_has_a_fault_and_advice_and_no_two_say_the_same_fault() -> None:
    assert set(REJECT_WORDS) == set(RowReject)
    assert len({words.fault for words in REJECT_WORDS.values()}) == len(RowReject)
    assert all(words.advice.endswith(".") for words in REJECT_WORDS.values())
