// SPDX-License-Identifier: Apache-2.0

/// What eigctl tells the shell; scripts rely on the numbers.
package enum ExitCode: Int, Hashable, Sendable {
    /// Done, or nothing to do.
    case ok = 0
    case error = 1
    /// There is something to apply or to look at: the kernel differs from what was applied, a certificate ends soon.
    case pending = 2
    /// The program asked does not obey this caller.
    case refused = 3
    /// Somebody else changed it meanwhile, or holds it.
    case stale = 4
    /// The command line is wrong.
    case usage = 64
}
