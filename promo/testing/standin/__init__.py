"""A stand-in channel: a file that behaves like a social network, faults included, and its connector.

channel = StandInChannel(tmp_path / "network.db")
channel.fail(Fault.LOST_ANSWER)
...publish through StandInConnector, in this process or another...
assert len(channel.posts(key)) == 1
"""

from promo.testing.standin.channel import Busy, Post, StandInChannel
from promo.testing.standin.connector import StandInConnector, StandInSettings

__all__ = ["Busy", "Post", "StandInChannel", "StandInConnector", "StandInSettings"]
