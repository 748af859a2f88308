from realtime.throttle import LIMIT, WINDOW, Throttle


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
