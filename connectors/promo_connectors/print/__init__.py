"""Print jobs: finished pictures and a job ticket, handed over to a person."""

from promo_connectors.print.connector import PrintConnector

__all__ = ["PrintConnector"]
