"""An order log made into one row per customer."""

from ilk.orders.aggregate import CUSTOMER_FEATURES, CustomerTable, aggregate_orders

__all__ = ["CUSTOMER_FEATURES", "CustomerTable", "aggregate_orders"]
