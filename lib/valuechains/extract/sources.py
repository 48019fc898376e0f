from .ledger import Ledger  # noqa: F401  (until nobody imports this path)
from .sidecar import *  # noqa: F403
