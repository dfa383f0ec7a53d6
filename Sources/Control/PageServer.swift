// SPDX-License-Identifier: Apache-2.0
package import Base
package import LinuxIO

/// One page over TCP for callers from the right networks, on a thread of its own.
///
/// `GET` of its path and nothing else: 404 for another path, 405 for another method, 403 for a caller from
/// elsewhere. A request is bounded as on a control socket (``ControlLimits``), carries no body, and both it and its
/// answer have five seconds: who does not read is cut, and others are answered meanwhile. Each connection carries
/// one request.
package final class PageServer: Sendable {
    /// Where it listens; the port the kernel chose where 0 was asked for.
    package let endpoint: IPEndpoint
    private let door: ControlDoor

    /// Listens before it returns.
    ///
    /// - Parameters:
    ///   - from: who may read.
    ///   - path: the page's, such as `/metrics`.
    ///   - page: made anew for each request, on the server's thread.
    /// - Throws: `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES` and the like; name the address to the user.
    package init(
        endpoint: IPEndpoint,
        from: [IPPrefix],
        path: String,
        name: String,
        limits: ControlLimits = ControlLimits(),
        page: @escaping @Sendable () -> ControlResponse
    ) throws(Errno) {
        let listener = try Sockets.listen(endpoint, backlog: 16)
        self.endpoint = Sockets.localEndpoint(listener) ?? endpoint
        var limits = limits
        limits.bodyBytesMax = 0
        door = try ControlDoor(listener: listener, entrance: .network(from: from), limits: limits) { question, caller in
            if let refusal = caller.refusal { return refusal }
            guard question.path == path else {
                return .failure(404, code: "no_such_path", message: "there is only \(path) here")
            }
            guard question.method == "GET" else {
                var response = ControlResponse.failure(405, code: "not_a_get", message: "a page is read with GET")
                response.allow = "GET"
                return response
            }
            return page()
        }
        try door.open(name: name)
    }

    deinit { stop() }

    /// Closes the socket's thread; half written pages are cut.
    package func stop() { door.close() }
}
