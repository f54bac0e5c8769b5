/* The work of scenarios/bench/dumbbell.yaml in ns-3: 8 long DCTCP flows over one bottleneck, 100
 * Gbps and 1 us links, 1500-byte packets, one acknowledgement a packet, marking at 65 packets at
 * once.
 *
 *     dumbbell MILLISECONDS     prints "packet_hops cpu_seconds goodput_gbps"
 *
 * What differs from mtpsim: see common.h.
 */
#include "common.h"

static const uint32_t flowCount = 8;

int
main(int argc, char* argv[])
{
    const double milliseconds = argc > 1 ? std::atof(argv[1]) : 50;
    NodeContainer senders, receivers, switches;
    Ipv4AddressHelper addresses("10.0.0.0", "255.255.255.0");
    InternetStackHelper stack;
    ApplicationContainer sinks;

    SetDefaults();
    senders.Create(flowCount);
    receivers.Create(flowCount);
    switches.Create(2);
    stack.InstallAll();
    Connect(switches.Get(0), switches.Get(1), addresses);
    for (uint32_t i = 0; i < flowCount; i++)
    {
        Connect(senders.Get(i), switches.Get(0), addresses);
        Ipv4InterfaceContainer ends = Connect(switches.Get(1), receivers.Get(i), addresses);
        AddFlow(senders.Get(i), receivers.Get(i), ends.GetAddress(1), sinks);
    }
    Ipv4GlobalRoutingHelper::PopulateRoutingTables();
    RunAndReport(milliseconds, sinks);
    return 0;
}
