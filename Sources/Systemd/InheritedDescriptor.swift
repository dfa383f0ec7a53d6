// SPDX-License-Identifier: Apache-2.0

/// A descriptor that systemd handed over: a socket it opened, or one from the store (sd_listen_fds_with_names(3)).
package struct InheritedDescriptor: Hashable, Sendable {
    /// Close-on-exec; whoever adopts it owns it.
    package let number: CInt
    /// `FileDescriptorName=` of the socket unit, or `FDNAME=` of the store.
    package let name: String

    package init(number: CInt, name: String) {
        self.number = number
        self.name = name
    }
}
