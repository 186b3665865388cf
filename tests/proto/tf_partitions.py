"""Rows of rows in plain Python, and random partitions, right and wrong."""

from itertools import accumulate, pairwise

KINDS = ("RowSplits", "RowLengths", "RowStarts", "RowLimits", "ValueRowIds")


def rows_of(kind: str, numbers: list[int], items: list) -> list[list]:
    """The items of one record as rows. Raises: ``ValueError`` where the numbers do not fit them."""
    if kind == "ValueRowIds":
        if len(numbers) != len(items) or numbers != sorted(numbers) or min(numbers, default=0) < 0:
            raise ValueError(kind)
        count = max(numbers, default=-1) + 1
        if count > 2**26:  # which is refused
            raise ValueError(kind)
        return [
            [item for item, row in zip(items, numbers, strict=True) if row == i]
            for i in range(count)
        ]
    splits = splits_of(kind, numbers, len(items))
    if splits[0] != 0 or splits[-1] != len(items) or splits != sorted(splits):
        raise ValueError(kind)
    return [items[i:j] for i, j in pairwise(splits)]


def splits_of(kind: str, numbers: list[int], count: int) -> list[int]:
    if kind == "RowLengths":
        return list(accumulate(numbers, initial=0))
    if kind == "RowLimits":
        return [0, *numbers]
    if not numbers:
        return [0]
    return numbers if kind == "RowSplits" else [*numbers, count]


def uniform(length: int, items: list) -> list[list]:
    if len(items) % length:
        raise ValueError(length)
    return [items[i : i + length] for i in range(0, len(items), length)]


def random_numbers(rng, kind: str, count: int) -> tuple[list[int], int]:
    """Numbers that separate so many items into rows, and how many rows those are."""
    rows = rng.randrange(1, 4) if count else rng.randrange(3)
    if not count and kind == "ValueRowIds":
        return [], 0
    cuts = [0, *sorted(rng.randrange(count + 1) for _ in range(rows - 1)), count]
    if not rows:
        return [], 0
    if kind == "ValueRowIds":
        numbers = sorted(rng.randrange(4) for _ in range(count))
        return numbers, numbers[-1] + 1
    if kind == "RowLengths":
        return [j - i for i, j in pairwise(cuts)], rows
    return {"RowSplits": cuts, "RowStarts": cuts[:-1], "RowLimits": cuts[1:]}[kind], rows


def spoiled(rng, numbers: list[int]) -> list[int]:
    """The numbers with something wrong, perhaps."""
    numbers = list(numbers)
    way = rng.randrange(3)
    if way == 0 or not numbers:
        numbers.insert(rng.randrange(len(numbers) + 1), rng.choice((0, 1, 2, -1, 2**62, -(2**63))))
    elif way == 1:
        numbers[rng.randrange(len(numbers))] += rng.choice((-1, 1, 2**63 - 1 - max(numbers)))
    else:
        numbers.pop(rng.randrange(len(numbers)))
    return [max(-(2**63), min(number, 2**63 - 1)) for number in numbers]
