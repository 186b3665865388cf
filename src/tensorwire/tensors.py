"""The tensors of a model by name, in file order, found as far as they are asked for."""

from __future__ import annotations

from _thread import allocate_lock
from collections.abc import Mapping
from itertools import islice

from tensorwire.near import NAMES_COMPARED, AbsentName

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import numpy as np

    from tensorwire.selection import Choice
    from tensorwire.tensor import Tensor

    #: What makes a Tensor. One of a model that can change also has ``is_current() -> bool``, one
    #: that gives elements without making a Tensor ``array() -> np.ndarray``.
    Make = Callable[[], Tensor]

__all__ = ["Tensors"]


class Tensors(Mapping[str, "Tensor"]):
    """``Mapping[str, Tensor]``. Names are kept once found; a Tensor is made anew on each access.

    A name looked up is searched for only up to where it is found; length and absence need all.
    Names of a model that was changed are found again: all of them for length and iteration, one
    that is looked up only if it is not where it was.
    Raises: ``KeyError`` naming near names; ``ValueError`` once the model is closed.
    Threads: any number may read.
    """

    __slots__ = ("_changed", "_entries", "_found", "_lock", "_rest")

    def __init__(
        self,
        entries: Callable[[], Iterable[tuple[str, Make]]],
        changed: Callable[[], bool] = lambda: False,
    ) -> None:
        """``entries`` gives all names from the first on, as often as it is called.

        ``changed`` tells whether they may have become others since the model was opened.
        """
        self._entries = entries
        self._changed = changed
        self._found: dict[str, Make] | None = {}
        self._rest: Iterator[tuple[str, Make]] | None = iter(entries())
        self._lock = allocate_lock()  # a generator must not be entered twice at a time

    def __getitem__(self, name: str) -> Tensor:
        make = self._find(name)
        if make is None:
            raise AbsentName("tensor", name, tuple(islice(self._all(), NAMES_COMPARED)))
        return make()

    def elements(self, name: str) -> np.ndarray:
        """The elements of one tensor, as its `numpy`, made in one step where the format can."""
        make = self._find(name)
        if make is None:
            return self[name].numpy()
        array: Callable[[], np.ndarray] | None = getattr(make, "array", None)
        return make().numpy() if array is None else array()

    def __contains__(self, name: object) -> bool:
        return self._find(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._all()))

    def __len__(self) -> int:
        return len(self._all())

    def select(self, choice: Choice | Iterable[Choice]) -> Tensors:
        """The tensors that ``choice``, or any of several, picks, in file order; none is no error.

        A str is a glob in which only ``*`` (any run of characters) and ``?`` (one) are special, so
        that a name without them picks itself; a compiled pattern picks the names it finds a match
        in; a function is given each Tensor.
        """
        from tensorwire.selection import matcher  # with `re`, 4 ms

        picks = matcher(choice)
        picked = [item for item in self._all().items() if picks(*item)]
        return Tensors(lambda: picked)

    def close(self) -> None:
        """Lets go of what the model holds; every later access raises ``ValueError``."""
        with self._lock:
            self._found = self._rest = None
            self._entries, self._changed = tuple, bool

    def __repr__(self) -> str:
        return "<Tensors of a closed model>" if self._found is None else f"<{len(self)} tensors>"

    def _known(self) -> dict[str, Make]:
        if self._found is None:
            raise ValueError("model is closed")
        return self._found

    def _find(self, name: object) -> Make | None:
        if not isinstance(name, str):
            return None
        make = self._known().get(name)
        if make is None and self._rest is not None:
            make = self._search(name)
        if not self._changed() or (make is not None and _is_current(make)):
            return make
        self._forget()
        return self._search(name)

    def _search(self, name: str) -> Make | None:
        """Goes on from the last name found."""
        with self._lock:
            known = self._known()
            if name not in known:  # another thread may have come by it meanwhile
                self._advance(until=name)
            return known.get(name)

    def _all(self) -> dict[str, Make]:
        self._known()
        if self._changed():
            self._forget()
        if self._rest is not None:
            with self._lock:
                self._known()
                self._advance()
        return self._known()

    def _forget(self) -> None:
        """The next search begins at the first name."""
        with self._lock:
            self._known()
            self._found, self._rest = {}, iter(self._entries())

    def _advance(self, until: object = None) -> None:
        """REQUIRES: the lock is held."""
        if self._rest is None:
            return
        known = self._known()
        try:
            for name, make in self._rest:
                known[name] = make
                if name == until:
                    return
        except BaseException:  # of interruption too, after which a generator seems at its end
            self._rest = iter(self._entries())
            raise
        self._rest = None


def _is_current(make: Make) -> bool:
    """Whether what it makes is still a tensor of the model, of the same name."""
    return bool(make.is_current())  # type: ignore[attr-defined]
