"""Old paths, until nobody imports them; formats are in :mod:`valuechains.extract.registry`."""


def __getattr__(name: str) -> object:
    if name not in ("FORMATS", "known"):
        raise AttributeError(name)
    from .. import registry

    return getattr(registry, name)
