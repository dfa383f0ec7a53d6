// SPDX-License-Identifier: Apache-2.0

/// Places of connections that wait for something to ask, the longest waiting first.
struct PlaceQueue {
    private var places: [Int] = []
    private var head = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// Makes room for all there will ever be.
    mutating func reserve(_ placeCount: Int) { places = Array(repeating: 0, count: placeCount) }

    mutating func append(_ place: Int) {
        places[(head + count) % places.count] = place
        count += 1
    }

    mutating func popFirst() -> Int? {
        guard count > 0 else { return nil }
        defer {
            head = (head + 1) % places.count
            count -= 1
        }
        return places[head]
    }
}
