# SPDX-License-Identifier: Apache-2.0
"""What `make bench-jump` is made of besides ../bench: the gate's peers, a target, administrators, the report."""

#: Where everything listens: not a loopback address, which the gate lets nobody get to. It is on the loopback device of a
#: network namespace of this run's own.
ADDRESS = "10.77.0.1"
