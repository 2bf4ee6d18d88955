"""An order log made into one row per customer."""

from ilk.orders.aggregate import FEATURES, CustomerTable, customers

__all__ = ["FEATURES", "CustomerTable", "customers"]
