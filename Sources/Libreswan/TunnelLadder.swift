// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import IPsecConfig
internal import LinuxIO
internal import Partners

/// What must hold before anything is live, each step with Libreswan's own eyes and none by an exit status alone.
///
/// The lint of the files and the reading back of the text have been before: this is `algparse`, `--checkconfig` with
/// nothing said, and a throw-away pluto compared with the model.
struct TunnelLadder {
    let tools: Toolbox

    /// Of the file that `--checkconfig` reads.
    static let textName = "check.conf"

    /// Checks what is new or has changed, and nothing else.
    ///
    /// - Returns: what is worth saying although nothing is wrong with ours.
    func climb(
        _ connections: [Connection],
        _ secrets: [SharedSecret],
        _ wanted: WantedTunnels,
        emitter: ConfigurationEmitter
    ) throws(ApplyFailure) -> [String] {
        var notices = try checkNeighbours()
        guard !connections.isEmpty else { return notices }
        try requireRoom()
        let configuration: [UInt8]
        let secretsText: [UInt8]
        do throws(EmissionFailure) {
            configuration = try emitter.text(connections)
            secretsText = try emitter.secretsText(secrets)
        } catch {
            throw .emission(error)
        }
        try checkAlgorithms(configuration, connections)
        try checkText(emitter.setupText(connections) + configuration)
        let different: [String]
        do throws(ToolFailure) {
            different = try ShadowPluto(tools).differences(
                configuration: configuration,
                secrets: secretsText,
                wanted: connections,
                certificates: wanted
            )
        } catch {
            if case .notStarted(_, .noSpace) = error { throw .file(path: tools.paths.state, .noSpace) }
            // A kernel that lets nobody make namespaces: what is loaded is read back from the real one all the same.
            notices.append("nothing could be tried in a throw-away pluto: \(error)")
            return notices
        }
        guard different.isEmpty else { throw .refused(step: "a throw-away pluto", why: different) }
        return notices
    }

    /// For a throw-away pluto with its database and its log: on a full volume nothing would be tried.
    private static let roomBytes = 16 << 20

    private func requireRoom() throws(ApplyFailure) {
        let state = tools.paths.state
        guard let free = try? FileStore.volume(of: state).freeBytes, free < Self.roomBytes else { return }
        throw .noRoom(folder: state, freeBytes: free, neededBytes: Self.roomBytes)
    }

    /// What pluto would read at its next start, as it is: other people's errors there keep ours from loading, too.
    private func checkNeighbours() throws(ApplyFailure) -> [String] {
        do throws(ToolFailure) {
            try tools.check(tools.paths.configuration)
            return []
        } catch {
            guard case .refused(_, .exited(0), let said) = error else {
                throw .refused(step: "\(tools.paths.configuration) as it is", why: [error.description])
            }
            return ["\(tools.paths.configuration) as it is: Libreswan says: \(said)"]
        }
    }

    /// As they were written, each list once.
    private func checkAlgorithms(_ text: [UInt8], _ connections: [Connection]) throws(ApplyFailure) {
        var lists: Set<String> = []
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            let word = line.drop { $0 == " " }
            if word.hasPrefix("ike=") || word.hasPrefix("esp=") { lists.insert(String(word).replacing("\"", with: "")) }
        }
        let flag: Toolbox.IKEVersionFlag = connections.contains { $0.version == .v1 } ? .v1 : .v2
        for list in lists.sorted() {
            do throws(ToolFailure) {
                try tools.checkAlgorithms(list, version: flag)
            } catch {
                throw .refused(step: "algparse", why: [error.description])
            }
        }
    }

    private func checkText(_ text: [UInt8]) throws(ApplyFailure) {
        let path = "\(tools.paths.state)/\(Self.textName)"
        do throws(Errno) {
            try FileStore.replace(path, with: text.span, mode: 0o600)
        } catch {
            throw .file(path: path, error)
        }
        defer { try? FileStore.remove(path) }
        do throws(ToolFailure) {
            try tools.check(path)
        } catch {
            throw .refused(step: "--checkconfig", why: [error.description])
        }
    }
}
