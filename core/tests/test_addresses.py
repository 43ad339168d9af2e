"""Where a server is: whose machine, and what may be shown of its address."""

from __future__ import annotations

import pytest
import seodang


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1", "127.8.8.8:8011", "::1", "[::1]", "[::1]:8011"])
def test_this_machine_is_loopback(host: str):
    assert seodang.is_loopback(host)


@pytest.mark.parametrize(
    "host", ["127.1", "localhost.example.org", "10.0.0.1", "0.0.0.0", "api.openai.com:443", "", "2130706433"]
)
def test_what_only_looks_like_it_is_not(host: str):
    assert not seodang.is_loopback(host)


def test_an_address_is_taken_apart():
    found = seodang.ServerAddress.read("https://EU.Api.OpenAI.com.:8443/v1/")
    assert found is not None
    assert (found.name, found.host, found.path, found.encrypted) == ("eu.api.openai.com", "eu.api.openai.com:8443", "v1", True)
    assert found.url == "https://EU.Api.OpenAI.com.:8443/v1"
    assert found.belongs_to("api.openai.com") and not found.belongs_to("i.openai.com") and not found.loopback
    local = seodang.ServerAddress.read("http://[::1]:8011")
    assert local is not None and local.host == "[::1]:8011" and local.loopback and seodang.is_loopback(local.host)


@pytest.mark.parametrize(
    "url",
    ["", "localhost:80", "ftp://a.b", "https://", "https://me:pw@a.b", "https://a.b?key=1", "https://a.b#k", "http://a.b:port", "http://[::1"],
)  # fmt: skip
def test_what_is_no_address_or_may_hold_a_key_is_refused(url: str):
    assert seodang.ServerAddress.read(url) is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:pw@a.b/v1?key=1#x", "https://a.b/v1"), ("me:pw@a.b", "a.b"), ("https://a.b/v1", "https://a.b/v1"),
    ],
)  # fmt: skip
def test_a_message_shows_no_key(url: str, shown: str):
    assert seodang.without_secrets(url) == shown
