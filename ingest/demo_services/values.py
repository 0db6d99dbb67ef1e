"""What varies from one logged line to the next. Pure, and the same for the same `Random`."""

import re
from collections.abc import Callable
from datetime import datetime
from random import Random

_HOLE = re.compile("«([a-z_]+)»")


def _list(text: str) -> list[str]:
    return text.split(", ")


_GIVEN_NAMES = _list("anna, ben, carla, david, elena, finn, greta, hugo, ines, jonas, klara, luca")
_FAMILY_NAMES = _list("bauer, costa, dubois, fischer, garcia, hansen, jansen, keller, kowalski")
_SKUS = _list("LMP-2210, LMP-2254, CHR-0418, CHR-0420, TBL-1107, RUG-3302, SHF-0915, DSK-1400")
_QUERIES = _list("floor lamp, oak table, desk chair, wool rug, shelf 80 cm, mirror, bed side table")
_RARE_QUERIES = _list("desk heigth adjustable, tabel oak 240, outdoor rug 3x4 m, lamp linnen e27")
_HOOKS = _list("hooks.brightlane.example, api.fernandmoss.example, orders.kitecraft.example")
_PROBED = _list("/wp-login.php, /.env, /favicon-32x32.png, /apple-touch-icon-120x120.png")
_COUNTRIES = {
    "eu-central-1": _list("DE, AT, PL, CH"),
    "eu-west-1": _list("FR, ES, NL, IE"),
    "us-east-1": _list("US, CA"),
}
# What a fault has in common for all who meet it.
_SHARED = ("region", "carrier", "acquirer", "hook", "index", "shard", "scanner")


class Values(dict[str, str]):
    """The values of one scene, drawn when first asked for: its lines agree with each other."""

    def __init__(self, random: Random, moment: datetime) -> None:
        super().__init__()
        self.random = random
        self.moment = moment

    def __missing__(self, name: str) -> str:
        value = self[name] = _DRAWN[name](self)
        return value

    def of_another(self, moment: datetime) -> "Values":
        """Values of somebody who meets the same fault a little later."""
        other = Values(self.random, moment)
        other.update({name: self[name] for name in _SHARED if name in self})
        return other

    def fill(self, text: str) -> str:
        return _HOLE.sub(lambda hole: self[hole[1]], text)

    def one_of(self, *choices: str) -> str:
        return self.random.choice(choices)

    def digits(self, low: int, high: int) -> str:
        return str(self.random.randint(low, high))

    def hex(self, digits: int) -> str:
        return f"{self.random.getrandbits(4 * digits):0{digits}x}"

    def skewed(self, typical: float, spread: float) -> str:
        """A duration or size: mostly near the typical one, now and then far above it."""
        return str(round(self.random.lognormvariate(0, spread) * typical))

    def rising(self, seconds: int) -> int:
        """A number that rises by one in so many seconds."""
        return int(self.moment.timestamp()) // seconds


def _email(values: Values) -> str:
    number = int(values["customer"])
    given = _GIVEN_NAMES[number % len(_GIVEN_NAMES)]
    return f"{given}.{_FAMILY_NAMES[number % len(_FAMILY_NAMES)]}@example.com"


def _uuid(values: Values) -> str:
    digits = values.hex(32)
    parts = (digits[:8], digits[8:12], f"4{digits[13:16]}", f"a{digits[17:20]}", digits[20:])
    return "-".join(parts)


_DRAWN: dict[str, Callable[[Values], str]] = {
    # Who and where
    "region": lambda v: v.random.choices(list(_COUNTRIES), (5, 3, 2))[0],
    "country": lambda v: v.one_of(*_COUNTRIES[v["region"]]),
    "tier": lambda v: v.random.choices(("standard", "plus", "business"), (6, 3, 1))[0],
    "customer": lambda v: str(10_400 + min(v.random.randrange(400), v.random.randrange(400))),
    "email": _email,
    "ip": lambda v: f"203.0.113.{10 + int(v['customer']) % 240}",
    "scanner": lambda v: f"198.51.100.{v.digits(2, 60)}",
    "request": lambda v: v.hex(16),
    "trace": lambda v: v.hex(32),
    "uuid": _uuid,
    # What is bought
    "order": lambda v: str(100_000 + v.rising(20) % 900_000),
    "sku": lambda v: v.one_of(*_SKUS),
    "quantity": lambda v: v.random.choices("1234", (8, 3, 1, 1))[0],
    "left": lambda v: v.digits(1, 4),
    "amount": lambda v: f"{v.random.randint(12, 480)}.{v.one_of('00', '50', '90', '95')}",
    "cents": lambda v: v["amount"].replace(".", ""),
    "currency": lambda v: "USD" if v["region"].startswith("us") else "EUR",
    "coupon": lambda v: v.one_of("WELCOME10", "AUTUMN15", "FREESHIP", "BUSINESS5"),
    "carrier": lambda v: v.one_of("northpost", "parcelo", "swiftline"),
    # What is paid
    "payment": lambda v: f"pi_{v.hex(20)}",
    "refund": lambda v: f"re_{v.hex(16)}",
    "delivery": lambda v: f"whd_{v.hex(12)}",
    "acquirer": lambda v: v.random.choices(("northbank", "westpay", "unicard"), (6, 3, 1))[0],
    "brand": lambda v: v.random.choices(("visa", "mastercard", "amex"), (5, 4, 1))[0],
    "decline": lambda v: v.one_of("insufficient_funds", "do_not_honor", "expired_card"),
    "score": lambda v: v.digits(71, 94),
    "hook": lambda v: v.one_of(*_HOOKS),
    "attempt": lambda v: v.digits(1, 4),
    # What is searched
    "query": lambda v: v.one_of(*_QUERIES),
    "rare_query": lambda v: v.one_of(*_RARE_QUERIES),
    "hits": lambda v: v.skewed(40, 1.1),
    "index": lambda v: v.one_of("products-v42", "products-v42", "articles-v9"),
    "shard": lambda v: v.digits(0, 5),
    "documents": lambda v: v.digits(180, 500),
    "document": lambda v: v.digits(310_000, 329_999),
    "offset": lambda v: str(48_000_000 + v.rising(9) % 10_000_000),
    "lag": lambda v: v.digits(5_000, 42_000),
    # How long, how much
    "ms": lambda v: v.skewed(45, 0.6),
    "delay_ms": lambda v: v.digits(15, 900),
    "slow_ms": lambda v: str(1_000 + int(v.skewed(600, 0.7))),
    "pause_ms": lambda v: v.digits(210, 890),
    "kilobytes": lambda v: v.digits(70, 240),
    "percent": lambda v: v.digits(81, 93),
    "few": lambda v: v.digits(2, 9),
    "many": lambda v: v.digits(900, 2_600),
    "pid": lambda v: v.digits(20, 4_000),
    "path": lambda v: v.one_of(*_PROBED),
    "seconds": lambda v: f"{v.random.uniform(0.08, 1.9):.3f}",
    "day": lambda v: f"{v.moment:%Y-%m-%d}",
    "address": lambda v: v.hex(9),
}
