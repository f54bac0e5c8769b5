/* The work of scenarios/bench/fat_tree_k8.yaml in ns-3: a permutation of long DCTCP flows on the
 * hosts of a fat-tree, 100 Gbps and 1 us links, 1500-byte packets, one acknowledgement a packet,
 * marking at 65 packets at once.
 *
 *     fat_tree K MILLISECONDS     prints "packet_hops cpu_seconds goodput_gbps"
 *
 * What differs from mtpsim, besides what common.h says:
 *
 * The permutation is another random one: each host sends to one other and receives from one other.
 *
 * The way up is chosen by hash of (switch, destination), not of the flow's ports. Since a host
 * receives one flow, that is ECMP by flow for data, and likewise for acknowledgements.
 *
 * Routes are static: a prefix for each pod and edge on the way down, one for each flow on the way
 * up. So a node's table has some twenty entries; ns-3's global routing would search one for each
 * link of the network.
 */
#include "common.h"

#include <algorithm>
#include <random>
#include <set>
#include <utility>
#include <vector>

/* Hosts and switches by pod and place; half is K / 2. */
struct FatTree
{
    uint32_t half;
    NodeContainer hosts, edges, aggregations, cores;
    std::vector<Ipv4Address> addresses; /* of the hosts */

    uint32_t Pod(uint32_t host) const { return host / (half * half); }
    uint32_t Edge(uint32_t host) const { return host / half; }
};

static Ptr<Ipv4StaticRouting>
RoutesOf(Ptr<Node> node)
{
    return Ipv4StaticRoutingHelper().GetStaticRouting(node->GetObject<Ipv4>());
}

/* 10.(pod).(16 x edge + host).0/24 is a host's link: a prefix of 20 bits is an edge, one of 16 a
 * pod. */
static Ipv4Address
NetworkOf(const FatTree& tree, uint32_t host)
{
    const uint32_t pod = tree.Pod(host) + 1, edge = tree.Edge(host) % tree.half,
                   place = host % tree.half;
    return Ipv4Address(10u << 24 | pod << 16 | (16 * edge + place) << 8);
}

static void
JoinHosts(FatTree& tree)
{
    for (uint32_t host = 0; host < tree.hosts.GetN(); host++)
    {
        Ipv4AddressHelper addresses(NetworkOf(tree, host), "255.255.255.0");
        Ptr<Node> edge = tree.edges.Get(tree.Edge(host));
        Ipv4InterfaceContainer ends = Connect(edge, tree.hosts.Get(host), addresses);
        tree.addresses.push_back(ends.GetAddress(1));
        RoutesOf(tree.hosts.Get(host))->SetDefaultRoute(ends.GetAddress(0), 1);
    }
}

/* Joins a lower switch and an upper one, which gets the way down to a prefix. */
static void
JoinSwitches(Ptr<Node> lower,
             Ptr<Node> upper,
             Ipv4Address prefix,
             const char* mask,
             Ipv4AddressHelper& addresses)
{
    Ipv4InterfaceContainer ends = Connect(lower, upper, addresses);
    RoutesOf(upper)->AddNetworkRouteTo(prefix, mask, ends.GetAddress(0), ends.Get(1).second);
}

/* Edges have their hosts at interfaces 1 to half, and the aggregation switches of the pod after
 * them; these have the edges of the pod there, and their cores after them. */
static void
JoinTiers(FatTree& tree)
{
    const uint32_t half = tree.half;
    Ipv4AddressHelper addresses("172.16.0.0", "255.255.255.252");
    for (uint32_t pod = 0; pod < 2 * half; pod++)
    {
        const uint32_t first = pod * half;
        for (uint32_t edge = first; edge < first + half; edge++)
        {
            for (uint32_t above = first; above < first + half; above++)
            {
                JoinSwitches(tree.edges.Get(edge),
                             tree.aggregations.Get(above),
                             NetworkOf(tree, edge * half),
                             "255.255.240.0",
                             addresses);
            }
        }
        for (uint32_t above = 0; above < half; above++)
        {
            for (uint32_t core = above * half; core < (above + 1) * half; core++)
            {
                JoinSwitches(tree.aggregations.Get(first + above),
                             tree.cores.Get(core),
                             NetworkOf(tree, first * half),
                             "255.255.0.0",
                             addresses);
            }
        }
    }
}

/* One of the ways up from a switch: the interfaces behind the first `half`. */
static uint32_t
Choose(uint32_t half, uint32_t node, uint32_t destination)
{
    return half + 1 + std::mt19937(node * 65536 + destination)() % half;
}

/* A route by an interface, unless a flow that comes this way has made it. */
static void
AddWayUp(Ptr<Node> from, uint32_t interface, Ipv4Address to)
{
    static std::set<std::pair<uint32_t, uint32_t>> made;
    Ptr<NetDevice> device = from->GetObject<Ipv4>()->GetNetDevice(interface);
    Ptr<Channel> channel = device->GetChannel();
    Ptr<NetDevice> peer = channel->GetDevice(channel->GetDevice(0) == device ? 1 : 0);
    Ptr<Ipv4> ipv4 = peer->GetNode()->GetObject<Ipv4>();

    if (made.insert({from->GetId(), to.Get()}).second)
    {
        RoutesOf(from)->AddHostRouteTo(
            to, ipv4->GetAddress(ipv4->GetInterfaceForDevice(peer), 0).GetLocal(), interface);
    }
}

/* The way up for what one host sends to another. */
static void
AddRoute(const FatTree& tree, uint32_t from, uint32_t to)
{
    const uint32_t half = tree.half, edge = tree.Edge(from);
    if (edge == tree.Edge(to))
    {
        return;
    }
    const uint32_t up = Choose(half, edge, to);
    AddWayUp(tree.edges.Get(edge), up, tree.addresses[to]);
    if (tree.Pod(from) != tree.Pod(to))
    {
        const uint32_t aggregation = tree.Pod(from) * half + up - half - 1;
        AddWayUp(tree.aggregations.Get(aggregation),
                 Choose(half, 4096 + aggregation, to),
                 tree.addresses[to]);
    }
}

/* Each host sends to the next one of a random circle of all. */
static ApplicationContainer
AddFlows(const FatTree& tree)
{
    const uint32_t count = tree.hosts.GetN();
    std::vector<uint32_t> circle(count);
    ApplicationContainer sinks;

    for (uint32_t i = 0; i < count; i++)
    {
        circle[i] = i;
    }
    std::shuffle(circle.begin(), circle.end(), std::mt19937(1));
    for (uint32_t i = 0; i < count; i++)
    {
        const uint32_t from = circle[i], to = circle[(i + 1) % count];
        AddRoute(tree, from, to);
        AddRoute(tree, to, from);
        AddFlow(tree.hosts.Get(from), tree.hosts.Get(to), tree.addresses[to], sinks);
    }
    return sinks;
}

int
main(int argc, char* argv[])
{
    const uint32_t k = argc > 1 ? std::atoi(argv[1]) : 8;
    const double milliseconds = argc > 2 ? std::atof(argv[2]) : 0.2;
    InternetStackHelper stack;
    FatTree tree{k / 2, {}, {}, {}, {}, {}};

    SetDefaults();
    tree.hosts.Create(k * k * k / 4);
    tree.edges.Create(k * k / 2);
    tree.aggregations.Create(k * k / 2);
    tree.cores.Create(k * k / 4);
    stack.SetRoutingHelper(Ipv4StaticRoutingHelper());
    stack.InstallAll();
    JoinHosts(tree);
    JoinTiers(tree);
    RunAndReport(milliseconds, AddFlows(tree));
    return 0;
}
