from datetime import timedelta

import pytest
from django.test import Client
from knox.models import AuthToken

from applications import tokens
from applications.factories import create_user

pytestmark = pytest.mark.django_db


def opens(client: Client, secret: str) -> bool:
    answer = client.get("/apps", headers={"Authorization": f"Token {secret}"})
    return answer.status_code == 200


def test_a_token_opens_the_rest_api_until_it_is_revoked(client: Client) -> None:
    user = create_user()
    issued = tokens.issue(user)
    assert opens(client, issued.secret)
    assert tokens.revoke(user, issued.token.token_key)
    assert not opens(client, issued.secret)


def test_only_the_hash_of_a_token_is_stored() -> None:
    secret = tokens.issue(create_user()).secret
    [row] = AuthToken.objects.values_list()
    assert secret not in [str(value) for value in row]


def test_tokens_that_work_are_listed_newest_first() -> None:
    user = create_user()
    first, second = tokens.issue(user), tokens.issue(user, timedelta(days=30))
    tokens.issue(user, timedelta(seconds=-1))
    tokens.issue(create_user())
    assert list(tokens.valid(user)) == [second.token, first.token]


def test_nobody_revokes_the_token_of_somebody_else(client: Client) -> None:
    issued = tokens.issue(create_user())
    assert not tokens.revoke(create_user(), issued.token.token_key)
    assert opens(client, issued.secret)
