/* What the ns-3 programs of this folder share: DCTCP and marking as the scenarios of
 * scenarios/bench/ have them, links, flows, and counting as mtpsim counts: a hop is a packet, data
 * or acknowledgement, received from a link; CPU time is the user time of the event loop, set-up
 * apart.
 *
 * What differs from mtpsim in all of them, and favours neither much: packets are 1502 bytes on the
 * wire (PPP header) instead of 1500; the ports' queues are ns-3's RED with both thresholds at 65,
 * behind a device queue of one packet; hosts send through a queue of their own, without
 * back-pressure to the transport. Minimum and initial RTO are the scenarios'. Nothing is written
 * during the run in either.
 */
#ifndef PEERS_COMMON_H
#define PEERS_COMMON_H

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <sys/resource.h>

#include "ns3/applications-module.h"
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"
#include "ns3/traffic-control-module.h"

using namespace ns3;

static uint64_t packetHops;

static inline void
CountHop(Ptr<const Packet>)
{
    packetHops++;
}

static inline double
UserSeconds()
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_utime.tv_usec * 1e-6;
}

static inline void
SetDefaults()
{
    Config::SetDefault("ns3::TcpL4Protocol::SocketType", TypeIdValue(TcpDctcp::GetTypeId()));
    Config::SetDefault("ns3::TcpDctcp::DctcpShiftG", DoubleValue(0.0625));
    Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1448)); // with timestamps
    Config::SetDefault("ns3::TcpSocket::DelAckCount", UintegerValue(1));
    Config::SetDefault("ns3::TcpSocket::InitialCwnd", UintegerValue(10));
    Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(1 << 23));
    Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(1 << 23));
    Config::SetDefault("ns3::TcpSocket::ConnTimeout", TimeValue(MilliSeconds(3)));
    Config::SetDefault("ns3::TcpSocketBase::MinRto", TimeValue(MilliSeconds(1)));
    Config::SetDefault("ns3::RedQueueDisc::UseEcn", BooleanValue(true));
    Config::SetDefault("ns3::RedQueueDisc::UseHardDrop", BooleanValue(false));
    Config::SetDefault("ns3::RedQueueDisc::QW", DoubleValue(1)); // the length at this moment
    Config::SetDefault("ns3::RedQueueDisc::MeanPktSize", UintegerValue(1500));
    Config::SetDefault("ns3::RedQueueDisc::MinTh", DoubleValue(65));
    Config::SetDefault("ns3::RedQueueDisc::MaxTh", DoubleValue(65));
    Config::SetDefault("ns3::RedQueueDisc::MaxSize", QueueSizeValue(QueueSize("1000p")));
    Config::SetDefault("ns3::RedQueueDisc::LinkBandwidth", StringValue("100Gbps"));
    Config::SetDefault("ns3::RedQueueDisc::LinkDelay", StringValue("1us"));
}

/* A link with two addresses of the helper's next network; gives its two ends. */
static inline Ipv4InterfaceContainer
Connect(Ptr<Node> first, Ptr<Node> second, Ipv4AddressHelper& addresses)
{
    PointToPointHelper link;
    TrafficControlHelper control;

    link.SetDeviceAttribute("DataRate", StringValue("100Gbps"));
    link.SetChannelAttribute("Delay", StringValue("1us"));
    link.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue("1p"));
    NetDeviceContainer devices = link.Install(first, second);
    control.SetRootQueueDisc("ns3::RedQueueDisc");
    control.Install(devices);
    for (uint32_t i = 0; i < devices.GetN(); i++)
    {
        devices.Get(i)->TraceConnectWithoutContext("PhyRxEnd", MakeCallback(&CountHop));
    }
    Ipv4InterfaceContainer interfaces = addresses.Assign(devices);
    addresses.NewNetwork();
    return interfaces;
}

/* A long flow to an address of the receiver. */
static inline void
AddFlow(Ptr<Node> sender, Ptr<Node> receiver, Ipv4Address address, ApplicationContainer& sinks)
{
    InetSocketAddress destination(address, 5000);
    BulkSendHelper source("ns3::TcpSocketFactory", destination);
    PacketSinkHelper sink("ns3::TcpSocketFactory", InetSocketAddress(Ipv4Address::GetAny(), 5000));

    source.SetAttribute("SendSize", UintegerValue(1 << 16));
    source.Install(sender);
    sinks.Add(sink.Install(receiver));
}

/* Runs it and prints "packet_hops cpu_seconds goodput_gbps". */
static inline void
RunAndReport(double milliseconds, const ApplicationContainer& sinks)
{
    uint64_t received = 0;

    Simulator::Stop(NanoSeconds(milliseconds * 1e6));
    const double start = UserSeconds();
    Simulator::Run();
    const double taken = UserSeconds() - start;

    for (uint32_t i = 0; i < sinks.GetN(); i++)
    {
        received += DynamicCast<PacketSink>(sinks.Get(i))->GetTotalRx();
    }
    std::printf("%llu %.3f %.2f\n",
                static_cast<unsigned long long>(packetHops),
                taken,
                received * 8 / (milliseconds * 1e6));
    Simulator::Destroy();
}

#endif
