import datetime as dt
import threading

import pytest
from django.utils import timezone

from outbound import sending
from outbound.channels import CHANNELS, Away
from outbound.mail import addresses
from outbound.mail.services import post
from outbound.models import Delivery
from tests.factories import UserFactory
from tests.outbound.conftest import confirmed
from tests.waiting import wait_until

MAIL = CHANNELS["mail"]


def just_now():
    """Before now by the database's clock, too, which may know milliseconds only."""
    return timezone.now() - dt.timedelta(seconds=1)


def posted(key="a key", to="bob@example.com", **fields):
    Delivery.objects.create(
        key=key, channel="mail", kind="account", address=to, due_at=just_now(), created_at=timezone.now(),
        content={"subject": "Hello", "text": "Your code is 1234.", "html": "<p>1234</p>"}, **fields,
    )  # fmt: skip


def send_all():
    senders = sending.Senders(MAIL)
    while not senders.round():
        pass
    return senders


def the_delivery():
    return Delivery.objects.get()


@pytest.mark.django_db(transaction=True)
class TestSending:
    def test_a_mail_is_sent_once_and_nothing_of_it_is_kept(self, mail_server):
        posted()
        send_all()
        send_all()
        (message,) = mail_server.messages
        assert message["Subject"] == "Hello"
        assert message["Message-ID"] == f"<{the_delivery().token}@localhost>"
        assert "1234" in message.get_body(["plain"]).get_content()
        assert (the_delivery().state, the_delivery().content) == ("sent", {})

    def test_a_full_mailbox_is_tried_again_later(self, mail_server):
        mail_server.recipients["bob@example.com"] = "452 4.2.2 mailbox full"
        posted()
        send_all()
        delivery = the_delivery()
        assert (delivery.state, delivery.attempts) == ("waiting", 1)
        assert "mailbox full" in delivery.error
        assert (delivery.due_at - timezone.now()).total_seconds() > 20
        assert delivery.leased_until is None

    def test_it_is_given_up_in_the_end(self, mail_server):
        mail_server.recipients["bob@example.com"] = "452 4.2.2 mailbox full"
        posted(attempts=sending.MOST_ATTEMPTS - 1)
        send_all()
        assert (the_delivery().state, the_delivery().content) == ("given_up", {})
        assert "after 15 attempts" in the_delivery().error

    def test_who_has_no_mailbox_is_sent_no_more_news(self, mail_server):
        bob = confirmed(UserFactory(username="bob"))
        mail_server.recipients["bob@example.com"] = "550 5.1.1 no such user"
        posted()
        send_all()
        assert the_delivery().state == "given_up"
        assert addresses.state_of(bob).why == "bounced"
        assert bob not in addresses.reachable()
        addresses.try_again(bob)
        assert addresses.state_of(bob) is None
        assert bob in addresses.reachable()

    def test_another_confirmed_address_takes_mail_again(self, mail_server):
        bob = confirmed(UserFactory(username="bob"))
        addresses.mark("Bob@Example.com", "bounced", "no such user")
        assert addresses.address_of(bob) is None
        bob.emailaddress_set.update(email="robert@example.com")
        assert addresses.address_of(bob) == "robert@example.com"

    def test_a_policy_that_refuses_us_says_nothing_of_the_mailbox(self, mail_server):
        mail_server.recipients["bob@example.com"] = "550 5.7.1 we do not like your address"
        posted()
        send_all()
        assert the_delivery().state == "given_up"
        assert not addresses.is_unreachable("bob@example.com")

    def test_a_refused_message_is_given_up(self, mail_server):
        mail_server.contents["bob@example.com"] = "554 5.6.0 spam"
        posted()
        send_all()
        assert (the_delivery().state, the_delivery().error) == ("given_up", "554 5.6.0 spam")

    def test_a_server_that_is_away_uses_up_no_attempt(self, mail_server, caplog):
        mail_server.stop()
        posted()
        senders = sending.Senders(MAIL)
        senders.round()
        senders._away_until = 0.0
        Delivery.objects.update(due_at=just_now())
        senders.round()
        assert (the_delivery().state, the_delivery().attempts) == ("waiting", 0)
        assert caplog.text.count("Mail server at ") == 1
        with_port = type(mail_server)(mail_server.port)
        with with_port:
            senders._away_until = 0.0
            Delivery.objects.update(due_at=just_now())
            senders.round()
        assert the_delivery().state == "sent"
        assert caplog.text.count("is back after") == 1

    def test_a_server_that_hangs_is_left_after_a_while(self, mail_server, settings):
        settings.EMAIL_TIMEOUT = 0.2
        mail_server.hangs()
        posted()
        with pytest.raises(Away, match=r"does not answer: .*timed out"):
            sending.outcome_of(MAIL, sending.claim("mail"))

    def test_what_is_claimed_is_nobody_else_s(self):
        posted()
        assert sending.claim("mail")
        assert sending.claim("mail") is None

    def test_who_lost_a_claim_records_nothing(self):
        posted()
        first = sending.claim("mail")
        Delivery.objects.update(leased_until=timezone.now() - sending.LEASE)
        second = sending.claim("mail")
        sending.record(first, {"state": "given_up"})
        assert the_delivery().state == "waiting"
        sending.record(second, {"state": "sent"})
        assert the_delivery().state == "sent"

    def test_killed_after_sending_it_sends_that_message_again_under_its_name(self, mail_server):
        posted()
        MAIL.send(sending.claim("mail"))
        Delivery.objects.update(leased_until=timezone.now() - sending.LEASE)
        send_all()
        first, second = mail_server.messages
        assert first["Message-ID"] == second["Message-ID"]

    def test_many_senders_send_each_message_once(self, mail_server):
        for number in range(20):
            posted(f"key {number}", f"p{number}@example.com")
        senders = sending.Senders(MAIL)
        threads = [threading.Thread(target=senders.run) for _ in range(3)]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(mail_server.messages) >= 20, "all are sent")
        senders.stop()
        for thread in threads:
            thread.join()
        assert len({message["X-To"] for message in mail_server.messages}) == len(mail_server.messages) == 20

    def test_an_address_with_a_line_break_is_given_up(self, mail_server):
        posted(to="bob@example.com\nBcc: eve@example.com")
        send_all()
        assert the_delivery().state == "given_up"
        assert mail_server.messages == []

    def test_headers_come_from_no_name(self, mail_server):
        posted()
        content = {
            "subject": "Hi\r\nBcc: eve@example.com",
            "text": "",
            "html": "",
            "headers": {"List-Id": "a\nb"},
        }
        Delivery.objects.update(content=content)
        send_all()
        (message,) = mail_server.messages
        assert message["Subject"] == "Hi Bcc: eve@example.com"
        assert message["List-Id"] == "a b"
        assert message["Bcc"] is None


@pytest.mark.django_db
class TestPosting:
    def test_it_stands_in_the_caller_s_transaction_and_once(self, settings):
        settings.MAIL_IS_ON = True
        bob = UserFactory(username="bob")
        for _ in range(2):
            post(to="bob@example.com", template="trial", context={"user": bob}, key="trial", user=bob)
        assert the_delivery().content["subject"]

    def test_without_a_mail_server_nothing_is(self):
        post(to="bob@example.com", template="trial", context={}, key="trial")
        assert not Delivery.objects.exists()
