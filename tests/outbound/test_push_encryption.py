"""What is pushed can be read by the browser that it is for, and by nobody else; who sent it is signed."""

import json
import stat

import pytest
from django.core.management import CommandError, call_command

from config.addresses import push_key
from outbound.push import encryption
from outbound.push.browsers import in_words
from outbound.push.encryption import authorization, check_keys, encrypted, new_key, public_key, signer
from tests.outbound.push_service import Browser, Got, PushService

pytestmark = pytest.mark.once


def test_a_browser_reads_what_was_encrypted_for_it():
    browser = Browser()
    given = browser.given("https://push.example/x")
    content = json.dumps({"title": "Ä" * 1000}, ensure_ascii=False).encode()
    body = encrypted(content, given.p256dh, given.auth)
    assert browser.decrypted(body) == {"title": "Ä" * 1000}
    assert encrypted(content, given.p256dh, given.auth) != body


def test_nobody_else_reads_it():
    given = Browser().given("https://push.example/x")
    body = encrypted(b"{}", given.p256dh, given.auth)
    with pytest.raises(Exception, match="Decryption error"):
        Browser().decrypted(body)


def test_the_largest_content_fits_what_push_services_take():
    given = Browser().given("https://push.example/x")
    assert len(encrypted(b"x" * encryption.ROOM, given.p256dh, given.auth)) == encryption.LARGEST
    with pytest.raises(ValueError, match="more than push services take"):
        encrypted(b"x" * (encryption.ROOM + 1), given.p256dh, given.auth)


def test_keys_of_a_browser_are_checked():
    good = Browser().given("https://push.example/x")
    check_keys(good.p256dh, good.auth)
    off_the_curve = encryption.to_text(b"\x04" + b"\x01" * 64)
    for p256dh, auth in [
        ("", good.auth), (good.p256dh[:-2], good.auth), (off_the_curve, good.auth), ("!" * 87, good.auth),
        (good.p256dh, ""), (good.p256dh, good.auth + "AA"), (good.p256dh, "ä" * 22), ("A" * 1999, good.auth),
    ]:  # fmt: skip
        with pytest.raises(ValueError, match=r"."):
            check_keys(p256dh, auth)


def test_it_is_signed_for_the_push_service_alone():
    ours, service = signer(new_key()), PushService()
    header = authorization(ours, f"{service.origin}/x?y=1", "mailto:a@example.com", now=1000.0)
    got = Got("/x", {"Authorization": header}, b"")
    assert service.is_signed(got, public_key(ours))
    assert not service.is_signed(got, public_key(signer(new_key())))
    service._server.server_close()


def test_a_key_is_printed_or_written_for_its_owner_and_never_over_another(tmp_path, capsys):
    call_command("push_key")
    name, _, key = capsys.readouterr().out.strip().partition("=")
    assert name == "PUSH_KEY"
    assert push_key(key) == key
    assert public_key(signer(key))
    file = tmp_path / "push-key"
    call_command("push_key", file)
    written = file.read_text()
    assert push_key(written.strip())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    call_command("push_key", file, if_missing=True)
    with pytest.raises(CommandError, match="exists"):
        call_command("push_key", file)
    assert file.read_text() == written


def test_what_is_no_key_is_refused_at_the_start():
    assert push_key("") == ""
    for text in ("x", "x" * 44, "x" * 42 + "!"):
        with pytest.raises(ValueError, match="push_key"):
            push_key(text)


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 Version/18 Safari/605", "Safari on macOS"),
        ("<script>", "A browser"),
    ],
)  # fmt: skip
def test_a_browser_is_named_by_what_it_says(user_agent, words):
    assert in_words(user_agent) == words
