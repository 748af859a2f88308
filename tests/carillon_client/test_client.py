"""A write that got no answer is sent again under its key until it has one."""

import pytest

from carillon_client import Client, Problem, Unreachable


class Answering(Client):
    """Gets these answers, one after the other; notes the keys that were sent."""

    def __init__(self, *answers):
        super().__init__("http://127.0.0.1:1", "crl_x", pause=lambda seconds: self.paused.append(seconds))
        self.answers, self.keys, self.paused = list(answers), [], []

    def _answer(self, method, address, query=None, body=None, headers=None):
        self.keys.append(headers["Idempotency-Key"])
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


UNDER_WAY = Problem(409, {"code": "under_way"}, "1")


def test_the_answer_is_waited_for_where_the_first_is_under_way():
    client = Answering(Unreachable(), UNDER_WAY, {"id": 1})
    assert client.comment("acme", 1, "Once") == {"id": 1}
    assert len(set(client.keys)) == 1
    assert client.paused[-1] >= 1


def test_another_conflict_is_raised():
    with pytest.raises(Problem):
        Answering(Problem(409, {"code": "conflict"})).comment("acme", 1, "Once")


def test_a_key_of_ones_own_is_sent_as_it_is():
    client = Answering({}, {}, {})
    client.comment("acme", 1, "Once", key="answer-455")
    client.comment("acme", 1, "Once")
    client.comment("acme", 1, "Once")
    assert client.keys[0] == "answer-455"
    assert len(set(client.keys)) == 3
