# SPDX-License-Identifier: Apache-2.0

from dataclasses import dataclass


@dataclass(frozen=True)
class Found:
    #: Pairs of method and body.
    messages: tuple
    #: complete, closed, incomplete, open (nobody can tell from outside) or refused.
    end: str
    #: Ours: the reason. Theirs: the status.
    why: str = ""
