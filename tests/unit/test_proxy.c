/* The proxy's pieces by themselves: what it submits of a message that comes in arrivals of any
 * size, with any ratio. */
#include <mtpsim/offload.h>

#include <math.h>
#include <stdlib.h>

#include "support/suite.h"

extern const struct sim_offload_ops proxy_offload;

enum { CLIENT, PROXY, SERVER, MESSAGES = 3 };

/* What the proxy did. */
struct outcome {
    uint64_t submitted[MESSAGES], consumed;
    uint32_t pieces, ends[MESSAGES];
    uint64_t told[MESSAGES]; /* the length that frames say */
};

static void outcome_submit(void *host_state, const struct sim_message *message, sim_time now)
{
    struct outcome *outcome = host_state;
    uint32_t number = message->frame.number;
    (void)now;
    ck_assert_uint_lt(number, MESSAGES);
    ck_assert_uint_gt(message->bytes, 0);
    ck_assert(message->framed && !outcome->ends[number]);
    ck_assert_uint_eq(message->number, outcome->pieces);
    ck_assert_uint_eq(message->dst, message->frame.dst);
    outcome->pieces++;
    outcome->submitted[number] += message->bytes;
    outcome->told[number] = message->frame.bytes;
    outcome->ends[number] += !message->part;
}

static void outcome_consumed(void *host_state, struct sim_stream stream, uint64_t bytes,
                             sim_time now)
{
    (void)stream, (void)now;
    ((struct outcome *)host_state)->consumed += bytes;
}

/* A proxy with parameters as the table lays them out. */
struct fixture {
    struct outcome outcome;
    struct sim_offload_env env;
    uint32_t servers[1];
    void *params, *proxy;
};

static void *member(const struct fixture *fixture, const char *name)
{
    const struct sim_param *param = proxy_offload.plugin.params;
    while (strcmp(param->name, name) != 0)
        param++;
    return (char *)fixture->params + param->offset;
}

static void fixture_init(struct fixture *fixture, double ratio, double ratio_back)
{
    *fixture = (struct fixture){.servers = {SERVER}};
    fixture->params = calloc(1, proxy_offload.plugin.params_size);
    fixture->proxy = calloc(1, proxy_offload.plugin.state_size);
    ck_assert(fixture->params && fixture->proxy);
    *(struct sim_list *)member(fixture, "servers") = (struct sim_list){fixture->servers, 1};
    *(double *)member(fixture, "ratio") = ratio;
    *(double *)member(fixture, "ratio_back") = ratio_back;
    *(bool *)member(fixture, "persistent") = true;
    fixture->env = (struct sim_offload_env){
        .host = PROXY,
        .port = 40000,
        .ports = 100,
        .submit = outcome_submit,
        .consumed = outcome_consumed,
        .host_state = &fixture->outcome,
    };
    proxy_offload.init(fixture->proxy, fixture->params, &fixture->env);
}

static void fixture_clear(struct fixture *fixture)
{
    proxy_offload.clear(fixture->proxy);
    free(fixture->params);
    free(fixture->proxy);
}

static const double ratios[] = {1, 1.5, 0.5, 1.0 / 32, 32, 0.6875, 3.3125};

/* What there is of `bytes` bytes of a message of `all`. */
static uint64_t made_of(double ratio, uint64_t bytes, uint64_t all)
{
    uint64_t length = (uint64_t)fmax(floor((double)all * ratio), 1);
    uint64_t made = (uint64_t)((double)bytes * ratio);
    return bytes == all ? length : made < length ? made : length - 1;
}

/* Three messages at a time, of which bytes come in random order and number. */
START_TEST(proxy__pieces)
{
    double ratio = ratios[(size_t)_i % 7], back = ratios[(size_t)_i / 7 % 7];
    struct fixture fixture;
    struct sim_rng rng;
    struct sim_frame frames[MESSAGES];
    uint64_t came[MESSAGES] = {0}, total = 0, all = 0;
    uint32_t notes[MESSAGES] = {0};
    fixture_init(&fixture, ratio, back);
    sim_rng_init(&rng, (uint64_t)_i, "pieces");
    for (uint32_t i = 0; i < MESSAGES; i++) {
        frames[i] = (struct sim_frame){
            .origin = i == 2 ? SERVER : CLIENT,
            .number = i,
            .dst = i == 2 ? CLIENT : SERVER,
            .bytes = 1 + sim_rng_below(&rng, _i % 2 ? 40 : 9000),
            .content = {.kind = i == 2 ? SIM_CONTENT_RESPONSE : SIM_CONTENT_READ, .client = CLIENT},
        };
        all += frames[i].bytes;
    }
    while (total < all) {
        uint32_t i = (uint32_t)sim_rng_below(&rng, MESSAGES);
        uint64_t left = frames[i].bytes - came[i];
        if (!left)
            continue;
        uint64_t bytes = 1 + sim_rng_below(&rng, left < 1460 ? left : 1460);
        const struct sim_arrival arrival = {
            .frame = &frames[i],
            .bytes = bytes,
            .note = &notes[i],
            .begins = !came[i],
            .ends = bytes == left,
        };
        came[i] += bytes;
        total += bytes;
        proxy_offload.arrived(fixture.proxy, &arrival, 0);
        ck_assert_uint_eq(fixture.outcome.submitted[i],
                          made_of(i == 2 ? back : ratio, came[i], frames[i].bytes));
        ck_assert_uint_eq(proxy_offload.buffered(fixture.proxy), total);
    }
    for (uint32_t number = 0; number < fixture.outcome.pieces; number++)
        proxy_offload.sent(fixture.proxy, number, 0);
    for (uint32_t i = 0; i < MESSAGES; i++) {
        ck_assert_uint_eq(fixture.outcome.ends[i], 1);
        ck_assert_uint_eq(fixture.outcome.told[i], fixture.outcome.submitted[i]);
    }
    ck_assert_uint_eq(proxy_offload.buffered(fixture.proxy), 0);
    ck_assert_uint_eq(fixture.outcome.consumed, all);
    fixture_clear(&fixture);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, proxy__pieces, 0, 98);
}

int main(void)
{
    return suite_run("proxy", add);
}
