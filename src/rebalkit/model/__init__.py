"""The nouns of the field as frozen values. They hold no behaviour beyond what follows from their own fields."""

from rebalkit.model.accounts import AccountKind, AccountRef, AccountSnapshot, Cash
from rebalkit.model.exported import ExportedLot, ExportedPortfolio, ExportedPosition
from rebalkit.model.findings import Finding, Limits, Severity
from rebalkit.model.history import Action, HistoryRows, OpenSplit, Transaction
from rebalkit.model.identity import IdentityGroups
from rebalkit.model.lots import Lot, LotSale
from rebalkit.model.orders import (
    OpenOrder,
    OrderPreview,
    OrderRequest,
    OrderState,
    OrderStatus,
    Placed,
    PlaceResult,
    Refused,
    Side,
    Unknown,
)
from rebalkit.model.plans import CashSummary, ClassPlan, NotTraded, Order, Plan, Reason, TaxSummary
from rebalkit.model.policy import HoldingMethod, OlderReplacement, WashPolicy
from rebalkit.model.promises import Promise
from rebalkit.model.reports import Execution, ExecutionEnd, JournalMark, OrderResult, Report
from rebalkit.model.securities import Quote, check_symbol, is_ticker
from rebalkit.model.snapshots import Snapshot, VenueRules
from rebalkit.model.targets import AssetClass, Targets

__all__ = [
    "AccountKind",
    "AccountRef",
    "AccountSnapshot",
    "Action",
    "AssetClass",
    "Cash",
    "CashSummary",
    "ClassPlan",
    "Execution",
    "ExecutionEnd",
    "ExportedLot",
    "ExportedPortfolio",
    "ExportedPosition",
    "Finding",
    "HistoryRows",
    "HoldingMethod",
    "IdentityGroups",
    "JournalMark",
    "Limits",
    "Lot",
    "LotSale",
    "NotTraded",
    "OlderReplacement",
    "OpenOrder",
    "OpenSplit",
    "Order",
    "OrderPreview",
    "OrderRequest",
    "OrderResult",
    "OrderState",
    "OrderStatus",
    "PlaceResult",
    "Placed",
    "Plan",
    "Promise",
    "Quote",
    "Reason",
    "Refused",
    "Report",
    "Severity",
    "Side",
    "Snapshot",
    "Targets",
    "TaxSummary",
    "Transaction",
    "Unknown",
    "VenueRules",
    "WashPolicy",
    "check_symbol",
    "is_ticker",
]
