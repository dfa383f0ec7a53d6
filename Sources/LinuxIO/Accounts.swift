// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Users and groups of this host by name and number (getpwnam(3), getgrnam(3)).
///
/// Not for daemons: the C library answers from one buffer of the process, so ask on one thread only.
package enum Accounts {
    package static func userID(named name: String) -> UInt32? {
        // SAFETY: the answer is read at once, before anybody asks again.
        guard let entry = unsafe getpwnam(name) else { return nil }
        return unsafe entry.pointee.pw_uid
    }

    package static func groupID(named name: String) -> UInt32? {
        // SAFETY: as above.
        guard let entry = unsafe getgrnam(name) else { return nil }
        return unsafe entry.pointee.gr_gid
    }

    package static func userName(_ userID: UInt32) -> String? {
        // SAFETY: as above.
        guard let entry = unsafe getpwuid(userID) else { return nil }
        return unsafe String(cString: entry.pointee.pw_name)
    }

    package static func groupName(_ groupID: UInt32) -> String? {
        // SAFETY: as above.
        guard let entry = unsafe getgrgid(groupID) else { return nil }
        return unsafe String(cString: entry.pointee.gr_name)
    }
}
