"""Tasks by mail to the people in charge, closed by a proof."""

from promo_connectors.task.connector import TaskConnector
from promo_connectors.task.settings import TaskSettings

__all__ = ["TaskConnector", "TaskSettings"]
