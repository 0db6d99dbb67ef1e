from hypothesis import given
from hypothesis import strategies as st

from dashboard.page_room import Room, beginning, page_bytes
from events.display import visible

texts = st.text(st.sampled_from("a<&'\"é😀\u202e\u0301\n\x1b\x00"), max_size=200)


def test_a_text_is_whole_while_it_fits() -> None:
    assert beginning("<b>", 9) == ("<b>", False)
    assert beginning("<b>", 8) == ("<…", True)


def test_what_a_text_takes_in_a_page_is_counted() -> None:
    assert page_bytes("a'😀") == 1 + 6 + 4


@given(texts, st.integers(0, 300))
def test_a_beginning_is_never_larger_than_asked(text: str, most: int) -> None:
    shown, is_cut = beginning(text, most)
    assert page_bytes(shown) <= most
    assert is_cut or shown == visible(text)


def test_a_text_that_shrinks_when_it_is_shown_still_counts_as_cut() -> None:
    assert beginning("\x1b[31m" * 100, 49) == ("", True)


@given(st.lists(texts, max_size=10), st.integers(0, 500))
def test_texts_share_the_room(several: list[str], most: int) -> None:
    room = Room(most)
    shown = [room.text(text, 100) for text in several]
    assert sum(map(page_bytes, shown)) == most - room.left
    assert room.left >= 0


def test_markup_is_told_when_there_is_no_room_for_it() -> None:
    room = Room(10)
    assert room.spend(8)
    assert not room.spend(3)
    assert room.spend(2)
