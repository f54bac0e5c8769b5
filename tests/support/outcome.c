#include "support/outcome.h"

struct outcome outcome_of(const struct simulation *simulation)
{
    struct outcome outcome = {0};
    g_autoptr(GArray) messages = simulation_messages(simulation);
    for (guint i = 0; i < messages->len; i++) {
        const struct message_record *message = &g_array_index(messages, struct message_record, i);
        outcome.messages++;
        outcome.undelivered += message->delivered == SIM_NEVER;
        outcome.twice += message->times > 1;
        outcome.requests += message->asks;
        outcome.unanswered += message->asks && message->answered == SIM_NEVER;
    }
    simulation_faults(simulation, &outcome.faults);
    simulation_counts(simulation, &outcome.counts);
    return outcome;
}
