// SPDX-License-Identifier: Apache-2.0
package import Base
internal import HTTP

extension ControlResponse {
    /// Head and body; the connection ends behind it (RFC 9112 §9.6).
    package func write(into output: inout ByteBuffer) {
        output.append("HTTP/1.1 \(status) \(ReasonPhrase.of(status))\r\n")
        output.append("Content-Type: \(contentType)\r\n")
        output.append("Content-Length: \(body.count)\r\n")
        if !allow.isEmpty { output.append("Allow: \(allow)\r\n") }
        output.append("Connection: close\r\n\r\n" as StaticString)
        output.append(body)
    }
}
