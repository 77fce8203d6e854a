"""Deliveries posted as signed JSON to any web address."""

from promo_connectors.webhook.connector import WebhookConnector
from promo_connectors.webhook.signature import SignatureWrong, sign, verify

__all__ = ["SignatureWrong", "WebhookConnector", "sign", "verify"]
