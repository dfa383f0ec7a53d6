# SPDX-License-Identifier: Apache-2.0

import pytest

from counting.allocations import Allocations
from counting.profile import Function, Profile

LIBC = "/usr/lib/x86_64-linux-gnu/libc.so.6"
OBJECTS = {"swift_slowAlloc": "/usr/lib/swift/linux/libswiftCore.so", "eig_malloc": "/usr/sbin/eigd",
           "CRYPTO_malloc": "/usr/lib/libcrypto.so.3", "CRYPTO_zalloc": "/usr/lib/libcrypto.so.3",
           "SSL_new": "/usr/lib/libssl.so.3", "0x4cf6368": "???", "strdup": LIBC,
           "sqlite3_step": "/usr/lib/libsqlite3.so.0"}


def test_each_of_three_turns_makes_two_of_ours_one_of_openssl_and_one_of_libc(measurement):
    counts = {owner: measurement.allocated.count(owner) / 3 for owner in measurement.allocated.by_owner}
    assert counts == {"ours": 2, "openssl": 1, "libc": 1}
    assert measurement.allocations == 2


def test_callers_are_listed_without_the_runtimes_own_frames(measurement):
    (count, chain), = measurement.allocated.callers("ours", depth=2)
    assert count == 6
    assert chain == ("$s4HTTP10HeadWriterV5fieldyyF", "$s4Edge16ServerConnectionC9logAccessyyF")


@pytest.mark.parametrize("callers, owner", [
    (["swift_slowAlloc"], "ours"),
    (["eig_malloc", "eigd_main"], "ours"),
    (["CRYPTO_malloc", "SSL_new"], "openssl"),
    # An allocator of ours that OpenSSL was given works for OpenSSL.
    (["eig_malloc", "CRYPTO_malloc", "SSL_new"], "openssl"),
    (["0x4cf6368", "CRYPTO_zalloc"], "openssl"),
    (["0x4cf6368", "strdup", "eig_malloc"], "libc"),
    (["sqlite3_step"], "libsqlite3"),
    ([], "unknown"),
])
def test_the_nearest_caller_that_is_no_stub_owns_it(callers, owner):
    profile = Profile(instructions={Function(path, name): 1 for name, path in OBJECTS.items()},
                      calls={Function(LIBC, "'".join(["malloc", *callers])): 7})
    assert Allocations(profile).count(owner) == 7


@pytest.mark.parametrize("function", ["malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc"])
def test_every_way_to_allocate_counts(function):
    profile = Profile(instructions={Function(OBJECTS["swift_slowAlloc"], "swift_slowAlloc"): 1},
                      calls={Function(LIBC, f"{function}'swift_slowAlloc"): 1, Function(LIBC, "free"): 1})
    assert Allocations(profile).count("ours") == 1
