"""`regulars widget`: sites and keys from the terminal."""

from pathlib import Path

import pytest

from tests.cli.terminal import regulars


@pytest.mark.slow  # a process and a database for each word
def test_sites_and_keys_of_the_widget(served_dir: Path) -> None:
    assert regulars(served_dir, "widget", "sites", "shop.example").stdout == "https://shop.example\n"
    refused = regulars(served_dir, "widget", "sites", "http://shop.example")
    assert (refused.returncode, refused.stdout) == (1, "")
    made = regulars(served_dir, "widget", "make-key", "Web shop")
    assert made.stdout.startswith("-----BEGIN PRIVATE KEY-----\n")  # and nothing else: ready for a file
    assert made.stdout.strip().endswith("-----END PRIVATE KEY-----")
    kid = made.stderr.split()[1]
    assert regulars(served_dir, "widget", "revoke-key", kid, "--reason", "Lost").returncode == 0
    assert "ended" in regulars(served_dir, "widget", "keys").stdout
    assert regulars(served_dir, "widget", "sites").stdout == "https://shop.example\n"
