/* Letters of our own people that did not go through mado: whom they reached, and what the gate
 * would have said. */
#include "state.h"
#include "text.h"

enum { MOST_RECIPIENTS = 20 };

/* It has gone; but whether it should have may matter to somebody. */
static gboolean ask_gate(
    struct desk *desk, const struct outside_letter *letter, const char *recipient, GError **error)
{
    const struct message *message = letter->message;
    g_autofree char *text = g_strdup_printf("%s\n%s", message->subject, message->text);
    g_autofree char *words = NULL;
    struct asked asked;
    gboolean done = asking_do(desk,
        &(struct asking){.kind = "outside",
            .recipient = recipient,
            .mail = letter->mail,
            .incident = letter->incident,
            .text = text},
        &asked, error);

    if (done) {
        words = g_strdup_printf("to %s; mado would have said: %s (%s)", recipient,
            gate_way_name(asked.answer->way), asked.answer->rule);
        done = store_journal(desk->store, letter->now, "mado", "sent-outside", letter->incident,
            letter->mail, words, error);
    }
    asked_clear(&asked);
    return done;
}

gboolean colleague_note(struct desk *desk, const struct outside_letter *letter, GError **error)
{
    const GPtrArray *to = letter->message->to;
    guint told = 0;

    for (guint i = 0; i < to->len && told < MOST_RECIPIENTS; i++) {
        const char *address = ((const struct mailbox *)to->pdata[i])->addr;
        if (!text_is_safe_address(address) || desk_is_ours(address, desk->settings))
            continue;
        told++;
        if (!store_add_correspondent(desk->store, letter->incident, address, error) ||
            !ask_gate(desk, letter, address, error))
            return FALSE;
    }
    return TRUE;
}
