"""Choosing a picture, being seen by it in another's open page, and closing the account: by two people on the running
product."""

from io import BytesIO

from PIL import Image
from playwright.sync_api import expect

from orgs.models import User
from tests.browser.barriers import barriers_of
from tests.browser.test_two_people import live, team
from tests.factories import PASSWORD

__all__ = ["team"]


def photo():
    """A photo, held upright, whose file is larger than a picture's may be. What stands after it is nobody's to read."""
    exif = Image.Exif()
    exif[0x0112] = 6
    file = BytesIO()
    Image.effect_noise((1300, 1000), 90).convert("RGB").save(file, "JPEG", exif=exif, quality=97)
    return {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue() + bytes(5 * 1024**2)}


def test_a_picture_is_chosen_seen_live_and_gone_with_the_account(team, sign_in, watch):
    watch.expect("401")  # the page whose session ends under it asks why its socket closed
    alice, bob = User.objects.get(pk=team.alice.pk), User.objects.get(pk=team.bob.pk)
    alices = sign_in(alice)
    alices.goto("/accounts/profile/")
    file = photo()
    assert len(file["buffer"]) > 5 * 1024**2
    alices.get_by_label("Choose a picture").set_input_files(file)
    expect(alices.get_by_role("img", name="Your new picture, not saved yet")).to_be_visible()
    assert barriers_of(alices, "light") == []
    alices.get_by_role("button", name="Save picture").click()
    expect(alices.get_by_text("Your picture is saved.")).to_be_visible()
    mine = f"/people/{alice.pk}/"
    expect(alices.locator(f".account-button img[src^='{mine}']")).to_be_visible()

    bobs = live(sign_in(bob), "/orgs/acme/tasks/1/")
    shown = bobs.locator(f".timeline-item img[src^='{mine}']")
    before = shown.count()
    assert before
    alices.goto("/orgs/acme/tasks/1/")
    alices.locator(".composer textarea").fill("Do you see me?")
    alices.keyboard.press("Control+Enter")
    expect(bobs.locator(".comment-text", has_text="Do you see me?")).to_be_visible()
    expect(shown).to_have_count(before + 1)
    assert bobs.evaluate(f"document.querySelector(\"img[src^='{mine}']\").naturalWidth") == 256

    alices.goto("/accounts/close/")
    assert barriers_of(alices, "light") == []
    alices.get_by_label("Your user name").fill(alice.username)
    alices.get_by_role("button", name="Close my account").click()
    alices.get_by_label("Password").fill(PASSWORD)
    alices.get_by_role("button", name="Go on").click()
    expect(alices.get_by_role("heading", name="Your account is closed")).to_be_visible()
    bobs.reload()
    expect(bobs.locator(".timeline-item", has_text="Erased person").first).to_be_visible()
    expect(shown).to_have_count(0)
