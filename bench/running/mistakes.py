"""What is done wrongly in a proxy's configuration, and what one sees then: docs/running.md says which line mends it."""

from typing import NamedTuple

HOST = "tasks.example.com"
SITE = "/etc/nginx/sites-available/carillon"
_ASK = f"curl --silent --insecure --output /dev/null --write-out '%{{http_code}} %{{redirect_url}}' https://{HOST}"
_HANDSHAKE = (
    "--http1.1 --max-time 10 --header 'Connection: Upgrade' --header 'Upgrade: websocket' "
    "--header 'Sec-WebSocket-Version: 13' "
    f"--header 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==' --header 'Origin: https://{HOST}'"
)
_LOOK = f'/opt/carillon/current/.venv/bin/python visitor.py {HOST} "$(carillon setup_code)" 10 2>&1 || true'


class Mistake(NamedTuple):
    """`edit` is for sed, over the site's file; `seen` stands in what `asked` prints then."""

    name: str
    edit: str
    asked: str
    seen: str


MISTAKES = (
    Mistake("no Host", "/proxy_set_header Host/d", f"{_ASK}/accounts/login/", "400"),
    Mistake(
        "no scheme", "/X-Forwarded-Proto/d", f"{_ASK}/accounts/login/", f"301 https://{HOST}/accounts/login/"
    ),
    Mistake(
        "no upgrade", "/header Upgrade/d; /carillon_connection;/d",
        f"{_ASK}/ws/users/me/notifications/ {_HANDSHAKE}", "404",
    ),
    Mistake("no patience", "s/proxy_read_timeout 75s/proxy_read_timeout 4s/", _LOOK, "ConnectionClosed"),
    Mistake(
        "no room", "/client_max_body_size/d",
        f"head --bytes 2000000 /dev/zero | {_ASK}/accounts/profile/picture/ --data-binary @-", "413",
    ),
    Mistake("no address", "/X-Forwarded-For/d", _LOOK, "AssertionError: whose address"),
    Mistake("no product", "s/127.0.0.1:8000/127.0.0.1:8001/", f"{_ASK}/accounts/login/", "502"),
)  # fmt: skip


def commands(mistake: Mistake) -> str:
    """Make the mistake, look at it, and put the file back whatever was seen."""
    return f"""
cp {SITE} /root/site
trap 'cp /root/site {SITE}; nginx -s reload' EXIT
sed --in-place '{mistake.edit}' {SITE}
! cmp --silent {SITE} /root/site
nginx -t 2> /dev/null
systemctl restart nginx
{mistake.asked}
"""
