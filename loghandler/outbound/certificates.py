"""Until when a certificate is valid, also where it is not trusted."""

from datetime import UTC, datetime

# "99991231235959Z" stands for no end (RFC 5280, 4.1.2.5): told a day sooner, for in time zones east
# of Greenwich it is of a year that Python has not.
_NO_END = datetime(9999, 12, 30, tzinfo=UTC)
_UTC_TIME, _VERSION = 0x17, 0xA0  # tags of ASN.1 (ITU-T X.690)


def valid_until(der: bytes) -> datetime:
    """The end of an X.509 certificate's validity (RFC 5280, 4.1). Raises ValueError for none.

    Python tells it of trusted certificates alone.
    """
    try:
        _, certificate, _ = _element(der)
        _, signed, _ = _element(certificate)
        tag, _, rest = _element(signed)
        if tag == _VERSION:
            _, _, rest = _element(rest)  # the serial number
        for _ in ("signature", "issuer"):
            _, _, rest = _element(rest)
        _, validity, _ = _element(rest)
        _, _, rest = _element(validity)
        tag, end, _ = _element(rest)
    except IndexError as error:
        raise ValueError("no certificate") from error
    text = end.decode("ascii")
    if tag == _UTC_TIME:  # two digits of the year: 50 and later are of the last century
        text = ("19" if text >= "5" else "20") + text
    return min(datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC), _NO_END)


def _element(data: bytes) -> tuple[int, bytes, bytes]:
    """The first element's tag and contents, and what follows it."""
    tag, length, start = data[0], data[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[2:start], "big")
    return tag, data[start : start + length], data[start + length :]
