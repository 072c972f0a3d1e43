"""What looks like a credential, in texts of others that may quote one which this process does not know."""

from __future__ import annotations

import re

from rebalkit.secrets.concealing import HIDDEN, without_secrets

__all__ = ["without_credentials"]

_PATTERNS = (
    # A header with its scheme and everything that follows on its line: OAuth 1 has its tokens there, Basic the password.
    re.compile(r"(?i)(\b(?:proxy-)?authorization\b[\"']?\s*[:=,]\s*)[^\r\n]+"),
    re.compile(r"(?i)(\b(?:set-)?cookie\b[\"']?\s*:\s*)[^\r\n]+"),
    # In a query, a form, a header of OAuth, a dict or a JSON document.
    re.compile(
        r"(?i)(\b(?:oauth_(?:token|token_secret|verifier|consumer_key|signature|nonce)|(?:access|refresh)_token|client_secret"
        r"|api_?key|passw(?:or)?d|passphrase)\b[\"']?\s*(?:=|:|%3D)\s*[\"']?)[^\s\"'&,;)}\]]+"
    ),
    # The password of an address.
    re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s/@]+(?=@)"),
)


def without_credentials(text: str) -> str:
    """``text`` without the secrets that this process has held, and without what looks like one."""
    text = without_secrets(text)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\1{HIDDEN}", text)
    return text
