"""Mail to a list: one message, one SMTP transaction."""

from promo_connectors.email.connector import EmailConnector
from promo_connectors.email.settings import EmailSettings

__all__ = ["EmailConnector", "EmailSettings"]
