"""Takes what clients send; whoever asks is told how many: python -m benchmarks.sink PORT."""

import gzip
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import brotli

INFLATED = {"gzip": gzip.decompress, "br": brotli.decompress}
TOLD = {"event", "transaction"}  # items of Sentry's envelopes that are counted


class Sink(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer is one packet: the second of two waits for 40 ms
    told = 0

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        body = INFLATED.get(self.headers["Content-Encoding"] or "", bytes)(body)
        Sink.told += of_envelope(body) if "envelope" in self.path else len(json.loads(body))
        self.answer(b"{}")

    def do_GET(self) -> None:
        self.answer(json.dumps(Sink.told).encode())

    def answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def of_envelope(body: bytes) -> int:
    """A line of headers, then of each item its own header and its payload."""
    count, rest = 0, body.partition(b"\n")[2]
    while rest:
        header, _, rest = rest.partition(b"\n")
        described = json.loads(header)
        count += described["type"] in TOLD
        rest = rest[described["length"] + 1 :]
    return count


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Sink).serve_forever()
