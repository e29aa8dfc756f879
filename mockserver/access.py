"""API keys: who may ask, and what the others are told."""

from base64 import b64decode
from collections.abc import Iterable, Mapping

from mockserver.refusals import Refused, azure_wrong_key, no_key, wrong_key


class Keys:
    """The keys that are accepted."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = frozenset(key.encode() for key in keys)

    def admit(self, headers: Mapping[bytes, bytes], *, azure: bool = False) -> None:
        """Let a request pass, or raise Refused: with a 401 in the words of the API, or of Azure."""
        key = presented(headers)
        if key in self._keys:
            return
        if azure:
            raise Refused(azure_wrong_key())
        raise Refused(no_key() if key is None else wrong_key(key.decode("utf-8", "replace")))


def presented(headers: Mapping[bytes, bytes]) -> bytes | None:
    """The key a request shows; None where there is none, or where the header is no Bearer or Basic one.

    `Authorization: Bearer KEY`, the password of a Basic one, or Azure's `api-key`.
    """
    scheme, _, value = headers.get(b"authorization", b"").strip().partition(b" ")
    value = value.strip()
    if scheme.lower() == b"bearer" and value:
        return value
    if scheme.lower() == b"basic":
        try:
            return b64decode(value, validate=True).partition(b":")[2] or None
        except ValueError:
            return None
    return headers.get(b"api-key") or None
