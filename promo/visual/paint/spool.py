"""Large photos set aside on disk: a poster's page is made only after its photo's decoded file has left the memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator

from PIL import Image


class Spool:
    """The bands of one photo in a file without a name. Raises OSError on a full disk."""

    def __init__(self, enlarged: float, bands: Iterable[tuple[int, Image.Image]]) -> None:
        self.enlarged = enlarged
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - read as long as the picture is painted
        self._bands: list[tuple[int, tuple[int, int]]] = []
        for top, band in bands:
            self._file.write(band.tobytes())
            self._bands.append((top, band.size))

    def __iter__(self) -> Iterator[tuple[int, Image.Image]]:
        """Yield each band, in RGB, with the row it begins at."""
        self._file.seek(0)
        for top, (width, height) in self._bands:
            yield top, Image.frombytes("RGB", (width, height), self._file.read(width * height * 3))

    def close(self) -> None:
        """Forget the photo."""
        self._file.close()
