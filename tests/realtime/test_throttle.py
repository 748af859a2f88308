from realtime.throttle import BYTES, FRAMES, LIMIT, WINDOW, Budget, Throttle


def test_five_messages_pass_and_the_sixth_does_not():
    throttle = Throttle()
    assert [throttle.allows(float(second)) for second in range(6)] == [True] * LIMIT + [False]


def test_the_window_slides():
    throttle = Throttle()
    for second in range(LIMIT):
        throttle.allows(float(second))
    assert not throttle.allows(WINDOW - 0.001)
    assert throttle.allows(WINDOW)
    assert not throttle.allows(WINDOW + 0.999)
    assert throttle.allows(WINDOW + 1)


def test_a_refused_message_does_not_count():
    throttle = Throttle()
    for _ in range(LIMIT + 50):
        throttle.allows(0.0)
    assert throttle.allows(WINDOW)


def test_a_budget_is_used_up_by_frames_and_is_there_again_after_a_window():
    budget = Budget()
    assert budget.allows_bytes(6 * FRAMES, 5.0)
    assert budget.allows_frames(FRAMES)
    assert not budget.allows_frames(1)
    assert budget.allows_bytes(6, 5.0 + WINDOW)
    assert budget.allows_frames(1)


def test_a_budget_is_used_up_by_bytes():
    budget = Budget()
    assert [budget.allows_bytes(BYTES // 4, second) for second in (0.0, 1.0, 2.0, 3.0, 4.0)] == [True] * 4 + [
        False
    ]
    assert not budget.allows_bytes(1, WINDOW - 0.1)
    assert budget.allows_bytes(1, WINDOW)


def test_a_budget_is_enough_for_all_that_the_protocol_allows():
    """In a minute: five of the largest messages, a pong for each of the server's pings, and the close."""
    budget = Budget()
    for _ in range(LIMIT):
        assert budget.allows_bytes(4096 + 8, 0.0)
        assert budget.allows_frames(1)
    for _ in range(4):
        assert budget.allows_bytes(125 + 6, 0.0)
        assert budget.allows_frames(1)
