"""How often one origin asks for something, in an hour. What is kept of it cannot be read."""

from typing import Final

from django.core.cache import cache
from django.utils.crypto import salted_hmac
from django.utils.timezone import localdate, localtime

_HOUR: Final = 3600


def counted(what: str, origin: str, most: int) -> bool:
    """Count one more `what` from the network address `origin`; false beyond `most` in an hour.

    An origin that is not known ("") is not counted.
    """
    if not origin:
        return True
    proof = salted_hmac(f"catalog.{what}", f"{localdate()} {origin}", algorithm="sha256")
    key = f"{what}-{proof.hexdigest()}-{localtime():%H}"
    cache.add(key, 0, timeout=2 * _HOUR)
    return int(cache.incr(key)) <= most
