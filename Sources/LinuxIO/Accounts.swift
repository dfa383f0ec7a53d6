// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Users and groups of this host by name and number (getpwnam(3), getgrnam(3)).
///
/// The C library answers most questions from one buffer of the process: ask on one thread only, while no other does.
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

    /// May be asked on any thread.
    package static func userName(_ userID: UInt32) -> String? {
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var texts = [CChar](repeating: 0, count: 16 << 10)
        // SAFETY: the texts stay where they are while the name is copied.
        return unsafe texts.withUnsafeMutableBufferPointer { texts in
            guard unsafe getpwuid_r(userID, &entry, texts.baseAddress!, texts.count, &found) == 0,
                unsafe found != nil
            else { return nil }
            return unsafe String(cString: entry.pw_name)
        }
    }

    package static func groupName(_ groupID: UInt32) -> String? {
        // SAFETY: as above.
        guard let entry = unsafe getgrgid(groupID) else { return nil }
        return unsafe String(cString: entry.pointee.gr_name)
    }
}
