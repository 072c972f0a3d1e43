"""A broker that says its secrets wherever it can say anything: in answers, in exceptions and in logs."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Iterable, Sequence
from typing import ClassVar
from urllib.parse import quote

from attrs import evolve, frozen

from live_broker import CAPABILITIES, LiveBroker
from rebalkit.errors import BrokerError
from rebalkit.model import AccountSnapshot, OrderPreview, OrderRequest, PlaceResult, Refused, Unknown
from rebalkit.plugin import BrokerRecord, hookimpl
from rebalkit.secrets import Secret, resolve
from rebalkit_paper import PaperSettings

__all__ = [
    "CANARIES", "CanaryBroker", "CanarySettings", "forms", "rebalkit_after_plan", "rebalkit_before_order", "rebalkit_brokers",
    "rebalkit_order_event",
]  # fmt: skip

CANARIES = {
    "consumer_key": "canary-ck-51f0c9",
    "consumer_secret": "canary/cs+7d&e1<2>",
    "access_token": "canary=at='9b\"04'",
    "access_token_secret": "canary ats 33aa",
    "account_key": "904412345678",
    "keyring_password": "canary-kr-8812",
    "file_password": "canary-fi-00ff",
    "proxy_key": "https://me:canary-pw-62@proxy.example:8080/",
}

LOGGERS = (
    "some.plugin",
    "requests_oauthlib.oauth1_auth",
    "oauthlib.oauth1.rfc5849",
    "urllib3.connectionpool",
    "rebalkit.anything",
)


def forms(value: str) -> set[str]:
    """How ``value`` would look wherever it came out."""
    return {value, quote(value, safe=""), b64encode(value.encode()).decode()}


@frozen
class CanarySettings:
    """A reference for each canary."""

    book: str
    consumer_key: str
    consumer_secret: str
    access_token: str
    access_token_secret: str
    account_key: str
    keyring_password: str
    file_password: str
    proxy_key: str


class CanaryBroker(LiveBroker):
    """Misbehaves in one ``way``."""

    way: ClassVar[str] = ""
    newest: ClassVar[CanaryBroker]

    def __init__(self, settings: CanarySettings) -> None:
        super().__init__(PaperSettings(settings.book))
        self.settings = settings
        self.secrets: dict[str, Secret] = {name: resolve(getattr(settings, name)) for name in CANARIES}
        CanaryBroker.newest = self

    def say(self) -> str:
        """All secrets in all their forms, after logging them."""
        text = " ".join(form for secret in self.secrets.values() for form in forms(secret.reveal()))
        for name in LOGGERS:
            logging.getLogger(name).debug("sent %s", text)
            logging.getLogger(name).warning({"Authorization": text, "secrets": self.secrets})
        return text

    def fail(self, where: str) -> None:
        text = self.say()
        if self.way == f"{where} fails":
            raise BrokerError(f"no answer to {text}", code="refused_read", remedy=f"See {text}.")
        if self.way == f"{where} breaks":
            hidden = self.secrets["consumer_secret"].reveal()
            raise RuntimeError(f"{hidden} {text}")

    def snapshot(self, account: str) -> AccountSnapshot:
        self.fail("snapshot")
        return super().snapshot(account)

    def notes(self) -> Sequence[str]:
        return [*super().notes(), f"read with {self.say()}"]

    def preview(self, account: str, request: OrderRequest) -> OrderPreview:
        self.fail("preview")
        return evolve(super().preview(account, request), warnings=(f"previewed with {self.say()}",))

    def place(self, account: str, preview: OrderPreview) -> PlaceResult:
        self.fail("place")
        answer = {"refuses": Refused(self.say(), self.say()), "loses": Unknown(self.say())}.get(self.way)
        return answer or super().place(account, preview)


@hookimpl
def rebalkit_after_plan() -> None:
    CanaryBroker.newest.fail("check")


@hookimpl
def rebalkit_before_order() -> str | None:
    CanaryBroker.newest.fail("decider")
    return CanaryBroker.newest.say() if CanaryBroker.way == "vetoes" else None


@hookimpl
def rebalkit_order_event() -> None:
    CanaryBroker.newest.fail("observer")


@hookimpl
def rebalkit_brokers() -> Iterable[BrokerRecord]:
    return [
        BrokerRecord(
            "canary", "Says its secrets", factory=CanaryBroker, settings=lambda: CanarySettings, capabilities=CAPABILITIES
        )
    ]
