"""Files that were sent, to be fetched by their id."""

import itertools
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.botapi.errors import bad

LARGEST_DOWNLOAD = 20 << 20


@dataclass(frozen=True)
class File:
    """A file, and what a message says of it: file_id, file_size, file_name, mime_type, width, …"""

    data: bytes
    path: str
    about: dict[str, Any]


@dataclass
class Files:
    """A bot's files, by id."""

    by_id: dict[str, File] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def keep(self, data: bytes, folder: str, name: str, **about: Any) -> dict[str, Any]:
        """Keep a file; what a message says of it."""
        number = next(self.numbers)
        told = {"file_id": f"file-{number}", "file_unique_id": f"unique-{number}", "file_size": len(data), **about}
        suffix = name.rpartition(".")[2]
        self.by_id[told["file_id"]] = File(data, f"{folder}/file_{number}.{suffix}", told)
        return told

    def keep_document(self, data: bytes, name: str) -> dict[str, Any]:
        """Keep a document; what a message says of it."""
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return self.keep(data, "documents", name, file_name=name, mime_type=kind)

    def keep_photo(self, data: bytes) -> list[dict[str, Any]]:
        """Keep a photo; its sizes."""
        return [self.keep(data, "photos", "photo.jpg", width=640, height=480)]

    def find(self, file_id: str) -> File:
        """The file of that id, or a refusal."""
        if (file := self.by_id.get(file_id)) is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        return file

    def described(self, file_id: str) -> dict[str, Any]:
        """What getFile tells of a file of up to 20 MB."""
        file = self.find(file_id)
        if len(file.data) > LARGEST_DOWNLOAD:
            raise bad("file is too big")
        keys = ("file_id", "file_unique_id", "file_size")
        return {key: file.about[key] for key in keys} | {"file_path": file.path}

    def at(self, path: str) -> File | None:
        """The file with that path."""
        return next((file for file in self.by_id.values() if file.path == path), None)
