#!/usr/bin/env bash
# The benchmark with flows that come and go, against arithmetic: the load that it offers, and completion times. None is below what an empty
# network would take; and some message, alone on its way, takes that to the picosecond (TCP, in one initial window) or to 1 % (MTP, whose
# packets grow on the way).
set -euo pipefail
source_dir=${MTPSIM_SOURCE_DIR:?} mtpsim=${MTPSIM:?}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$mtpsim" run "$source_dir/scenarios/bench/web_search_k8.yaml" --duration 1ms --quiet --out "$work/result" >/dev/null

# The arrivals are a Poisson process of 0.5 x 12.8 Tbps / 1.7113 MB = 467.5 a millisecond: within 4 standard deviations of sqrt(467.5).
# Both systems have the same ones.
awk -F, -v mean=467.5 '
    FNR > 1 {arrivals[FILENAME]++; what[FILENAME] = what[FILENAME] " " $1 "," $2 "," $6 "," $7}
    END {
        for (file in arrivals) {
            distance = arrivals[file] - mean
            if (distance * distance > 16 * mean) {print "FAIL: " arrivals[file] " arrivals, not about " mean; failed = 1}
            if (first != "" && what[file] != what[first]) {print "FAIL: the systems have different arrivals"; failed = 1}
            first = file
        }
        exit failed
    }' "$work/result/dctcp/messages.csv" "$work/result/mtp/messages.csv"

# least_times SYSTEM NEAREST: completion times against those of an empty network; the nearest must be within a share of NEAREST.
least_times() {
    awk -F, -v name="$1" -v nearest="$2" '
        # Links from a host to another, by their names pP_eE_hH.
        function hops(a, b, x, y) {
            split(a, x, "_"); split(b, y, "_")
            return x[1] != y[1] ? 6 : x[2] != y[2] ? 4 : 2
        }
        function wire_us(bytes) {return bytes * 8 / 100e3}
        # The first byte after the links; a full packet is stored and forwarded by each switch, and the last one follows it. TCP: SYN and SYN-ACK,
        # 52 bytes each, before.
        function least_us(links, bytes, full, last, time) {
            if (name == "mtp")
                return links + wire_us(bytes)
            full = int((bytes - 1) / 1460)
            last = wire_us(bytes - full * 1460 + 40)
            time = 3 * links + 2 * links * wire_us(52)
            return time + (full ? wire_us(1500) * (full + links - 1) + last : links * last)
        }
        FNR == 1 || $9 == "" {next}
        {
            least = least_us(hops($1, $2), $6)
            ratio = $9 / least
            if ($9 < least - 1e-6) {print "FAIL: " name ": " $0 ": less than " least; failed = 1}
            if (!count++ || ratio < closest) closest = ratio
        }
        END {
            printf "%s: %d messages, the nearest took %.7f times the least time\n", name, count, closest
            if (count < 100 || closest > 1 + nearest) {print "FAIL: " name; failed = 1}
            exit failed
        }' "$work/result/$1/messages.csv"
}
least_times dctcp 1e-7
least_times mtp 0.01
