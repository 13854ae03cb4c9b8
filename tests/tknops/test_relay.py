"""The relay: usage is answered here, all else by a real server behind a socket."""

import socketserver
import threading
from http import HTTPStatus
from io import BytesIO
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler

import pytest

from tknops.relay import Relay
from usage.api.unhandled import refused


def inner(environ, start_response):
    start_response("200 OK", [("X-By", "inner")])
    return [b"answered here"]


def behind(environ, start_response):
    """Say what came."""
    if environ["PATH_INFO"] == "/waits":
        behind.came.set()
        behind.go.wait(10)
    start_response(
        "201 Created",
        [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Path", environ["PATH_INFO"]),
         ("X-Query", environ["QUERY_STRING"]), ("X-Host", environ["HTTP_HOST"]),
         ("X-Cookie", environ.get("HTTP_COOKIE", "")), ("X-Type", environ["CONTENT_TYPE"]),
         ("X-Proxy", environ.get("HTTP_PROXY", "none"))],
    )  # fmt: skip
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return [environ["REQUEST_METHOD"].encode(), b" ", body]


class Handler(WSGIRequestHandler):
    def address_string(self):
        return "socket"

    def log_message(self, *_):
        pass

    def handle(self):
        self.raw_requestline = self.rfile.readline(65537)
        if self.parse_request():
            self.client_address = ("socket", 0)
            environ = self.get_environ()
            handler = ServerHandler(self.rfile, self.wfile, BytesIO(), environ, multithread=True)
            handler.request_handler = self
            if environ["PATH_INFO"] != "/ends":
                handler.run(behind)


@pytest.fixture
def address(tmp_path):
    behind.came, behind.go = threading.Event(), threading.Event()

    class Server(socketserver.ThreadingUnixStreamServer):
        base_environ = {}
        server_name, server_port = "socket", 0
        daemon_threads = True

    with Server(str(tmp_path / "s"), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield str(tmp_path / "s")
        behind.go.set()
        server.shutdown()


def ask(relay, path, *, method="GET", body=b"", query="", **more):
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query,
        "HTTP_HOST": "books.example", "CONTENT_TYPE": "text/csv",
        "wsgi.input": BytesIO(body), **more,
    }  # fmt: skip
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    said = []
    answer = relay(environ, lambda status, headers: said.append((status, headers)))
    content = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    status, headers = said[0]
    return int(status.split()[0]), headers, content


def test_a_request_and_its_answer_pass_unchanged(address, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example")  # granian's environ holds it
    relay = Relay(inner, address, 1, refused)
    sent = "é/a b".encode().decode("latin-1")  # as WSGI says a path
    for _ in range(3):  # the slot is given back
        status, headers, content = ask(
            relay, f"/admin/{sent}", method="POST", body=b"1,2\n" * 50_000, query="x=%20y&z",
            HTTP_COOKIE="s=1", HTTP_CONNECTION="keep-alive", HTTP_PROXY="http://proxy.example",
        )  # fmt: skip
        assert (status, content) == (201, b"POST " + b"1,2\n" * 50_000)
    said = {name: value for name, value in headers if name.startswith("X-")}
    assert said == {
        "X-Path": f"/admin/{sent}", "X-Query": "x=%20y&z", "X-Host": "books.example",
        "X-Cookie": "s=1", "X-Type": "text/csv", "X-Proxy": "none",
    }  # fmt: skip
    assert [value for name, value in headers if name == "Set-Cookie"] == ["a=1", "b=2"]


def test_a_question_for_headers_has_no_body(address):
    status, _, content = ask(Relay(inner, address, 1, refused), "/admin/", method="HEAD")
    assert (status, content) == (201, b"")


@pytest.mark.parametrize("path", ["/api/v1/events", "/v1/traces", "/health/live", "/metrics"])
def test_usage_and_health_are_answered_here(address, path):
    assert ask(Relay(inner, address, 1, refused), path)[2] == b"answered here"


def test_a_question_about_an_event_is_passed_on(address):
    assert ask(Relay(inner, address, 1, refused), "/api/v1/events/e-1")[0] == 201


@pytest.mark.parametrize("nowhere", ["", "/nonexistent/socket"])
def test_with_nobody_there_everything_is_answered_here(nowhere):
    relay = Relay(inner, nowhere, 1, refused)
    assert [ask(relay, "/admin/")[2] for _ in range(2)] == [b"answered here"] * 2


def test_one_beyond_the_slots_is_refused_and_usage_is_not(address):
    relay = Relay(inner, address, 1, refused)
    waiting = threading.Thread(target=ask, args=(relay, "/waits"))
    waiting.start()
    assert behind.came.wait(10)
    status, headers, content = ask(relay, "/api/v1/reports/margin")
    assert (status, dict(headers)["Retry-After"]) == (503, "3")
    assert b'"code": "busy"' in content
    assert b"Too much at once" in ask(relay, "/admin/overview")[2]
    assert ask(relay, "/api/v1/events")[2] == b"answered here"
    behind.go.set()
    waiting.join()
    assert ask(relay, "/admin/")[0] == 201


def test_a_request_that_cannot_be_passed_on_keeps_no_slot(address):
    relay = Relay(inner, address, 1, refused)
    for _ in range(2):
        with pytest.raises(ValueError, match="header"):
            ask(relay, "/admin/", HTTP_X_ODD="a\nb")
    assert ask(relay, "/admin/")[0] == 201


def test_an_answer_that_breaks_off_says_so(address):
    relay = Relay(inner, address, 1, refused)
    status, _, content = ask(relay, "/ends")
    assert status == HTTPStatus.BAD_GATEWAY
    assert b"The answer broke off" in content
    assert ask(relay, "/admin/")[0] == 201
