"""What counts as one address. Pure."""

import ipaddress
from functools import lru_cache


@lru_cache(maxsize=4096)
def address_of(host: str) -> str | None:
    """Give what counts as one address. None when it is not known, as on a Unix socket; of IPv6 the network: a host
    has more addresses than can be counted."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host or None
    if address.version == 4:
        return host
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((address, 64), strict=False))
