NAMES: tuple[str | None, ...]
