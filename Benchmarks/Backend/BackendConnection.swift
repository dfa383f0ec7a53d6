// SPDX-License-Identifier: Apache-2.0
import Base
import BenchmarkKit
import LinuxIO

/// One connection that a gateway holds to the backend.
final class BackendConnection {
    var socket: QueuedSocket
    var exchange = BackendExchange()
    /// The beginning of something whose end has not come.
    var leftover = ByteBuffer()

    init(_ descriptor: consuming OwnedDescriptor) { socket = QueuedSocket(descriptor) }
}
