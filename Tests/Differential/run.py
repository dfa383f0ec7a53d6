#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Reads thousands of generated connections with our parser, h11, HAProxy and nginx, and compares what each found.

usage: run.py --probe PROGRAM --folder FOLDER [--seed N] [--quick] [--only SUBJECT]
Exit status: 0 when every difference is one of the table's; 1 otherwise, with the bytes.
"""

import argparse
import collections
import sys
import time
from pathlib import Path

from compare import STRICTER, differs
from corpus import cases
from laxer import explained
from subjects import Proxy, of_h11, ours


def main():
    arguments = parsed()
    corpus = cases(arguments.seed, *((100, 300) if arguments.quick else ()))
    datas = [case.data for case in corpus]
    own = ours(arguments.probe, datas)
    findings = [(None, case, found, None, "a valid case is not taken") for case, found in zip(corpus, own)
                if case.is_valid and found.end != "complete"]
    refused = sum(found.end == "refused" for found in own)
    print(f"seed {arguments.seed}: {len(corpus)} connections, {sum(case.is_valid for case in corpus)} of them valid; "
          f"we take {sum(len(found.messages) for found in own)} messages and refuse {refused} connections")
    for subject in [arguments.only] if arguments.only else ["h11", "haproxy", "nginx"]:
        started = time.monotonic()
        findings += compare(subject, corpus, own, read(subject, datas, arguments.folder), arguments.folder, started)
    for subject, case, found, other, what in findings[:arguments.show]:
        print(f"\nFINDING {subject or 'everybody'}: {what} ({case.family})\n  {case.data!r}")
        print(f"  we: {found}\n  they: {other}")
    print(f"\n{len(findings)} findings")
    return 1 if findings else 0


def parsed():
    parser = argparse.ArgumentParser()
    parser.add_argument("--probe", required=True)
    parser.add_argument("--folder", required=True, type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=["h11", "haproxy", "nginx"])
    parser.add_argument("--show", type=int, default=20)
    return parser.parse_args()


def read(subject, datas, folder, **options):
    if subject == "h11":
        return [of_h11(data) for data in datas]
    proxy = Proxy(subject, folder / subject)
    try:
        return proxy.read(datas, **options)
    finally:
        proxy.stop()


def compare(subject, corpus, own, theirs, folder, started):
    rows = list(zip(corpus, own, theirs))
    if subject != "h11":
        rows = looked_at_again(subject, rows, folder)
    stricter, laxer, findings, equal = collections.Counter(), collections.Counter(), [], 0
    for case, found, other in rows:
        difference = differs(found, other)
        if difference is None:
            equal += 1
            continue
        kind, what = difference
        why = explained(subject, case, found, other, kind)
        if kind == "stricter" and what in STRICTER and not case.is_valid:
            stricter[what] += 1
        elif why is not None and not case.is_valid:
            laxer[why] += 1
        else:
            findings.append((subject, case, found, other, f"{kind}: {what}"))
    print(f"\n{subject}: {equal} alike, {sum(stricter.values())} where we are stricter, "
          f"{sum(laxer.values())} where it is, {len(findings)} unexplained; {time.monotonic() - started:.0f} s")
    for reason, count in stricter.most_common():
        print(f"  {count:5}  {reason:40} {STRICTER[reason]}")
    for why, count in laxer.most_common():
        print(f"  {count:5}  it refuses, or stops:  {why}")
    return findings


def looked_at_again(subject, rows, folder):
    """A slow machine looks like a difference: what differs is read once more, with patience."""
    doubtful = [index for index, (case, found, other) in enumerate(rows)
                if (difference := differs(found, other)) and (difference[0] != "stricter" or case.is_valid)]
    again = read(subject, [rows[index][0].data for index in doubtful], folder, patience=0.4)
    for index, other in zip(doubtful, again):
        rows[index] = (rows[index][0], rows[index][1], other)
    return rows


if __name__ == "__main__":
    sys.exit(main())
