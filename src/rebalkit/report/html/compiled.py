"""Compiled templates kept beside the templates, as Python keeps compiled modules: compiling costs more than rendering a page."""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
import tempfile
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket, BytecodeCache

__all__ = ["CompiledTemplates"]


class CompiledTemplates(BytecodeCache):
    """A cache in the ``__pycache__`` of a package: trusted as far as the package itself, and silently absent where it cannot be written.

    Jinja's own cache of files is not used, for it reads its files with pickle.
    """

    def __init__(self, package: Path) -> None:
        self._folder = package / "__pycache__"

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take the code from the file, unless the template, jinja2 or Python has changed since."""
        try:
            content = self._file(bucket).read_bytes()
            mark = _mark(bucket)
            if content.startswith(mark):
                bucket.code = marshal.loads(content[len(mark) :])  # noqa: S302 - a file of the installed package, like its .pyc files
        except (OSError, EOFError, ValueError, TypeError):
            return

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write the code whole or not at all."""
        if sys.dont_write_bytecode or bucket.code is None:
            return
        try:
            self._folder.mkdir(exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self._folder)
            with os.fdopen(handle, "wb") as file:
                file.write(_mark(bucket) + marshal.dumps(bucket.code))
            Path(temporary).replace(self._file(bucket))
        except OSError:
            return

    def _file(self, bucket: Bucket) -> Path:
        return self._folder / f"template-{bucket.key}.{sys.implementation.cache_tag}"


def _mark(bucket: Bucket) -> bytes:
    return hashlib.sha256(MAGIC_NUMBER + f"{jinja2.__version__} {bucket.checksum}".encode()).digest()
