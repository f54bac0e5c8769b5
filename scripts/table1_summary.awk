# The cells of Table 1 that follow from a summary (table1_flatten.awk), one a line: row, column, mark, figure. The bounds are those that
# scenarios/table1/ states. Variables: scenario, column.

{value[$1] = $2; split($1, part, "."); rows[part[1]] = 1}

function get(row, name) {return value[row "." name] + 0}

function cell(row, passes, figure) {
    printf "%s\t%d\t%s\t%s\n", row, column, passes ? "yes" : "no", figure
}

# Goodput against the fluid ideal, and the share of packets that are dropped. Paths in turn give the mean of 100 and 10 Gbps.
function multi_resource(row, use, packets, lost) {
    use = get(row, "goodput_normalised_gbps") / (row ~ /_two_paths$/ ? 110 : 55)
    packets = get(row, "data_packets")
    lost = packets ? get(row, "drops") / packets : 0
    cell(row, use >= 0.95 && lost <= 0.001, sprintf("%.0f %% of ideal, %.2g %% dropped", 100 * use, 100 * lost))
}

# What the second entity got for the first one's 1. Sources behind a proxy are not told apart by address, but by where messages went.
function ratio(row, one, eight) {
    one = get(row, "goodput_normalised_gbps_by_tenant.entity1")
    eight = get(row, "goodput_normalised_gbps_by_tenant.entity2")
    if (one + eight == 0) {
        one = get(row, "messages.by_destination.to_a.completed")
        eight = get(row, "messages.by_destination.to_b.completed")
    }
    return one > 0 ? eight / one : 0
}

# The entities' shares and the use of the link, with the policy, which decides, and without it.
function isolation(row, with, use, without) {
    with = ratio(row)
    use = get(row, "goodput_normalised_gbps")
    if (("without/" row ".data_packets") in value)
        without = sprintf("; without the policy 1 : %.2f", ratio("without/" row))
    cell(row, with <= 1.25 && with >= 0.8 && use >= 92, sprintf("1 : %.2f, %.0f %% used%s", with, use, without))
}

# Several runs in one file: both directions changed, as it is and exchanged, which decide; one of them alone; and neither.
function mutation(row, answered, corrupt, figure) {
    answered = get(row, "requests.answered") + get("exchanged/" row, "requests.answered")
    corrupt = get(row, "messages.corrupt") + get("exchanged/" row, "messages.corrupt")
    if (answered == 600)
        figure = sprintf(", in %.3g and %.3g us, %.3g unchanged", get(row, "requests.latency_us.mean"),
                         get("exchanged/" row, "requests.latency_us.mean"), get("plain/" row, "requests.latency_us.mean"))
    else
        figure = sprintf(", %d messages wrong; %d with requests alone changed, %d with answers alone", corrupt,
                         get("longer_requests/" row, "requests.answered") + get("shorter_requests/" row, "requests.answered"),
                         get("longer_answers/" row, "requests.answered") + get("shorter_answers/" row, "requests.answered"))
    cell(row, answered == 600 && corrupt == 0, sprintf("%d of 600 requests answered%s", answered, figure))
}

# What the device held at its peak, for each of what it held something of, and the messages that it read. A proxy has its buffer.
function buffering(row, device, bytes, entries, packets, got) {
    device = row ".devices.inspect."
    got = get(row, "messages.completed")
    if (!((device "peak_bytes") in value)) {
        bytes = get(row, "buffer.max_bytes")
        cell(row, 0, sprintf("%d bytes of payload buffered", bytes))
        return
    }
    bytes = value[device "peak_bytes"] + 0
    entries = value[device "peak_messages"] + 0
    packets = value[device "served_packets"] + 0
    cell(row, bytes <= 64 * (entries > 1 ? entries : 1) && value[device "packets_unread"] == 0,
         sprintf("%d bytes at most, for %d; %.1f packets a message, %.0f %% readable", bytes, entries,
                 got ? packets / got : 0, packets ? 100 * value[device "packets_read"] / packets : 0))
}

END {
    for (row in rows)
        if (scenario == "mutation" && row !~ /\//)
            mutation(row)
        else if (scenario == "buffering")
            buffering(row)
        else if (scenario == "multi_resource")
            multi_resource(row)
        else if (scenario == "isolation" && row !~ /\//)
            isolation(row)
}
