// SPDX-License-Identifier: Apache-2.0
import Base
import BenchmarkKit
import LinuxIO
import TLS

do {
    var line = try CommandWords(Array(CommandLine.arguments.dropFirst()))
    let endpoint = try line.required("--listen") { IPEndpoint($0) }
    let backend = try line.required("--backend") { IPEndpoint($0) }
    let certificatePath = try line.required("--certificate") { $0 }
    let keyPath = try line.required("--key") { $0 }
    let authorityPath = try line.required("--ca") { $0 }
    try line.end(wordCount: 0)
    let settings = ServerTLSSettings(
        certificateChainPEM: try InputFile.read(certificatePath),
        keyPEM: try InputFile.read(keyPath),
        clientAnchorsPEM: [try InputFile.read(authorityPath)]
    )
    var loop = try FloorLoop.listening(endpoint, backend: backend, context: try ServerContext(settings))
    try loop.run()
} catch let error as UsageError {
    StandardStream.error.write(
        """
        edge-floor: \(error)
        usage: edge-floor --listen ADDRESS:PORT --backend ADDRESS:PORT --certificate FILE --key FILE --ca FILE

        """
    )
    Environment.exit(64)
} catch {
    StandardStream.error.write("edge-floor: \(error)\n")
    Environment.exit(1)
}
