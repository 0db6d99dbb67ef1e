"""Services for monitors to watch: one that answers over TLS, and one that never does.

    .venv/bin/python -m benchmarks.watched FOLDER

Writes the certificate of their authority to FOLDER/authority.pem, and then prints their ports as
JSON: `{"healthy": …, "silent": …}`. Ends when it is told to.
"""

import asyncio
import json
import sys
from pathlib import Path

import trustme

from loghandler.tests.targets import answer, serving_tls, target


async def watched(folder: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    tls = serving_tls(authority, "127.0.0.1")
    for_ever = asyncio.Event()

    async def never(_: bytes, writer: asyncio.StreamWriter) -> None:
        await for_ever.wait()

    async with target(answer(), tls) as healthy, target(never) as silent:
        print(json.dumps({"healthy": healthy.port, "silent": silent.port}), flush=True)
        await for_ever.wait()


if __name__ == "__main__":
    asyncio.run(watched(Path(sys.argv[1])))
