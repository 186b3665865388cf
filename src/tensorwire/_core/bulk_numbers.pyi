DTYPES: dict[int, str]
