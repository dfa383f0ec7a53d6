# SPDX-License-Identifier: Apache-2.0

import pytest

from counting.symbols import module, readable


@pytest.mark.parametrize("symbol, name", [
    ("$s4Edge16ServerConnectionC9logAccessyyF", "Edge"),
    ("$s11Partnership0A0V", "Partnership"),
    ("$ss32_copyCollectionToContiguousArrayys0dE0Vy7ElementQzGxSlRzlFSRys5UInt8VG_Tg5", "Swift"),
    ("$sSS10lowercasedSSyF", "Swift"),
    ("eig_session_write", "C"),
])
def test_a_symbol_tells_its_module(symbol, name):
    assert module(symbol) == name


def test_what_is_no_swift_symbol_keeps_its_name():
    assert readable({"eig_session_write", "(no name)"}) == {
        "eig_session_write": "eig_session_write", "(no name)": "(no name)"}


def test_without_swift_a_symbol_stays_as_it_is(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert readable(["$s4Edge6WorkerC4turnyyF"]) == {"$s4Edge6WorkerC4turnyyF": "$s4Edge6WorkerC4turnyyF"}
