#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Tests/Fuzz/run.sh [SECONDS] [TARGET…] — build the fuzzers and run each for SECONDS (60), with AddressSanitizer.
# Exits 1 on a finding, whose input is then below .build/fuzz/findings: give it to the fuzzer again to see it
# break, mend it, and keep it in Tests/Fuzz/Findings, where an ordinary test replays it for ever.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:-60}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(FuzzRequest FuzzResponse FuzzBody)

# A crash would otherwise wait for a backtrace that holds the pipe.
export SWIFT_BACKTRACE=enable=no
export EDGE_FUZZ=1

scratch=.build/fuzz
build=(
    swift build -c release --scratch-path "$scratch/build"
    # Coverage and checks in all of it; SwiftPM's own main is replaced; gold cannot link it.
    -Xswiftc -sanitize=fuzzer,address -Xswiftc -parse-as-library -Xswiftc -use-ld=lld
)
mkdir -p "$scratch/findings"
for target in "${targets[@]}"; do
    if ! "${build[@]}" --product "$target" >"$scratch/build.log" 2>&1; then
        cat "$scratch/build.log" >&2
        exit 1
    fi
done
programs=$("${build[@]}" --show-bin-path)

status=0
for target in "${targets[@]}"; do
    corpus="$scratch/corpus/$target"
    mkdir -p "$corpus"
    Tests/Fuzz/seeds.sh "$target" "$corpus"
    log="$scratch/$target.log"
    if "$programs/$target" "$corpus" \
        -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -dict=Tests/Fuzz/http.dict \
        -artifact_prefix="$scratch/findings/$target-" >"$log" 2>&1; then
        echo "$target: $(sed -n 's/^Done \([0-9]*\) runs in \([0-9]*\) second.*/\1 runs in \2 s/p' "$log"), nothing found"
    else
        status=1
        echo "$target: FOUND" >&2
        grep -vE '^#[0-9]+\s+(NEW|REDUCE|pulse|RELOAD|INITED)' "$log" | tail -40 >&2
    fi
done
exit $status
