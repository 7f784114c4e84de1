/* Letters that are held: asked for again when a key comes, or when a person wants it. */
#include "state.h"
#include "now.h"
#include <string.h>

enum { AT_ONCE = 32 };

const char held_by_mode[] = "acknowledge.mode is hold: read it (madoctl hold show), then let it go "
                            "(madoctl hold release)";

/* What was made ready before stays as it is: it cannot be made anew. */
static gboolean may_go(const struct outbox_row *letter, const struct gate_answer *answer)
{
    return *letter->seal && !answer->approvals &&
           gate_lets_go(answer, g_str_equal(letter->seal, "seal"));
}

/* What a person has sent can be taken back once more. */
static gint64 wait_of(const struct desk *desk, const struct outbox_row *letter)
{
    return g_str_equal(letter->kind, "letter") ? desk->settings->outgoing.undo : 0;
}

/* In the caller's change; the caller clears `asked`, also where it failed. */
static gboolean ask(struct desk *desk, const struct outbox_row *letter, gboolean release,
    struct asked *asked, GError **error)
{
    g_autoptr(GBytes) bytes = store_letter_bytes(desk->store, letter->id, error);

    *asked = (struct asked){0};
    if (!bytes || !asking_of_letter(desk, letter, bytes, asked, error) ||
        !posting_missing(desk, letter, asked->answer, &asked->answer->approvals, error))
        return FALSE;
    if (!release || !may_go(letter, asked->answer))
        return TRUE;
    desk->look_for_unsealed = TRUE;
    return letters_make_anew(desk, letter, asked, error) &&
           store_letter_released(
               desk->store, letter->id, wait_of(desk, letter), now_seconds(), error);
}

struct gate_answer *held_ask(gpointer data, guint64 id, gboolean release, GError **error)
{
    struct desk *desk = data;
    struct outbox_row *letter = store_letter_show(desk->store, id, error);
    struct asked asked = {0};
    gboolean done = letter && ask(desk, letter, release, &asked, error);
    struct gate_answer *answer = done ? g_steal_pointer(&asked.answer) : NULL;

    asked_clear(&asked);
    outbox_row_free(letter);
    return answer;
}

/* While a key of ours has no secret part, what lacks a signature would come back at once. What a
 * person is to look at waits for nothing else, and so does what may have gone. */
static gboolean is_worth_it(const struct desk *desk, const struct outbox_row *letter)
{
    return !g_str_has_prefix(letter->reply, held_by_mode) &&
           !strstr(letter->reply, STORE_RESTORED) &&
           (!desk->keys_missing || g_str_equal(letter->seal, "seal"));
}

static gboolean ask_by_itself(struct desk *desk, guint64 id, GError **error)
{
    struct outbox_row *letter = store_letter_show(desk->store, id, error);
    struct asked asked = {0};
    gboolean done = letter && ask(desk, letter, is_worth_it(desk, letter), &asked, error) &&
                    (!is_worth_it(desk, letter) || !may_go(letter, asked.answer) ||
                        sealing_journal(desk, letter, "released", asked.answer->why, error));

    asked_clear(&asked);
    outbox_row_free(letter);
    return done;
}

void held_feed(struct desk *desk)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) held = NULL;

    if (!desk->look_at_held)
        return;
    held = store_held_letters(desk->store, desk->held_seen, AT_ONCE, &error);
    if (!held)
        desk_give_up(error);
    desk->look_at_held = held->len > 0;
    if (!held->len)
        return;
    desk->held_seen = g_array_index(held, guint64, held->len - 1);
    desk_change(desk);
    for (guint i = 0; i < held->len; i++)
        if (!ask_by_itself(desk, g_array_index(held, guint64, i), &error))
            desk_give_up(error);
    desk_keep(desk);
}

void held_look_again(gpointer data)
{
    struct desk *desk = data;

    desk->look_at_held = TRUE;
    desk->held_seen = 0;
}
