// SPDX-License-Identifier: Apache-2.0
import Base
import HTTP
import Testing

@testable import Edge
@testable import Partners

@Suite("The route table")
struct RouteTableTests {
    /// A table in the order of the file; each route's name is `METHOD path`, so that a match can be told.
    static let rules: [RouteRule] = [
        rule("*", "/", .prefix, to: "any"),
        rule("*", "/eig", .prefix, to: "eig"),
        rule("GET", "/eig/reports/", .prefix, to: "reports"),
        rule("*", "/eig/reports", .prefix, to: "eig"),
        rule("POST", "/eig/transactions", .exact, to: "txn"),
        rule("PUT", "/eig/transactions", .exact, to: "rpt"),
        rule("POST", "/callbacks/", .prefix, to: nil),
        rule("*", "/status", .exact, to: "any"),
        rule("*", "/gone", .exact, to: "unknown"),
    ]

    private static func rule(
        _ method: String,
        _ path: String,
        _ match: RouteRule.Match,
        to backend: String?,
        roles: Set<PartnerRole> = [.send]
    ) -> RouteRule {
        RouteRule(
            method: method == "*" ? nil : method,
            path: path,
            match: match,
            roles: roles,
            target: backend.map { .backend($0) } ?? .relay
        )
    }

    private static func table(_ rules: [RouteRule] = rules) -> RouteTable {
        RouteTable(
            rules,
            targetIndex: { ["any": 0, "eig": 1, "reports": 2, "txn": 3, "rpt": 4][$0] },
            callbackBytesMax: 1000
        )
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let method: Method
        let path: String
        /// Method and path of the route, or why there is none.
        let want: String
        var testDescription: String { "\(method.name) \(path)" }

        init(_ method: Method, _ path: String, _ want: String) {
            self.method = method
            self.path = path
            self.want = want
        }
    }

    static let cases: [Case] = [
        // An exact path beats every prefix.
        Case(.post, "/eig/transactions", "POST /eig/transactions"),
        Case(.put, "/eig/transactions", "PUT /eig/transactions"),
        Case(.get, "/status", "* /status"),
        // Where its method is another one, the longest prefix serves.
        Case(.get, "/eig/transactions", "* /eig"),
        // An exact path is itself and nothing below it.
        Case(.post, "/eig/transactions/", "* /eig"),
        Case(.post, "/eig/transactions/1", "* /eig"),
        Case(.post, "/eig/transactionsx", "* /eig"),
        // A prefix ends at a slash.
        Case(.get, "/eig", "* /eig"),
        Case(.get, "/eig/", "* /eig"),
        Case(.get, "/eig/x/y", "* /eig"),
        Case(.get, "/eigx", "* /"),
        Case(.get, "/ei", "* /"),
        Case(.get, "/EIG/x", "* /"),
        // Of two with one path the named method goes first.
        Case(.get, "/eig/reports", "GET /eig/reports/"),
        Case(.get, "/eig/reports/7", "GET /eig/reports/"),
        Case(.delete, "/eig/reports/7", "* /eig/reports"),
        Case(.get, "/eig/reportsx", "* /eig"),
        // The relay, by its method; others fall to what is shorter.
        Case(.post, "/callbacks", "POST /callbacks/"),
        Case(.post, "/callbacks/42", "POST /callbacks/"),
        Case(.put, "/callbacks/42", "* /"),
        // A route to nowhere is no route.
        Case(.get, "/gone", "* /"),
        Case(.get, "/", "* /"),
        Case(.head, "/x", "* /"),
    ]

    private static func match(_ table: RouteTable, _ method: Method, _ path: String) -> String {
        let path = Array(path.utf8)
        guard let route = table.route(for: method, path.span) else {
            return table.serves(path.span) ? "other method" : "none"
        }
        return "\(route.method.map { "\($0.name)" } ?? "*") \(route.name)"
    }

    @Test("finds the most specific route, whatever the file's order", arguments: cases)
    func finds(_ testCase: Case) {
        for rules in [Self.rules, Self.rules.reversed()] {
            #expect(Self.match(Self.table(rules), testCase.method, testCase.path) == testCase.want)
        }
    }

