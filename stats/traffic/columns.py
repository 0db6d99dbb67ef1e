"""The columns that blocks hold. Pure.

Values that mostly occur together are one column: what a user agent tells, what a service tells of
itself. It takes a number instead of three or four, and is counted at once.
"""

# Columns of numbers: milliseconds within the minute, and bytes.
NUMBERS = ("millisecond", "request_bytes", "response_bytes")
# Columns of values that occur again and again, by the columns of requests that each holds.
GROUPS = {
    "status": ("status",),
    "bucket": ("bucket",),
    "endpoint": ("method", "route", "version"),
    "agent": ("client", "system", "device"),
    "service": ("hostname", "release", "environment", "framework"),
    "country": ("country",),
    "referrer": ("referrer",),
    "user": ("user",),
}
GROUP_OF = {column: group for group, columns in GROUPS.items() for column in columns}
# Each under the number by which it is stored; the first one tells of minutes, not of requests.
MINUTE_ENDS = "minute_ends"
STORED = {name: number for number, name in enumerate((MINUTE_ENDS, *NUMBERS, *GROUPS))}
NAMES = {number: name for name, number in STORED.items()}
ALL = (*NUMBERS, *GROUPS)
# What is read of a request for a block, after its moment.
OF_ROWS = ("request_bytes", "response_bytes", *GROUP_OF)
