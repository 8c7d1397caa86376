"""uWebSockets through socketify: uwebsockets.py <port> [<key file> <certificate file>].

Every WebSocket follows one topic. The body of a POST is published to it as one text message, by uWebSockets itself.
"""

import sys

from socketify import App, AppListenOptions, AppOptions, CompressOptions, OpCode

TOPIC = "flash"
files = sys.argv[2:]
app = App(AppOptions(key_file_name=files[0], cert_file_name=files[1]) if files else None)
app.ws(
    "/*",
    {
        "compression": CompressOptions.DISABLED,
        "max_payload_length": 64 * 1024,
        # A reader that has less than a burst outstanding loses nothing of it.
        "max_backpressure": 1024 * 1024,
        "idle_timeout": 120,
        "open": lambda ws: ws.subscribe(TOPIC),
    },
)


def publish(res, _req):
    parts = []

    def take(res, chunk, is_end):
        parts.append(bytes(chunk))
        if is_end:
            app.publish(TOPIC, b"".join(parts).decode(), OpCode.TEXT)
            res.end("")

    res.on_aborted(lambda _res: None)
    res.on_data(take)


app.post("/", publish)
app.listen(AppListenOptions(port=int(sys.argv[1]), host="127.0.0.1"), lambda _config: None)
# Not app.run(), which turns the loop of asyncio and this one by turns, also while nothing happens: nothing here is asynchronous.
app.loop.uv_loop.run()
