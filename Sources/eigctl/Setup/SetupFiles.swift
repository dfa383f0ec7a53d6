// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO
internal import Partners

/// The two programs' files as they are now: configured, or still the templates they begin as.
struct SetupFiles {
    struct Source {
        let path: String
        let text: String
        /// Somebody has made it this host's own; a template or nothing is nobody's.
        let isConfigured: Bool
    }

    let gatewaySource: Source
    let hostSource: Source
    let gateway: GatewayFile
    let host: HostFile
    /// Whether eigd is on another host: jumpd.toml is this host's own, and there is no eigd.toml.
    let hasNoGateway: Bool

    init(folder: String, templates: String) throws(Failure) {
        gatewaySource = try Self.source("eigd.toml", folder, templates)
        hostSource = try Self.source("jumpd.toml", folder, templates)
        let gatewayOutcome = GatewayFile.parse(gatewaySource.text)
        let hostOutcome = HostFile.parse(hostSource.text)
        guard let gateway = gatewayOutcome.file, let host = hostOutcome.file else {
            let broken = gatewayOutcome.file == nil ? gatewaySource.path : hostSource.path
            throw Failure(
                code: "configuration_refused",
                message: "\(broken) has errors, so that nothing can be set in it",
                hint: "mend what `eigctl check \(broken)` shows, or move the file away"
            )
        }
        self.gateway = gateway
        self.host = host
        hasNoGateway = hostSource.isConfigured && (try? FileStore.status(gatewaySource.path)) == nil
    }

    private static func source(_ name: String, _ folder: String, _ templates: String) throws(Failure) -> Source {
        let path = "\(folder)/\(name)"
        let template = try? FileStore.read("\(templates)/\(name)", byteCountMax: 1 << 20)
        do throws(Errno) {
            let bytes = try FileStore.read(path, byteCountMax: 1 << 20)
            let text = String(decoding: bytes, as: UTF8.self)
            return Source(path: path, text: text, isConfigured: bytes != template)
        } catch {
            guard error == .noEntry else { throw Failure(code: "unreadable", message: "\(path): \(error)") }
        }
        guard let template else {
            throw Failure(
                code: "no_template",
                message: "\(templates)/\(name): there is no such template",
                hint: "name the folder that has eigd.toml and jumpd.toml with `--templates DIR`"
            )
        }
        return Source(path: path, text: String(decoding: template, as: UTF8.self), isConfigured: false)
    }

    /// What a configured file already says.
    func present(_ question: SetupQuestion) -> [String]? {
        switch question {
        case .hostNames: configured(gateway.server.names)
        case .addresses: configured(gateway.listen.partners.map(\.description))
        case .inside: configured(gateway.listen.internal.map(\.description))
        case .insideNetworks: configured(gateway.internalFrom.map(\.description))
        case .txn, .rpt: configured(backend(question.rawValue).map { [gateway.backends[$0].address.description] })
        case .management: hostSource.isConfigured ? host.management.from.map(\.description) : nil
        case .managementPorts: hostSource.isConfigured ? host.management.ports.map(String.init) : nil
        case .reach: hostSource.isConfigured ? host.egress.flatMap { $0.to.map(\.description) } : nil
        }
    }

    private func configured(_ values: [String]?) -> [String]? { gatewaySource.isConfigured ? values : nil }

    /// Where the backend of this name is listed.
    func backend(_ name: String) -> Int? { gateway.backends.firstIndex { $0.name == name } }

    /// Whether there is something to ask: a configured file may have other backends, and reaches of its own.
    func concerns(_ question: SetupQuestion) -> Bool {
        switch question {
        case .txn, .rpt: backend(question.rawValue) != nil
        case .reach: !hostSource.isConfigured
        default: true
        }
    }
}

/// The answers, each in the form it is written in.
struct SetupAnswers {
    var values: [SetupQuestion: [String]] = [:]

    subscript(question: SetupQuestion) -> [String] { values[question] ?? [] }

    /// - Precondition: of a question whose answers are addresses with ports.
    func endpoints(_ question: SetupQuestion) -> [IPEndpoint] { self[question].compactMap { IPEndpoint($0) } }

    func networks(_ question: SetupQuestion) -> [IPPrefix] { self[question].compactMap { IPPrefix($0) } }

    var ports: [UInt16] { self[.managementPorts].compactMap { UInt16($0) } }
}
