"""Static files and what machines ask: health, readiness, counters."""

import gzip

import pytest
from django.test import Client

from callcart.web import assets


def test_alive_and_ready(db):
    client = Client(HTTP_HOST="anything.example")
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok", "database": "ok"}


def test_counters_are_for_this_machine(db):
    assert b"python_info" in Client().get("/metrics", REMOTE_ADDR="127.0.0.1").content
    assert Client().get("/metrics", REMOTE_ADDR="10.0.0.7").status_code == 403
    assert (
        Client().get("/metrics", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="10.0.0.7").status_code == 403
    )


def test_static_files_are_kept_for_a_year_under_their_version():
    response = Client().get(assets.address("app.css"))
    assert response.status_code == 200
    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in response["Cache-Control"]
    again = Client().get(assets.address("app.css"), HTTP_IF_NONE_MATCH=response["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_an_old_version_is_served_but_not_kept():
    assert Client().get("/static/0000000000/app.css")["Cache-Control"] == "no-cache"


def test_static_files_are_compressed_for_those_who_take_it():
    plain = Client().get(assets.address("js/main.js"))
    packed = Client().get(assets.address("js/main.js"), HTTP_ACCEPT_ENCODING="br, gzip")
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert int(packed["Content-Length"]) == len(packed.content)


@pytest.mark.parametrize(
    "path",
    [
        "../settings.py",
        "../../config.py",
        "%2e%2e/settings.py",
        "nothing.css",
        "",
        "vendor",
        "js/../../urls.py",
    ],
)
def test_nothing_outside_of_the_tree(path):
    assert Client().get(f"/static/x/{path}").status_code == 404


def test_a_missing_file_is_an_error_where_it_is_named():
    with pytest.raises(FileNotFoundError):
        assets.address("nothing.css")


def test_static_files_take_no_posts():
    assert Client().post(assets.address("app.css")).status_code == 405


def test_requests_are_counted_by_face_not_by_address(db):
    client = Client(REMOTE_ADDR="127.0.0.1")
    client.get("/desk/conversations/secret-id")
    text = client.get("/metrics").content.decode()
    assert 'callcart_web_request_seconds_count{face="desk",method="GET",status=' in text
    assert "secret-id" not in text
