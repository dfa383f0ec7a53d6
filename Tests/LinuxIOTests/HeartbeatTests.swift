// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Testing

@Suite("A heartbeat")
struct HeartbeatTests {
    @Test("goes stale when nobody beats, and is fresh again with the next beat")
    func staleness() {
        let heartbeat = Heartbeat()
        #expect(heartbeat.isFresh(within: .seconds(5)), "a thread that just began is not stuck")
        Clock.sleep(.milliseconds(5))
        #expect(!heartbeat.isFresh(within: .milliseconds(4)))
        heartbeat.beat()
        #expect(heartbeat.isFresh(within: .seconds(5)))
    }

    @Test("is not judged while it pauses for somebody else")
    func pause() {
        let heartbeat = Heartbeat()
        heartbeat.pause()
        Clock.sleep(.milliseconds(5))
        #expect(heartbeat.isFresh(within: .zero))
        heartbeat.beat()
        Clock.sleep(.milliseconds(5))
        #expect(!heartbeat.isFresh(within: .milliseconds(4)))
    }
}
