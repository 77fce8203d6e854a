"""Deliveries as events in a calendar: ICS files, or a CalDAV server."""

from promo_connectors.calendar.connector import CalendarConnector

__all__ = ["CalendarConnector"]
