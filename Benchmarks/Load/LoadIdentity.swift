// SPDX-License-Identifier: Apache-2.0
import BenchmarkKit
import LinuxIO
import TLS

/// One partner as the load generator plays it: its certificate, and its requests.
struct LoadIdentity: Sendable {
    let context: ClientContext
    let template: RequestTemplate

    /// Reads `NAME.pem`, `NAME.key` and, where there is one, `NAME.headers`, in the order of the names.
    static func all(_ options: LoadOptions) throws -> [LoadIdentity] {
        let authority = try InputFile.read(options.authorityPath)
        let folder = options.identitiesPath
        let files: [String]
        do { files = try FileStore.names(in: folder) } catch { throw UnusableFile(path: folder, why: "\(error)") }
        let names = files.filter { $0.hasSuffix(".pem") }.map { $0.dropLast(4) }.prefix(options.identityCountMax)
        guard !names.isEmpty else { throw UnusableFile(path: folder, why: "there is no certificate NAME.pem in it") }
        return try names.map { name in
            let headers = files.contains("\(name).headers") ? try InputFile.read("\(folder)/\(name).headers") : []
            return try LoadIdentity(
                options,
                authority: authority,
                identity: TLSIdentity(
                    certificateChainPEM: try InputFile.read("\(folder)/\(name).pem"),
                    keyPEM: try InputFile.read("\(folder)/\(name).key")
                ),
                headers: String(decoding: headers, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
            )
        }
    }

    private init(
        _ options: LoadOptions,
        authority: [UInt8],
        identity: TLSIdentity,
        headers: [String]
    ) throws {
        for header in headers where !LoadOptions.isField(header) {
            throw UnusableFile(path: options.identitiesPath, why: "not a header line: \(header)")
        }
        context = try ClientContext(ClientTLSSettings(anchorsPEM: [authority], identity: identity))
        template = RequestTemplate(
            method: options.method,
            path: options.path,
            host: options.serverName,
            headers: options.headers + headers,
            bodyBytes: options.bodyBytes,
            answerBytes: options.answerBytes
        )
    }
}
