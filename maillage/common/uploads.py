"""What is sent to the site is written to the disk up to a limit only, whatever its size."""

from typing import Final

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler

#: A « Mo » as computers show it, so that a file shown as 10 Mo is not said to be too big.
MEGABYTE: Final = 1024 * 1024


def largest_upload() -> int:
    """Largest file that is accepted, in bytes (``MAILLAGE["UPLOAD_MAX_MB"]``)."""
    return int(settings.MAILLAGE["UPLOAD_MAX_MB"]) * MEGABYTE


class BoundedFileUploadHandler(TemporaryFileUploadHandler):
    """Keeps a file in a temporary one, and stops writing past the largest size accepted.

    The rest is read and thrown away, so that the form comes whole: the page is given the file with
    its true size, and refuses it while keeping all that was typed.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write what is below the limit."""
        room = largest_upload() - start
        if room > 0:
            super().receive_data_chunk(raw_data[:room], start)
