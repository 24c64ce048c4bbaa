"""Bytes in an object store: S3 and what speaks like it, Google, Azure."""

import contextlib
import functools
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from artasyn.data_manifests.errors import StoreError

__all__ = ["BucketBlobs"]

REMEDY = "check the address, and the credentials and the endpoint in the environment"
LATER = "this is no damage: run the same command again later; if it stays so, check the endpoint in the environment"
PATIENCE: Any = {"max_retries": 10, "retry_timeout": timedelta(minutes=1)}
"""How long obstore itself tries again where the service fails."""
CUT = "body error"
"""What obstore says of an answer that is cut off; it does not try again by itself then."""
ATTEMPTS = 10
FAILED = re.compile(r"status code: (5\d\d|408|429)\b|HTTP error")
"""What obstore says, by a text alone, of a service that fails (503, 500), is too busy (429) or does not answer."""


class BucketBlobs:
    """An object store, through obstore; credentials come from the environment as usual."""

    def __init__(self, location: str) -> None:
        try:
            import obstore
            from obstore.store import from_url
        except ImportError as error:
            raise StoreError(location, "needs the package obstore", "install obstore") from error
        self.location = location
        self._api: Any = obstore
        with self._named():
            self._store: Any = from_url(location, retry_config=PATIENCE)

    def __reduce__(self) -> tuple[Any, ...]:
        """Reconnect in another process."""
        return BucketBlobs, (self.location,)

    def read(self, key: str) -> bytes:
        """Return the whole value. Raises FileNotFoundError."""
        with self._named(key):
            return bytes(self._tried(lambda: self._api.get(self._store, key).bytes()))

    def read_range(self, key: str, start: int, length: int) -> bytes:
        """Return `length` bytes from `start`; a negative start counts from the end. Raises FileNotFoundError."""
        with self._named(key):
            if start >= 0:
                return bytes(
                    self._tried(lambda: self._api.get_range(self._store, key, start=start, length=length))
                )
            suffix = {"range": {"suffix": -start}}
            tail = self._tried(lambda: self._api.get(self._store, key, options=suffix).bytes())
            return bytes(tail)[:length]

    def write(self, key: str, data: bytes) -> None:
        """Put the value; object stores replace a value as a whole."""
        with self._named(key), self._existing():
            self._tried(lambda: self._api.put(self._store, key, data))

    def create(self, key: str, data: bytes) -> bool:
        """Put the value only where there is none, by a conditional put."""
        with self._named(key), self._existing():
            try:
                self._api.put(self._store, key, data, mode="create")
            except self._api.exceptions.AlreadyExistsError:
                return False
            return True

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield all keys below the folder `prefix`, sorted."""
        with self._named(prefix), self._existing():
            pages = self._tried(lambda: list(self._api.list(self._store, prefix=prefix or None)))
        yield from sorted(item["path"] for page in pages for item in page)

    def folders(self) -> list[str]:
        """Return the names of the folders at the top, sorted."""
        with self._named(), self._existing():
            return sorted(self._tried(lambda: self._api.list_with_delimiter(self._store))["common_prefixes"])

    def folders_with(self, name: str) -> Iterator[str]:
        """Yield the key `folder/name` of every folder at the top that holds it, sorted."""
        for folder in self.folders():
            with contextlib.suppress(FileNotFoundError), self._named(folder):
                self._tried(functools.partial(self._api.head, self._store, f"{folder}/{name}"))
                yield f"{folder}/{name}"

    def delete(self, key: str) -> None:
        """Remove the value if it is there."""
        with self._named(key), contextlib.suppress(FileNotFoundError):
            self._tried(lambda: self._api.delete(self._store, key))

    def sweep(self, prefix: str) -> None:
        """Do nothing: an upload that was cut off never became a value."""

    def _tried(self, ask: Callable[[], Any]) -> Any:
        """Return what `ask` gives, asked again where the answer was cut off: only where twice does no harm."""
        for _ in range(ATTEMPTS - 1):
            try:
                return ask()
            except self._api.exceptions.BaseError as error:
                if CUT not in str(error):
                    raise
        return ask()

    @contextlib.contextmanager
    def _named(self, key: str = "") -> Iterator[None]:
        """Turn what the service answers into one sentence; an absent value stays a FileNotFoundError."""
        try:
            yield
        except FileNotFoundError:
            raise
        except self._api.exceptions.BaseError as error:
            raise _refusal(f"{self.location}/{key}", error) from error

    @contextlib.contextmanager
    def _existing(self) -> Iterator[None]:
        """Say that the bucket itself is missing, where nothing else can be."""
        try:
            yield
        except FileNotFoundError as error:
            raise StoreError(self.location, "there is no such bucket", "create it first") from error


def _refusal(where: str, error: Exception) -> StoreError:
    """Tell a service that fails, whatever is asked, from one that refuses what was asked."""
    if FAILED.search(str(error)):
        return StoreError(where, f"the bucket does not answer: {_sentence(error)}", LATER, kind="unavailable")
    return StoreError(where, f"the bucket refused: {_sentence(error)}", REMEDY)


def _sentence(error: Exception) -> str:
    """Return the service's own message, where there is one in what it answered, else the first line."""
    found = re.search(r"<Message>(.*?)</Message>", str(error), re.DOTALL)
    return found.group(1) if found else str(error).splitlines()[0]
