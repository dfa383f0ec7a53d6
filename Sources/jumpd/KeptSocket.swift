// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO
internal import Netfilter
internal import Systemd
internal import Whitelist

/// The netlink socket that owns the table, which the service manager keeps while no process of ours lives.
///
/// The owner of a table is a socket, not a process (nft(8), `flags owner`): while the manager holds a duplicate, the
/// table stands through a restart, an upgrade and a SIGKILL, and no other program can change it.
struct KeptSocket: ~Copyable {
    /// `FDNAME=` in the manager's store.
    static let name = "nftables"
    /// What the manager may take to close what it was told to remove.
    private static let releaseTime = Duration.seconds(3)

    private let socket: NetfilterSocket
    /// Whether an earlier process created the table with it.
    let isAdopted: Bool
    /// Whether the manager keeps exactly this socket already.
    let isKept: Bool

    /// Takes the socket that was kept back, if there is one and it owns the table; else a new one.
    ///
    /// Whatever else was kept is closed and forgotten: the lock-down table holds this host closed until the new
    /// socket has made the table again.
    init(_ inherited: [InheritedDescriptor]) throws(NetfilterFailure) {
        let kept = inherited.filter { $0.name == Self.name }
        var adopted: NetfilterSocket?
        for descriptor in kept {
            do throws(NetfilterFailure) {
                var candidate = try NetfilterSocket(adopting: descriptor.number)
                let isOwner = try candidate.read(EdgeTable.name, sets: [])?.holder == .us
                if isOwner, adopted == nil {
                    adopted = consume candidate
                } else {
                    Log.write(
                        "a kept socket does not own table inet \(EdgeTable.name): it is closed",
                        priority: .warning
                    )
                }
            } catch {
                Log.write("a kept descriptor cannot be used: \(error)", priority: .warning)
            }
        }
        if let found = adopted.take() {
            socket = found
            isAdopted = true
            isKept = kept.count == 1
            return
        }
        var fresh = try NetfilterSocket()
        if !kept.isEmpty {
            ServiceManager.removeStored(name: Self.name)
            try Self.awaitRelease(&fresh)
        }
        socket = fresh
        isAdopted = false
        isKept = false
    }

    /// Waits until the table is not held by a socket that was to be closed.
    private static func awaitRelease(_ socket: inout NetfilterSocket) throws(NetfilterFailure) {
        let limit = Clock.monotonic() + releaseTime
        while try socket.read(EdgeTable.name, sets: [])?.holder == .another, Clock.monotonic() < limit {
            Clock.sleep(.milliseconds(20))
        }
    }

    consuming func takeSocket() -> NetfilterSocket { socket }
}
