"""The window of the wash-sale rule: 30 calendar days before and after a sale, 61 with its own day (26 USC 1091(a); Reg. 1.1091-1(a)).

Trade dates count, never settlement dates (Rev. Rul. 66-97, 70-598); weekends and holidays do not move it.
"""

from __future__ import annotations

import datetime as dt

from rebalkit.model.policy import WINDOW

__all__ = ["FREE_AFTER", "WINDOW"]

FREE_AFTER = WINDOW + dt.timedelta(days=1)
"""The first day that does not count any more."""
