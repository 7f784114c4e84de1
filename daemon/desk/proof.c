/* Does each mailbox and the relay answer, now? The roles are asked all at once; what they say, or
 * that they have not said it yet, is read by `doctor`. */
#include "state.h"

void proof_ask(struct peer *peer)
{
    g_clear_pointer(&peer->proof, g_free);
    peer->proving = peer->ready;
    if (peer->ready)
        peer_tell(peer, IPC_PROVE, g_variant_new("()"), -1);
}

/* An intake tells how its mailbox is with each look; of a relay to which nothing is sent nothing
 * else may come for days. */
static void learn_of_relay(struct peer *courier, const char *why_not)
{
    if (*why_not) {
        peer_complains(courier, why_not);
        return;
    }
    peer_answers(courier, peer_is_well(courier) ? courier->state : "ready");
    outbox_relay_is_back(courier->desk);
}

void proof_heard(struct peer *peer, const struct ipc_message *message)
{
    const char *why_not;

    g_variant_get(message->body, "(&s)", &why_not);
    peer->proving = FALSE;
    g_free(peer->proof);
    peer->proof = peer_words(why_not);
    if (peer->kind == ROLE_COURIER)
        learn_of_relay(peer, why_not);
}

static gboolean any_proving(const struct desk *desk)
{
    for (guint i = 0; i < desk->intakes->len; i++)
        if (((struct peer *)desk->intakes->pdata[i])->proving)
            return TRUE;
    return desk->courier->proving;
}

gboolean proof_done(gpointer data, gboolean begin)
{
    struct desk *desk = data;
    gint64 now = g_get_monotonic_time();
    gboolean under_way = any_proving(desk) && now < desk->proof_until;

    if (!begin || under_way)
        return !under_way;
    for (guint i = 0; i < desk->intakes->len; i++)
        proof_ask(desk->intakes->pdata[i]);
    proof_ask(desk->courier);
    desk->proof_until = now + PROOF_SECONDS * G_USEC_PER_SEC;
    return !any_proving(desk);
}
