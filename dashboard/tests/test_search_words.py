"""Filters are told from words, and words are left as they were typed."""

import pytest

from dashboard.search_words import Values, taken_apart

NAMES = {"status": "status", "host": "hostname", "hostname": "hostname", "device": "device"}


@pytest.mark.parametrize(
    ("text", "words", "included", "excluded"),
    [
        ("", "", {}, {}),
        ("  two  words ", "  two  words ", {}, {}),
        ("status:5xx", "", {"status": ["5xx"]}, {}),
        ("/cart status:5xx status:404", "/cart", {"status": ["5xx", "404"]}, {}),
        ('-device:"AI crawler" a b', "a b", {}, {"device": ["AI crawler"]}),
        ("host:api.example.com:8080", "", {"hostname": ["api.example.com:8080"]}, {}),
        ("hostname:a -host:b", "", {"hostname": ["a"]}, {"hostname": ["b"]}),
        ("https://example.com/a:b", "https://example.com/a:b", {}, {}),
        ("STATUS:5xx status: -status", "STATUS:5xx status: -status", {}, {}),
        ('device:"AI cr', "", {"device": ["AI cr"]}, {}),
        ('say "two words"', 'say "two words"', {}, {}),
    ],
)
def test_a_search_is_taken_apart(text: str, words: str, included: Values, excluded: Values) -> None:
    assert taken_apart(text, NAMES) == (words, included, excluded)
