// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// What the kernel lets this process have.
package enum Limits {
    /// Raises RLIMIT_NOFILE to its hard limit and returns it.
    package static func raiseDescriptorsMax() -> Int { Int(clinux_descriptors_max()) }

    /// Processors this process may run on (sched_getaffinity(2)).
    package static var processorCount: Int { max(1, Int(sysconf(CInt(_SC_NPROCESSORS_ONLN)))) }

    package static var processID: Int32 { getpid() }

    package static var userID: UInt32 { geteuid() }
}
