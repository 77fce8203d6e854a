"""A line to RabbitMQ: one connection on which each message is confirmed, and no answer is waited for without end."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from amqp.exceptions import AMQPError, MessageNacked
from kombu.exceptions import KombuError
from kombu.messaging import Producer

if TYPE_CHECKING:
    from collections.abc import Callable

    from kombu.connection import Connection

SECONDS = 5.0  # for connecting, and for each answer of the broker, a confirm among them


class Blocked(Exception):
    """The broker takes no messages: an alarm of its memory or its disk is raised."""


TROUBLE = (OSError, KombuError, AMQPError, MessageNacked, Blocked)


class Line:
    """Sends through one connection, made when it is first needed and made anew when it is broken.

    RabbitMQ under an alarm (https://www.rabbitmq.com/docs/alarms, read 2026-11-22) keeps every connection and reads no
    more from those that publish: it confirms nothing, and does not even answer a goodbye. It tells so, and tells
    when it is over.
    """

    def __init__(self, connect: Callable[[], Connection], *, opened: Callable[[Connection], object]) -> None:
        self._connect = connect
        self._prepare = opened
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._driver: Any = None  # py-amqp's part of it, for which a broken `Connection` would make another
        self._blocked = False

    def send(self, publish: Callable[[Producer], object]) -> None:
        """Call `publish` with a producer; returns when the broker has confirmed what it sent.

        An old connection that proves to be broken is replaced once: `publish` is called again then. Raises one of
        TROUBLE where that does not help, Blocked at once where the broker takes no messages.
        """
        with self._lock:
            self._listen()
            used = self._connection is not None
            try:
                self._publish(publish)
            except TROUBLE:
                if self._connection is not None or not used:
                    raise
                self._publish(publish)

    def open(self) -> None:
        """Connect now, unless it is connected. Raises one of TROUBLE."""
        with self._lock:
            self._opened()

    def close(self) -> None:
        """Hang up."""
        with self._lock:
            self._drop()

    def _publish(self, publish: Callable[[Producer], object]) -> None:
        connection = self._opened()
        try:
            publish(Producer(connection))
        except TROUBLE:
            if not self._blocked:  # else it is kept, to hear when the alarm is over
                self._drop()
            raise

    def _opened(self) -> Connection:
        if self._connection is None:
            connection = self._connect()
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=SECONDS)
            self._connection = connection
            self._driver = driver = connection.connection
            driver.sock.settimeout(SECONDS)  # without it py-amqp would wait for ever
            driver.on_blocked, driver.on_unblocked = self._shut, self._free
            try:
                self._prepare(connection)
            except TROUBLE:
                self._drop()
                raise
        return self._connection

    def _listen(self) -> None:
        """Hear whether an alarm is over. Raises Blocked where it is not."""
        if not self._blocked:
            return
        try:
            while self._blocked:
                self._driver.drain_events(timeout=0)
        except TimeoutError:  # nothing more was said
            raise Blocked from None
        except TROUBLE:  # it was restarted
            pass
        self._drop()  # here, late confirms of what was sent into the alarm would be taken for those of later messages

    def _shut(self, _reason: str) -> None:
        self._blocked = True
        raise Blocked  # through py-amqp to whoever waits for a confirm

    def _free(self) -> None:
        self._blocked = False

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        driver, self._driver = self._driver, None
        self._blocked = False
        if driver is not None:
            driver.collect()  # without a goodbye, which a broker in trouble would not answer
        if connection is not None:
            with suppress(*TROUBLE):
                connection.release()
