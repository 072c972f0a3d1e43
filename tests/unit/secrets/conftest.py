"""Each test begins without secrets, and logs as if it were alone."""

from concealed import nothing_concealed

__all__ = ["nothing_concealed"]
