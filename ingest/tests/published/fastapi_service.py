"""fastapi-analytics in FastAPI, served by uvicorn."""

import time

import uvicorn
from api_analytics.fastapi import Analytics, Config
from fastapi import FastAPI

from ingest.tests.published.driving import KEY, PRIVACY_LEVEL, SERVER_URL, drive, serve_in_thread
from loghandler.tests.running import free_port

app = FastAPI()
config = Config(server_url=SERVER_URL, privacy_level=PRIVACY_LEVEL)
app.add_middleware(Analytics, api_key=KEY, config=config)


@app.get("/items/{item}")
async def item(item: int) -> dict[str, int]:
    return {"item": item}


@app.get("/users/update", status_code=201)
async def update() -> dict[str, int]:
    return {}


if __name__ == "__main__":
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    serving = serve_in_thread(server.run)
    while not server.started:
        time.sleep(0.01)
    drive(port)
    server.should_exit = True  # uvloop's thread may crash a process that ends around it
    serving.join(10)
