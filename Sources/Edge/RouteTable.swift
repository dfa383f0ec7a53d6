// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import HTTP
internal import Partners

/// From method and path to what serves it, most specific first.
///
/// An exact path beats a prefix, a longer prefix a shorter one, a named method any method.
struct RouteTable: Sendable {
    enum Target: Hashable, Sendable {
        /// A place in the snapshot's list of upstream targets.
        case upstream(Int)
        case relay
    }

    final class Route: Sendable {
        let method: Method?
        /// Without the last slash of a prefix.
        let path: [UInt8]
        let isPrefix: Bool
        let roles: RoleSet
        let target: Target
        /// The path as the file has it.
        let name: String
        /// The log's field that names it.
        let logField: [UInt8]
        /// The relay's own bound; a backend has none.
        private let bodyBytesMax: Int

        fileprivate init(_ rule: RouteRule, to target: Target, callbackBytesMax: Int) {
            method = rule.method.flatMap { Method(name: $0) }
            var path = Array(rule.path.utf8)
            isPrefix = rule.match == .prefix
            if isPrefix, path.last == UInt8(ascii: "/") { path.removeLast() }
            self.path = path
            roles = RoleSet(rule.roles)
            self.target = target
            name = rule.path
            logField = JSONWriter.ready { $0.field("route", rule.path) }
            bodyBytesMax = target == .relay ? callbackBytesMax : .max
        }

        func bodyBytesMax(for record: PartnerRecord) -> Int { min(record.bodyBytesMax, bodyBytesMax) }

        fileprivate func matches(_ requested: Span<UInt8>) -> Bool {
            let path = path
            guard requested.count >= path.count, requested.extracting(0..<path.count).equals(path.span) else {
                return false
            }
            if requested.count == path.count { return true }
            return isPrefix && requested[path.count] == UInt8(ascii: "/")
        }
    }

    private let routes: [Route]

    init(_ rules: [RouteRule], targetIndex: (String) -> Int?, callbackBytesMax: Int) {
        routes = rules.compactMap { rule in
            let target: Target
            switch rule.target {
            case .relay: target = .relay
            case .backend(let name):
                guard let index = targetIndex(name) else { return nil }
                target = .upstream(index)
            }
            return Route(rule, to: target, callbackBytesMax: callbackBytesMax)
        }
        .sorted { left, right in
            if left.isPrefix != right.isPrefix { return !left.isPrefix }
            if left.path.count != right.path.count { return left.path.count > right.path.count }
            return left.method != nil && right.method == nil
        }
    }

    /// The most specific route for this path and method.
    func route(for method: Method, _ path: Span<UInt8>) -> Route? {
        for route in routes where route.matches(path) && (route.method == nil || route.method == method) {
            return route
        }
        return nil
    }

    /// Whether the path is served, by whatever method.
    func serves(_ path: Span<UInt8>) -> Bool {
        for route in routes where route.matches(path) { return true }
        return false
    }
}
