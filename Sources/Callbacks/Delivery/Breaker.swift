// SPDX-License-Identifier: Apache-2.0
internal import Base

/// Keeps a failing endpoint from being tried with everything at once, and brings it back slowly.
///
/// Closed, it lets everything through and watches. Open, it lets nothing through, so that nothing spends an
/// attempt. When its time has come it lets one item through; when that one is acknowledged it doubles what
/// may be in flight with each window of acknowledgements, until the endpoint's own bound is reached.
package struct Breaker: Hashable, Sendable {
    package struct Settings: Hashable, Sendable {
        /// Failures in a row that open it.
        package var consecutiveFailuresMax = 5
        /// Outcomes remembered for the ratio; at most 64.
        package var windowCount = 20
        /// Failures among a full window that open it.
        package var windowFailuresMax = 14
        /// The first wait before a probe; doubled with each failed one.
        package var probeDelayMin: Duration = .seconds(1)
        package var probeDelayMax: Duration = .seconds(60)

        package init() {}
    }

    package enum State: Hashable, Sendable {
        case closed
        case open(until: ScheduleInstant, trips: Int)
        /// One item is on its way.
        case probing(trips: Int)
        /// At most `window` in flight; doubled after as many acknowledgements.
        case recovering(window: Int, acknowledged: Int, trips: Int)
    }

    package private(set) var state: State = .closed
    private let settings: Settings
    private var consecutiveFailures = 0
    private var outcomes: UInt64 = 0
    private var outcomeCount = 0

    package init(settings: Settings = Settings()) {
        invariant((1...64).contains(settings.windowCount), "window out of range: \(settings.windowCount)")
        self.settings = settings
    }

    /// How many attempts may be in flight now.
    package func inFlightMax(at now: ScheduleInstant, endpointMax: Int) -> Int {
        switch state {
        case .closed: endpointMax
        case .open(let until, _): now >= until ? 1 : 0
        case .probing: 1
        case .recovering(let window, _, _): min(window, endpointMax)
        }
    }

    /// When it should be asked again although nothing happens; nothing while it does not wait for time.
    package var opensAt: ScheduleInstant? {
        if case .open(let until, _) = state { until } else { nil }
    }

    /// An attempt starts.
    package mutating func started(at now: ScheduleInstant) {
        if case .open(let until, let trips) = state, now >= until { state = .probing(trips: trips) }
    }

    /// An attempt came back without having been made.
    package mutating func returned(at now: ScheduleInstant) {
        if case .probing(let trips) = state { state = .open(until: now, trips: trips) }
    }

    /// The endpoint answered, whatever it thinks of the item.
    ///
    /// - Returns: whether it has just come back.
    package mutating func succeeded(endpointMax: Int) -> Bool {
        record(isFailure: false)
        switch state {
        case .closed, .open: return false
        case .probing(let trips):
            state = .recovering(window: 1, acknowledged: 0, trips: trips)
            return true
        case .recovering(let window, let acknowledged, let trips):
            if acknowledged + 1 < window {
                state = .recovering(window: window, acknowledged: acknowledged + 1, trips: trips)
            } else if window * 2 >= endpointMax {
                forget()
                state = .closed
            } else {
                state = .recovering(window: window * 2, acknowledged: 0, trips: trips)
            }
            return false
        }
    }

    /// The endpoint did not answer, or answered that it cannot.
    ///
    /// - Parameters:
    ///   - hint: the wait the endpoint asked for.
    ///   - jitter: uniform in 0..<1; spreads the probes of many endpoints behind one fault.
    package mutating func failed(at now: ScheduleInstant, hint: Duration? = nil, jitter: Double) {
        record(isFailure: true)
        switch state {
        case .open: break
        case .probing(let trips), .recovering(_, _, let trips):
            open(at: now, trips: trips + 1, hint: hint, jitter: jitter)
        case .closed:
            let isFull = outcomeCount == settings.windowCount
            let isTooMany = isFull && outcomes.nonzeroBitCount >= settings.windowFailuresMax
            if consecutiveFailures >= settings.consecutiveFailuresMax || isTooMany {
                open(at: now, trips: 0, hint: hint, jitter: jitter)
            }
        }
    }

    private mutating func open(at now: ScheduleInstant, trips: Int, hint: Duration?, jitter: Double) {
        var ceiling = settings.probeDelayMin
        for _ in 0..<trips where ceiling < settings.probeDelayMax { ceiling *= 2 }
        ceiling = min(ceiling, settings.probeDelayMax)
        // Half fixed, half drawn: probes spread out, and none follows its failure at once.
        let delay = ceiling / 2 + ceiling / 2 * jitter
        state = .open(until: now + max(delay, min(hint ?? .zero, settings.probeDelayMax)), trips: trips)
    }

    private mutating func record(isFailure: Bool) {
        consecutiveFailures = isFailure ? consecutiveFailures + 1 : 0
        let mask = settings.windowCount == 64 ? UInt64.max : (1 << UInt64(settings.windowCount)) - 1
        outcomes = (outcomes << 1 | (isFailure ? 1 : 0)) & mask
        outcomeCount = min(outcomeCount + 1, settings.windowCount)
    }

    private mutating func forget() {
        consecutiveFailures = 0
        outcomes = 0
        outcomeCount = 0
    }
}
