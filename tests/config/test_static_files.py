"""One digest in the address of every static file: what is kept for ever, what is asked for each time."""

import gzip
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.core.management import call_command
from django.templatetags.static import static

from config import static_files
from config.static_answers import ASK_AGAIN, FOREVER, accepts_gzip
from config.static_files import ReleaseStorage, digest, digest_of, release
from config.templatetags.modules import imported, modulepreload

FILES = {"js/a.js": b"a", "js/b.js": b"b"}


class TestDigest:
    def test_is_the_same_for_the_same_files_in_whatever_order(self):
        assert digest_of(dict(reversed(FILES.items()))) == digest_of(FILES)
        assert len(bytes.fromhex(digest_of(FILES))) == 6

    @pytest.mark.parametrize(
        "other",
        [
            FILES | {"js/a.js": b"c"},
            FILES | {"js/c.js": b""},
            {"js/a.js": b"a"},
            {"js/c.js": b"a", "js/b.js": b"b"},
            {"js/a.js": b"b", "js/b.js": b"a"},
        ],
        ids=["changed", "added", "removed", "renamed", "exchanged"],
    )
    def test_is_another_one_for_other_files(self, other):
        assert digest_of(other) != digest_of(FILES)

    def test_is_over_everything_that_a_page_asks_for(self):
        assert {"js/main.js", "css/carillon.css", "img/icons.svg", "admin/css/base.css"} <= set(release())

    def test_begins_the_address_of_each(self):
        assert static("img/icons.svg") == f"/static/{digest()}/img/icons.svg"

    def test_comes_after_the_path_that_people_use(self, settings):
        settings.STATIC_URL = "/carillon/static/"
        assert ReleaseStorage().url("js/main.js") == f"/carillon/static/{digest()}/js/main.js"

    def test_nothing_is_read_before_an_address_is_asked_for(self, monkeypatch):
        monkeypatch.setattr(static_files, "release", lambda: pytest.fail("it is read"))
        ReleaseStorage()


def test_a_server_in_front_finds_every_file_where_pages_name_it(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "static"
    call_command("collectstatic", interactive=False, verbosity=0)
    folder = tmp_path / static("")[1:]
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert found == release()


async def asked(async_client, path, **headers):
    response = await async_client.get(path, headers=headers)
    return response, response.headers


def test_a_page_names_every_module_that_its_script_leads_to():
    named = imported("js/main.js")
    assert {"js/parts/addresses.js", "js/live/stream.js"} <= named <= set(release())
    assert len(named) > 50
    assert static("js/live/stream.js") in modulepreload("js/main.js")


class TestAnswers:
    @pytest.mark.parametrize(
        "name", ["js/main.js", "css/carillon.css", "img/icons.svg", "admin/css/base.css"]
    )
    @pytest.mark.parametrize(
        ("folder", "kept"),
        [("{digest}/", FOREVER), ("", ASK_AGAIN), ("0123456789ab/", ASK_AGAIN)],
        ids=["of this release", "of none", "of another"],
    )
    async def test_only_this_release_s_address_is_kept_for_ever(self, async_client, name, folder, kept):
        path = f"/static/{folder.format(digest=digest())}{name}"
        response, headers = await asked(async_client, path)
        assert (response.status_code, response.content) == (200, release()[name])
        assert (headers["Cache-Control"], headers["Vary"]) == (kept, "Accept-Encoding")

    @pytest.mark.parametrize("path", ["js/none.js", "0123456789ab/js/none.js", "../manage.py", "js/", "js"])
    async def test_what_is_no_file_is_not_found(self, async_client, path):
        assert (await async_client.get(f"/static/{path}")).status_code == 404

    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("js/main.js", "text/javascript; charset=utf-8"),
            ("css/carillon.css", "text/css; charset=utf-8"),
            ("img/icons.svg", "image/svg+xml"),
        ],
    )
    async def test_browsers_are_told_its_kind(self, async_client, name, kind):
        assert (await asked(async_client, f"/static/{name}"))[1]["Content-Type"] == kind

    async def test_it_is_compressed_for_whoever_reads_gzip(self, async_client):
        path = "/static/js/main.js"
        _, plain = await asked(async_client, path)
        response, packed = await asked(async_client, path, accept_encoding="gzip, br")
        assert gzip.decompress(response.content) == release()["js/main.js"]
        assert packed["Content-Encoding"] == "gzip"
        assert int(packed["Content-Length"]) == len(response.content) < int(plain["Content-Length"]) / 2
        assert packed["ETag"] != plain["ETag"]

    @pytest.mark.parametrize("encoding", ["identity", "gzip"])
    async def test_whoever_has_it_gets_no_copy(self, async_client, encoding):
        path = "/static/js/main.js"
        _, headers = await asked(async_client, path, accept_encoding=encoding)
        response, again = await asked(
            async_client, path, accept_encoding=encoding, if_none_match=headers["ETag"]
        )
        assert (response.status_code, response.content) == (304, b"")
        named = ("ETag", "Vary", "Cache-Control", "Access-Control-Allow-Origin")
        assert [again[name] for name in named] == [headers[name] for name in named]

    async def test_pages_of_any_origin_may_import_it(self, async_client):
        _, headers = await asked(async_client, "/static/js/live/follow.js", origin="https://else.example")
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in headers

    async def test_it_can_only_be_read(self, async_client):
        response = await async_client.post("/static/js/main.js")
        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")

    async def test_with_debug_a_changed_file_is_seen_at_once(self, async_client, settings, tmp_path):
        settings.DEBUG = True
        assert ReleaseStorage().url("js/main.js") == "/static/js/main.js"
        (tmp_path / "new.js").write_text("1")
        settings.STATICFILES_DIRS = [tmp_path]
        for content in (b"1", b"2"):
            (tmp_path / "new.js").write_bytes(content)
            response, headers = await asked(async_client, "/static/new.js")
            assert (response.content, headers["Cache-Control"]) == (content, ASK_AGAIN)


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip; q=0.0, br", False),
        ("x-gzipped", False),
    ],
)
def test_who_reads_gzip(rf, header, accepted):
    assert accepts_gzip(rf.get("/", headers={"accept-encoding": header})) == accepted


@pytest.mark.once
def test_a_server_sends_the_head_alone_where_that_is_asked(server):
    url = f"{server.base_url}/static/{digest()}/js/main.js"
    with urlopen(Request(url, method="HEAD")) as answer:
        assert (answer.headers["Content-Length"], answer.read()) == (str(len(release()["js/main.js"])), b"")
    with urlopen(Request(url, headers={"Range": "bytes=0-9"})) as answer:
        assert (answer.status, answer.read()) == (200, release()["js/main.js"])
    with pytest.raises(HTTPError, match="404"):
        urlopen(f"{server.base_url}/static/{digest()}/js/none.js")
