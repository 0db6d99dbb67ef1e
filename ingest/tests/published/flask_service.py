"""api-analytics in Flask."""

from api_analytics.flask import Config, add_middleware
from flask import Flask
from werkzeug.serving import make_server

from ingest.tests.published.driving import KEY, PRIVACY_LEVEL, SERVER_URL, drive, serve_in_thread

app = Flask(__name__)
add_middleware(app, KEY, Config(server_url=SERVER_URL, privacy_level=PRIVACY_LEVEL))


@app.get("/items/<int:item>")
def item(item: int) -> dict[str, int]:
    return {"item": item}


@app.get("/users/update")
def update() -> tuple[dict[str, int], int]:
    return {}, 201


if __name__ == "__main__":
    server = make_server("127.0.0.1", 0, app)
    serve_in_thread(server.serve_forever)
    drive(server.server_port)
