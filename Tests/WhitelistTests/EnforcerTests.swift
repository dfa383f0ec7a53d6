// SPDX-License-Identifier: Apache-2.0
import Base
import Netfilter
import TestKit
import Testing
import Whitelist

@Suite("The enforcer")
struct EnforcerTests {
    typealias ModelEnforcer = Enforcer<FakeKernel, FakeFlows>

    static func enforcer(
        _ change: (inout FakeKernel) -> Void = { _ in },
        flows: [Flow] = [],
        features: Set<KernelFeature> = Set(KernelFeature.allCases)
    ) -> ModelEnforcer {
        var kernel = FakeKernel()
        change(&kernel)
        return ModelEnforcer(filter: kernel, flows: FakeFlows(all: flows), features: features)
    }

    static func elements(_ list: AllowList) -> [String: Set<Element>] {
        list.elements.mapValues { Set($0.keys) }.filter { !$0.value.isEmpty }
    }

    static func elements(_ state: TableState?) -> [String: Set<Element>] {
        (state?.elements ?? [:]).mapValues { Set($0.keys) }.filter { !$0.value.isEmpty }
    }

    @Test("takes the kernel from any policy to any other, and what stays keeps its count", arguments: UInt64(1)...30)
    func walks(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var enforcer = Self.enforcer()
        var before: [Element: Tally] = [:]
        for _ in 0..<12 {
            let policy = try SmallWorld.policy(&random, entryCountMax: 2)
            let now = WallInstant(seconds: .random(in: 0...3, using: &random))
            guard let list = try? AllowList(policy, at: now) else { continue }
            let report = try enforcer.apply(policy, at: now)
            let seen = try enforcer.observe()
            #expect(seen.drift.isEmpty)
            #expect(Self.elements(seen.edge) == Self.elements(list))
            let tallies = seen.tallies(of: .partners)
            for (element, tally) in before where tallies[element] != nil { #expect(tallies[element] == tally) }
            let added = report.added.filter { $0.set == .partners }.map(\.element)
            let removed = report.removed.filter { $0.set == .partners }.map(\.element)
            #expect(Set(added) == Set(tallies.keys).subtracting(before.keys))
            #expect(Set(removed) == Set(before.keys).subtracting(tallies.keys))
            #expect(try enforcer.apply(policy, at: now).isEmpty, "a second apply has nothing to do")
            enforcer.filter.count()
            before = try enforcer.observe().tallies(of: .partners)
            #expect(before.values.allSatisfy { $0.packets > 0 })
        }
    }

    static func policy(_ allow: [String]) throws -> EdgePolicy {
        EdgePolicy(
            partners: [try AllowListTests.partner("ada", allow.map { .init(from: try AllowListTests.prefix($0)) })],
            partnerPorts: [8443]
        )
    }

    @Test("plans what it would apply, and changes nothing")
    func plans() throws {
        var enforcer = Self.enforcer()
        _ = try enforcer.apply(try Self.policy(["10.0.0.1"]), at: WallInstant(seconds: 0))
        let next = try Self.policy(["10.0.0.2"])
        let plan = try enforcer.plan(next, at: WallInstant(seconds: 0))
        #expect(try enforcer.observe().drift.isEmpty)
        #expect(plan.added.count == 1 && plan.removed.count == 1)
        let report = try enforcer.apply(next, at: WallInstant(seconds: 0))
        #expect(plan == report)
    }

    @Test("starts over when another program changes the ruleset under it")
    func restarts() throws {
        var enforcer = Self.enforcer { $0.interruptionCount = 5 }
        let report = try enforcer.apply(try Self.policy(["10.0.0.1"]), at: WallInstant(seconds: 0))
        #expect(report.added.count == 1)
        #expect(try enforcer.observe().drift.isEmpty)
    }

    @Test("changes nothing when any change is refused", arguments: [0, 1, 2])
    func refused(_ position: Int) throws {
        let bad = try AllowListTests.prefix("10.0.0.\(position + 2)")
        var enforcer = Self.enforcer { kernel in
            kernel.refuses = { change in
                guard case .add(let element, _, _, _) = change else { return nil }
                return element.prefix == bad ? 12 : nil
            }
        }
        let first = try Self.policy(["10.0.0.1"])
        _ = try enforcer.apply(first, at: WallInstant(seconds: 0))
        let before = try enforcer.observe()
        let failure = #expect(throws: EnforceFailure.self) {
            try enforcer.apply(try Self.policy(["10.0.0.2", "10.0.0.3", "10.0.0.4"]), at: WallInstant(seconds: 0))
        }
        #expect(
            failure?.description.contains("add \(bad) . 8443") == true,
            "the refused entry is named: \(failure as Any)"
        )
        #expect(try enforcer.observe() == before)
    }

    @Test("shuts every partner out when what it wrote is not there")
    func failsClosed() throws {
        let lost = try AllowListTests.prefix("10.0.0.2")
        var enforcer = Self.enforcer { kernel in
            kernel.forgets = { change in
                guard case .add(let element, _, _, _) = change else { return false }
                return element.prefix == lost
            }
        }
        let failure = #expect(throws: EnforceFailure.self) {
            try enforcer.apply(try Self.policy(["10.0.0.1", "10.0.0.2"]), at: WallInstant(seconds: 0))
        }
        guard case .mismatch(let lines) = failure else {
            Issue.record("not a mismatch: \(failure as Any)")
            return
        }
        #expect(lines.contains { $0.contains("10.0.0.2") })
        let seen = try enforcer.observe()
        #expect(seen.edge != nil && Self.elements(seen.edge).isEmpty)
    }

    @Test("does without what the kernel lacks, and says what is lost", arguments: KernelFeature.allCases)
    func adapts(_ feature: KernelFeature) throws {
        var enforcer = Self.enforcer { kernel in
            kernel.refuses = { change in
                switch (feature, change) {
                case (.persistentOwner, .createTable(_, .ownerThenAnyone)): 95
                case (.owner, .createTable(_, .ownerThenAnyone)), (.owner, .createTable(_, .owner)): 95
                case (.tunnelInbound, .appendRule(let rule, _, _)):
                    rule.statements.contains(.wasDecrypted(true)) || rule.statements.contains(.wasDecrypted(false))
                        ? 2 : nil
                case (.tunnelState, .appendRule(let rule, _, _)):
                    rule.statements.contains {
                        if case .wasDecryptedBy = $0 { true } else { false }
                    } ? 2 : nil
                case (.tunnelOutbound, .appendRule(let rule, _, _)):
                    rule.statements.contains(.willBeEncrypted(false)) ? 2 : nil
                case (.reversePath, .appendRule(let rule, _, _)): rule.statements.contains(.noReturnPath) ? 95 : nil
                case (.log, .appendRule(let rule, _, _)):
                    rule.comment == "strangers" && rule.statements.count == 2
                        || rule.comment == "egress"
                            && rule.statements.count == 2
                        ? 2 : nil
                default: nil
                }
            }
        }
        let policy = EdgePolicy(
            partners: [
                try AllowListTests.partner(
                    "ada",
                    [
                        .init(from: try AllowListTests.prefix("10.0.0.1")),
                        .init(from: try AllowListTests.prefix("172.16.0.1"), via: "t1"),
                    ]
                )
            ],
            partnerPorts: [8443]
        )
        let report = try enforcer.apply(policy, at: WallInstant(seconds: 0))
        #expect(!enforcer.features.contains(feature) && !feature.loss.isEmpty)
        #expect(report.omissions.isEmpty == (feature != .tunnelInbound))
        let seen = try enforcer.observe()
        #expect(seen.drift.isEmpty)
        #expect(seen.tallies(of: .partners).count == 1)
        #expect(seen.tallies(of: .tunnelled).count == (feature == .tunnelInbound ? 0 : 1))
    }

    @Test("leaves a table alone that another program owns")
    func heldByAnother() throws {
        var enforcer = Self.enforcer()
        let policy = try Self.policy(["10.0.0.1"])
        _ = try enforcer.apply(policy, at: WallInstant(seconds: 0))
        enforcer.filter.tamper(EdgeTable.name) { $0.holder = .another }
        #expect(throws: EnforceFailure.heldByAnother(table: "eig")) {
            try enforcer.apply(try Self.policy(["10.0.0.2"]), at: WallInstant(seconds: 0))
        }
    }

    @Test("sees and mends what others did to its tables", arguments: 0..<8)
    func mends(_ damage: Int) throws {
        var enforcer = Self.enforcer()
        let policy = try Self.policy(["10.0.0.1", "10.0.0.2"])
        _ = try enforcer.apply(policy, at: WallInstant(seconds: 0))
        let element = Element(try AllowListTests.prefix("10.0.0.1"), port: 8443, mark: policy.partners[0].id.mark)
        let intruder = Element(try AllowListTests.prefix("6.6.6.6"), port: 8443, mark: 7)
        switch damage {
        case 0: enforcer.filter.remove(LockdownTable.name)
        case 1: enforcer.filter.remove(EdgeTable.name)
        case 2: enforcer.filter.tamper(EdgeTable.name) { $0.elements["p4"]?[element] = nil }
        case 3: enforcer.filter.tamper(EdgeTable.name) { $0.elements["p4"]?[intruder] = Tally() }
        case 4: enforcer.filter.tamper(EdgeTable.name) { $0.chains["input"]?.rules.insert(["accept"], at: 0) }
        case 5: enforcer.filter.tamper(EdgeTable.name) { $0.chains["input"]?.hook?.dropsByDefault = false }
        case 6: enforcer.filter.tamper(LockdownTable.name) { $0.chains["mine"] = .init(hook: nil, rules: []) }
        default: enforcer.filter.tamper(EdgeTable.name) { $0.holder = .nobody }
        }
        #expect(try !enforcer.observe().drift.isEmpty)
        let report = try enforcer.apply(policy, at: WallInstant(seconds: 0))
        #expect(!report.isEmpty)
        let seen = try enforcer.observe()
        #expect(seen.drift.isEmpty && seen.edge?.holder == .us)
    }

    @Test("takes out what has ended when it is told the time")
    func expires() throws {
        var enforcer = Self.enforcer()
        let end = WallInstant(seconds: 100)
        let policy = EdgePolicy(
            partners: [
                try AllowListTests.partner("ada", [.init(from: try AllowListTests.prefix("10.0.0.1"), until: end)])
            ],
            partnerPorts: [8443]
        )
        let start = try enforcer.apply(policy, at: WallInstant(seconds: 99))
        #expect(start.added.count == 1 && enforcer.applied?.changesAt == end)
        let report = try enforcer.apply(policy, at: end)
        #expect(report.removed.count == 1 && enforcer.applied?.changesAt == nil)
    }

    @Test("condemns a removed entry's connections, and forgets them when told")
    func condemns() throws {
        let policy = try Self.policy(["10.0.0.1", "10.0.0.2"])
        let mark = policy.partners[0].id.mark
        let here = try #require(IPAddress("10.9.9.9"))
        let flows = try ["10.0.0.1", "10.0.0.2"].map { source in
            Flow(
                source: try #require(IPAddress(source)),
                destination: here,
                transport: 6,
                sourcePort: 5,
                destinationPort: 8443,
                mark: mark
            )
        }
        var enforcer = Self.enforcer(flows: flows)
        #expect(try enforcer.apply(policy, at: WallInstant(seconds: 0)).flowsCut.isEmpty)
        let report = try enforcer.apply(try Self.policy(["10.0.0.2"]), at: WallInstant(seconds: 0))
        #expect(report.flowsCut == [flows[0]] && enforcer.hasCondemned)
        #expect(try enforcer.forgetCondemned() == 1)
        #expect(try enforcer.flows() == [flows[1]] && !enforcer.hasCondemned)
    }

    @Test("lets a connection live whose entry came back in time")
    func reprieves() throws {
        let policy = try Self.policy(["10.0.0.1"])
        let flow = Flow(
            source: try #require(IPAddress("10.0.0.1")),
            destination: try #require(IPAddress("10.9.9.9")),
            transport: 6,
            sourcePort: 5,
            destinationPort: 8443,
            mark: policy.partners[0].id.mark
        )
        var enforcer = Self.enforcer(flows: [flow])
        _ = try enforcer.apply(policy, at: WallInstant(seconds: 0))
        _ = try enforcer.apply(try Self.policy([]), at: WallInstant(seconds: 0))
        _ = try enforcer.apply(policy, at: WallInstant(seconds: 0))
        #expect(try enforcer.forgetCondemned() == 0)
        #expect(try enforcer.flows() == [flow])
    }
}
