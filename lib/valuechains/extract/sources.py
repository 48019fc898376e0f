from .ledger import Ledger  # noqa: F401  (old path)
from .sidecar import *  # noqa: F403
