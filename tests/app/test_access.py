"""By which names the app is reached, and when files are opened by their path."""

from __future__ import annotations

import pytest

from ilk.app.access import AccessRules, is_allowed_host, is_loopback


@pytest.mark.parametrize(
    ("address", "alone"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.1", False),
        ("127.0.0.1.evil.example", False),
        ("", False),
        (None, False),
    ],
)
def test_only_a_loopback_address_is_for_this_machine_alone(address, alone):
    assert is_loopback(address) is alone


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8501",
        "localhost.",
        "127.0.0.1:80",
        "127.8.9.10",
        "[::1]:8501",
        "[::1]",
    ],
)
@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "::", None])
def test_the_names_of_this_machine_are_always_answered(host, address):
    assert is_allowed_host(host, address)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8501",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.example:8501:8501",
        "localhost@evil.example",
        "evil.example/localhost",
        "[::1].evil.example",
        "",
        ":8501",
        "localhost:http",
        "*",
    ],
)
@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", None])
def test_other_names_are_answered_only_where_they_are_allowed(host, address):
    assert not is_allowed_host(host, address, ["ilk.example", "*.ilk.example"])


@pytest.mark.parametrize(
    ("host", "answered"),
    [
        ("ilk.example:8501", True),
        ("ILK.example.", True),
        ("a.team.example", True),
        ("team.example", False),
        ("ateam.example", False),
        ("other.ilk.example", False),
    ],
)
def test_allowed_names_are_answered_as_they_are_written(host, answered):
    assert is_allowed_host(host, "127.0.0.1", ["Ilk.example", "*.team.example"]) is answered
    assert is_allowed_host(host, "127.0.0.1", ["*"])


@pytest.mark.parametrize("host", ["192.168.1.5:8501", "[fe80::1]:8501", "0.0.0.0"])
def test_an_ip_address_is_answered_where_the_app_is_not_for_this_machine_alone(host):
    assert not is_allowed_host(host, "127.0.0.1")
    assert not is_allowed_host(host, "localhost")
    assert is_allowed_host(host, "0.0.0.0")
    assert is_allowed_host(host, None)


def test_the_name_on_which_it_listens_is_answered():
    assert is_allowed_host("shop.example", "shop.example")
    assert not is_allowed_host("other.example", "shop.example")


def test_files_are_opened_by_their_path_only_where_host_names_are_checked():
    assert AccessRules(checks_hosts=True).allows_paths("127.0.0.1")
    assert not AccessRules(checks_hosts=True).allows_paths("0.0.0.0")
    assert not AccessRules(checks_hosts=True).allows_paths(None)
    assert AccessRules(checks_hosts=True, paths=True).allows_paths("0.0.0.0")
    assert not AccessRules(paths=True).allows_paths("127.0.0.1")
