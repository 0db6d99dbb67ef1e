from collections.abc import Iterator

import pytest

from applications import key_cache


@pytest.fixture(autouse=True)
def _forgetful_cache() -> Iterator[None]:
    """Keys of a test that was rolled back are not remembered in the next."""
    key_cache.forget_all()
    yield
    key_cache.forget_all()