    static let misses: [Case] = [
        Case(.get, "/eig/transactions", "other method"),
        Case(.get, "/callbacks/1", "other method"),
        Case(.put, "/eig/transactions", "PUT /eig/transactions"),
        Case(.post, "/eig/other", "none"),
        Case(.post, "/", "none"),
        Case(.post, "/callbacksx", "none"),
    ]

    @Test("tells a path it does not have from one it has for another method", arguments: misses)
    func missed(_ testCase: Case) {
        let narrow = Self.rules.filter { $0.method == "POST" || $0.method == "PUT" }
        #expect(Self.match(Self.table(narrow), testCase.method, testCase.path) == testCase.want)
    }

    @Test("knows where each leads, for whom and how much")
    func targets() throws {
        let table = Self.table(Self.rules + [Self.rule("*", "/both", .exact, to: "rpt", roles: [.send, .receive])])
        guard let backend = table.route(for: .get, Array("/both".utf8).span),
            let relay = table.route(for: .post, Array("/callbacks/1".utf8).span)
        else {
            Issue.record("not found")
            return
        }
        #expect(backend.target == .upstream(4) && backend.roles == RoleSet([.send, .receive]))
        #expect(relay.target == .relay && relay.roles == RoleSet([.send]))
        // The partner's own bound, and for callbacks the relay's, whichever is less.
        let big = Fixture.record(try Fixture.partner(rest: Self.limited(to: 5000)))
        let small = Fixture.record(try Fixture.partner(rest: Self.limited(to: 500)))
        #expect(backend.bodyBytesMax(for: big) == 5000 && relay.bodyBytesMax(for: big) == 1000)
        #expect(backend.bodyBytesMax(for: small) == 500 && relay.bodyBytesMax(for: small) == 500)
    }

    private static func limited(to bytes: Int) -> String {
        """
        [[allow]]
        from = ["192.0.2.0/24"]
        reason = "r"
        [[certificate]]
        ca = "ca.pem"
        san = "a.example"
        [limits]
        body-bytes = \(bytes)
        """
    }
}

@Suite("A path of the inside listener")
struct InsidePathTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let path: String
        let want: String
        var testDescription: String { path }

        init(_ path: String, _ want: String) {
            self.path = path
            self.want = want
        }
    }

    static let cases: [Case] = [
        Case("/v1/health", "health"),
        Case("/v1/health/", "none"),
        Case("/v1/healthy", "none"),
        Case("/health", "none"),
        Case("/v2/health", "none"),
        Case("/V1/health", "none"),
        Case("/", "none"),
        Case("/v1", "none"),
        Case("/v1/", "none"),
        Case("/v1/callbacks", "none"),
        Case("/v1/callbacks/", "none"),
        Case("/v1/callbacks/payfast", "callback payfast"),
        Case("/v1/callbacks/payfast/", "none"),
        Case("/v1/callbacks/payfast/x", "none"),
        Case("/v1/callbacks/PayFast", "none"),
        Case("/v1/callbacks/%70ayfast", "none"),
        Case("/v1/callbacks/9", "none"),
        Case("/v1/partners/payfast", "none"),
        Case("/v1/partners/payfast/", "payfast /"),
        Case("/v1/partners/payfast/a", "payfast /a"),
        Case("/v1/partners/payfast//a", "payfast //a"),
        Case(
            "/v1/partners/pay_fast2/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s",
            "pay_fast2 /a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s"
        ),
        Case("/v1/partners//a", "none"),
        Case("/v1//payfast/a", "none"),
        Case("//v1/health", "none"),
        Case("/v1/callback/payfast", "none"),
    ]

    @Test("is health, a partner's own path, or a callback", arguments: cases)
    func reads(_ testCase: Case) {
        let bytes = Array(testCase.path.utf8)
        let got =
            switch InsidePath(bytes.span) {
            case .health: "health"
            case .callback(let id): "callback \(id)"
            case .partner(let id, let rest): "\(id) \(String(decoding: bytes[rest], as: UTF8.self))"
            case nil: "none"
            }
        #expect(got == testCase.want)
    }
}
