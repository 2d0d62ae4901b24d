"""How common a word is, is read from wordfreq's lists as wordfreq itself reads them."""

from __future__ import annotations

import pytest
from wordfreq import zipf_frequency

from corpus.everyday import everyday_frequency

ENGLISH = "the neck massage osteochondrosis xyzzyq don't i'm cafe 7 herniated".split()
RUSSIAN = "шея массаж и остеохондроз абвгдеж еще".split()


@pytest.mark.parametrize("word", ENGLISH)
def test_the_commonest_use_in_any_latin_language_counts(word: str) -> None:
    theirs = max(zipf_frequency(word, language, wordlist="small") for language in ("en", "de", "es"))
    assert everyday_frequency(word) == pytest.approx(theirs, abs=0.011)


@pytest.mark.parametrize("word", RUSSIAN)
def test_cyrillic_words_are_russian(word: str) -> None:
    assert everyday_frequency(word) == pytest.approx(zipf_frequency(word, "ru", wordlist="small"), abs=0.011)


@pytest.mark.parametrize("number", ["10", "15", "37.5", "120", "170/100"])
def test_a_number_is_as_common_as_its_shape_and_first_digit(number: str) -> None:
    theirs = max(zipf_frequency(number, language, wordlist="small") for language in ("en", "de", "es"))
    assert everyday_frequency(number) == pytest.approx(theirs, abs=0.5)
    assert everyday_frequency("10") > everyday_frequency("90") > everyday_frequency("90000")


@pytest.mark.parametrize("odd", ["0", "00", "0.0", "9" * 400, "1/2/3"])
def test_any_number_has_a_frequency(odd: str) -> None:
    assert 0 <= everyday_frequency(odd) <= 9
