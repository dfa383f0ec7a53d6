# SPDX-License-Identifier: Apache-2.0
"""Every order of so many events, one after the other."""


def every_order(events, length):
    """A round of events in which each order of `length` of them, repetitions among them, comes up exactly once.

    A de Bruijn sequence, whose end is continued by its beginning so that no order is cut in two.
    """
    count = len(events)
    word, sequence = [0] * count * length, []

    def grow(position, period):
        if position > length:
            if length % period == 0:
                sequence.extend(word[1:period + 1])
            return
        word[position] = word[position - period]
        grow(position + 1, period)
        for letter in range(word[position - period] + 1, count):
            word[position] = letter
            grow(position + 1, position)

    grow(1, 1)
    return [events[index] for index in sequence + sequence[:length - 1]]
