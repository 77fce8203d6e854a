"""Deliveries as folders on this machine, for people who post by hand and for trying things out."""

from promo_connectors.folder.connector import FolderConnector

__all__ = ["FolderConnector"]
