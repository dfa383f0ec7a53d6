// SPDX-License-Identifier: Apache-2.0
import Base
import BenchmarkKit
import LinuxIO

do {
    var line = try CommandWords(Array(CommandLine.arguments.dropFirst()))
    let endpoint = try line.required("--listen") { IPEndpoint($0) }
    try line.end(wordCount: 0)
    var loop = try BackendLoop.listening(endpoint)
    try loop.run()
} catch let error as UsageError {
    StandardStream.error.write("edge-backend: \(error)\nusage: edge-backend --listen ADDRESS:PORT\n")
    Environment.exit(64)
} catch {
    StandardStream.error.write("edge-backend: \(error)\n")
    Environment.exit(1)
}
