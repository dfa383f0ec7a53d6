// SPDX-License-Identifier: Apache-2.0
internal import AuditTrail
package import Base
package import LinuxIO
internal import Synchronization
package import TLS

/// The thread that copies the log to a log server, syslog over TLS (RFC 5425).
///
/// The protocol has no acknowledgement. A line counts as copied once the server's kernel has acknowledged it and the
/// connection has lived on for ``settleTime``; when a connection ends, everything since is sent again. So a server gets
/// each line at least once; the same number means the same line. What waits are the log's own files: the copy never
/// holds an event up.
package final class SyslogForwarder: Sendable {
    package struct Settings: Sendable {
        package var to: IPEndpoint
        /// In the server's certificate.
        package var name: String
        package var context: ClientContext

        package init(to: IPEndpoint, name: String, context: ClientContext) {
            self.to = to
            self.name = name
            self.context = context
        }
    }

    package struct Snapshot: Sendable {
        package var isConnected = false
        /// The last line that the server's kernel has acknowledged.
        package var seq = 0
        package var connectionCount = 0
        package var lineCount = 0
        package var trouble: String?
    }

    static let settleTime = Duration.seconds(10)
    static let connectTime = Duration.seconds(10)
    static let pauseMin = Duration.seconds(1)
    static let pauseMax = Duration.seconds(30)

    package let settings: Settings
    let folder: AuditFolder
    let progress: AuditProgress
    let host: String
    /// Rung once, to stop.
    let bell: EventCounter
    private let snapshot: Mutex<Snapshot>
    private let isStopping = Atomic(false)
    private let thread = Mutex<OwnedThread?>(nil)

    package init(_ settings: Settings, folder: AuditFolder, progress: AuditProgress) throws(Errno) {
        self.settings = settings
        self.folder = folder
        self.progress = progress
        host = SyslogMessage.host(AuditSettings.hostName)
        bell = try EventCounter()
        var first = Snapshot()
        first.seq = ForwardPosition(in: folder).seq
        snapshot = Mutex(first)
        let forwarder = self
        var running: OwnedThread? = try OwnedThread(name: "forward") { @Sendable in forwarder.run() }
        thread.withLock { $0 = running.take() }
    }

    package var current: Snapshot { snapshot.withLock { $0 } }

    func set(_ change: (inout Snapshot) -> Void) { snapshot.withLock { change(&$0) } }

    var mustStop: Bool { isStopping.load(ordering: .relaxed) }

    /// Ends the connection in order, as far as the server lets it, and the thread.
    package func stop() {
        let running = thread.withLock { $0.take() }
        guard let running else { return }
        isStopping.store(true, ordering: .relaxed)
        bell.ring()
        running.join()
    }

    private func run() {
        var position = ForwardPosition(in: folder)
        var pause = Self.pauseMin
        while !mustStop {
            var connection = ForwardConnection(self, from: position)
            do throws(ForwardFailure) {
                try connection.run()
                set { $0.isConnected = false }
            } catch {
                set { snapshot in
                    snapshot.isConnected = false
                    snapshot.trouble = error.description
                }
            }
            if connection.settled != position { pause = Self.pauseMin }
            position = connection.settled
            guard !mustStop else { return }
            try? bell.descriptor.wait(for: .readable, timeout: pause)
            pause = min(pause * 2, Self.pauseMax)
        }
    }
}

/// Why a connection to the log server ended or could not be made, in one line.
struct ForwardFailure: Error, CustomStringConvertible {
    let description: String
}
