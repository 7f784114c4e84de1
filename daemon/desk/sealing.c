/*
 * Letters are signed, and sealed where the gate says so, before the courier may have them
 *
 * The gate has said how when the letter was queued; here it is asked again, because keys end. What
 * the keys role makes of the letter takes the place of its bytes in one change, and is what is sent
 * from then on, however often. A letter that was to be sealed never goes in clear: it is held.
 */
#include "state.h"
#include "error.h"
#include "log.h"
#include "now.h"
#include <inttypes.h>
#include <string.h>

enum { IN_HAND = 32, FIRST_PAUSE = 5, LONGEST_PAUSE = 10 * 60, OWN_WAIT_AT_MOST = 60 };

struct sealing_work {
    guint64 letter;
    gboolean own;         /* to our own people: goes unsigned sooner than not at all */
    gboolean cms, sealed; /* the way that the gate has said */
    char **to;            /* of a seal */
    char *signer, *outer_subject;
    GBytes *bytes, *entity;
};

static void work_free(gpointer data)
{
    struct sealing_work *work = data;

    g_strfreev(work->to);
    g_free(work->signer);
    g_free(work->outer_subject);
    g_clear_pointer(&work->bytes, g_bytes_unref);
    g_clear_pointer(&work->entity, g_bytes_unref);
    g_free(work);
}

void sealing_start(struct desk *desk)
{
    desk->sealing = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, work_free);
    desk->look_for_unsealed = TRUE;
}

/* What is in hand is sealed again at the next start: nobody was sent it. */
void sealing_stop(struct desk *desk)
{
    g_clear_pointer(&desk->sealing, g_hash_table_unref);
}

gboolean sealing_is_idle(const struct desk *desk)
{
    return g_hash_table_size(desk->sealing) == 0 && !desk->look_for_unsealed && !desk->look_at_held;
}

static void forget(struct desk *desk, struct sealing_work *work)
{
    g_hash_table_remove(desk->sealing, &work->letter); /* frees it */
    desk->look_for_unsealed = TRUE;
}

/* -- what becomes of a letter -- */

gboolean sealing_journal(struct desk *desk, const struct outbox_row *letter, const char *kind,
    const char *text, GError **error)
{
    g_autofree char *whole = g_strdup_printf(
        "letter %" PRIu64 " (%s to %s): %s", letter->id, letter->kind, letter->recipient, text);

    return store_journal(
        desk->store, now_seconds(), "mado", kind, letter->incident, letter->mail, whole, error);
}

gboolean sealing_hold(struct desk *desk, const struct outbox_row *letter, gboolean must_be_sealed,
    const char *why, GError **error)
{
    const struct held_letter how = {must_be_sealed, why};

    log_event(LOG_LEVEL_WARN, letter->mail, "letter", "letter=%" PRIu64 " state=held: %s",
        letter->id, why);
    return store_letter_held(desk->store, letter->id, &how, now_seconds(), error) &&
           sealing_journal(desk, letter, "held", why, error);
}

/* `with` says what was done; NULL bytes: it goes as it is. */
static gboolean let_go(struct desk *desk, const struct outbox_row *letter,
    const struct sealed_letter *with, const char *how, GError **error)
{
    gboolean done;

    if (!store_letter_sealed(desk->store, letter->id, with, now_seconds(), &done, error))
        return FALSE;
    desk->look_for_letters = TRUE;
    return !done || sealing_journal(desk, letter, with->bytes ? "signed" : "unsigned", how, error);
}

static gboolean let_go_unsigned(
    struct desk *desk, const struct outbox_row *letter, const char *why, GError **error)
{
    static const struct sealed_letter as_it_is = {NULL, "", ""};

    return let_go(desk, letter, &as_it_is, why, error);
}

static gint64 pause_behind(const struct outbox_row *letter)
{
    gint64 last = letter->next_try - letter->changed_at;

    return CLAMP(last * 2, FIRST_PAUSE, LONGEST_PAUSE);
}

static gboolean wait(
    struct desk *desk, const struct outbox_row *letter, const char *why, GError **error)
{
    gint64 pause = pause_behind(letter);

    log_event(LOG_LEVEL_WARN, letter->mail, "letter", "letter=%" PRIu64 " is not signed yet: %s",
        letter->id, why);
    return store_letter_waits(desk->store, letter->id, now_seconds() + pause, why, error);
}

/* -- what the keys role answers -- */

static gboolean still_waits(const struct outbox_row *letter)
{
    return *letter->seal &&
           (g_str_equal(letter->state, "queued") || g_str_equal(letter->state, "deferred"));
}

static gboolean keep(struct desk *desk, const struct sealing_work *work,
    const struct outbox_row *letter, GBytes *bytes, GError **error)
{
    g_autofree char *to = work->sealed ? g_strjoinv("\n", work->to) : g_strdup("");
    g_autofree char *shown = work->sealed ? g_strjoinv(" ", work->to) : NULL;
    g_autofree char *how = g_strdup_printf("signed with %s%s%s", work->signer,
        shown ? ", sealed to " : ", in clear", shown ? shown : "");

    return let_go(desk, letter, &(struct sealed_letter){bytes, to, work->signer}, how, error);
}

/* FALSE without an error: the letter is not what it was, and there is nothing to do. */
static struct outbox_row *find_letter(struct desk *desk, const struct sealing_work *work)
{
    g_autoptr(GError) error = NULL;
    struct outbox_row *letter = store_letter_show(desk->store, work->letter, &error);

    if (!letter)
        desk_give_up(error);
    if (still_waits(letter))
        return letter;
    outbox_row_free(letter);
    return NULL;
}

static gboolean end_without(struct desk *desk, const struct sealing_work *work,
    const struct outbox_row *letter, enum keys_outcome outcome, const char *why, GError **error)
{
    g_autofree char *held = NULL;

    if (work->own)
        return let_go_unsigned(desk, letter, why, error);
    if (outcome == KEYS_LATER)
        return wait(desk, letter, why, error);
    held = g_strdup_printf(
        "it could not be %s: %s", work->sealed ? "signed and sealed" : "signed", why);
    return sealing_hold(desk, letter, work->sealed, held, error);
}

static void conclude(struct desk *desk, struct sealing_work *work, GBytes *bytes,
    enum keys_outcome how, const char *why)
{
    g_autoptr(GError) error = NULL;
    struct outbox_row *letter;
    gboolean done = TRUE;

    desk_change(desk);
    letter = find_letter(desk, work);
    if (letter && bytes)
        done = keep(desk, work, letter, bytes, &error);
    else if (letter)
        done = end_without(desk, work, letter, how, why, &error);
    if (!done)
        desk_give_up(error);
    desk_keep(desk);
    outbox_row_free(letter);
    forget(desk, work);
}

static void ask_keys(
    struct desk *desk, struct sealing_work *work, GBytes *data, gboolean encrypt, job_done done)
{
    static char *nobody[] = {NULL};
    struct seal_job job = {
        .cms = work->cms, .signer = work->signer, .to = encrypt ? work->to : nobody, .data = data};

    jobs_do(desk, KEYS_SEAL, seal_job_to_variant(&job), done, work);
}

static void on_sealed(struct desk *desk, gpointer data, const struct job_end *end)
{
    struct sealing_work *work = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) content = NULL;
    g_autoptr(GBytes) ciphertext = NULL, bytes = NULL;

    if (end->outcome != KEYS_DONE) {
        conclude(desk, work, NULL, end->outcome, end->why);
        return;
    }
    content = g_variant_get_child_value(end->result, 0);
    ciphertext = g_variant_get_data_as_bytes(content);
    bytes = write_sealed(
        work->bytes, work->outer_subject, &(struct sealed_content){ciphertext, work->cms}, &error);
    conclude(desk, work, bytes, KEYS_REFUSED, error ? error->message : "");
}

/* CMS signs and encrypts in two steps: what is encrypted is the signed entity. */
static GBytes *wrap(
    const struct sealing_work *work, const struct detached *signature, GError **error)
{
    return work->sealed ? write_signed_entity(work->entity, signature, error)
                        : write_signed(work->bytes, work->entity, signature, error);
}

static void on_signed(struct desk *desk, gpointer data, const struct job_end *end)
{
    struct sealing_work *work = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) content = NULL;
    g_autoptr(GBytes) signature = NULL, bytes = NULL;
    const char *micalg;

    if (end->outcome != KEYS_DONE) {
        conclude(desk, work, NULL, end->outcome, end->why);
        return;
    }
    content = g_variant_get_child_value(end->result, 0);
    signature = g_variant_get_data_as_bytes(content);
    g_variant_get_child(end->result, 1, "&s", &micalg);
    bytes = wrap(work, &(struct detached){signature, micalg, work->cms}, &error);
    if (bytes && work->sealed)
        ask_keys(desk, work, bytes, TRUE, on_sealed);
    else
        conclude(desk, work, bytes, KEYS_REFUSED, error ? error->message : "");
}

/* -- giving -- */

/* What stands outside of a sealed letter: by the number it finds its thread. */
static char *outer_subject(struct desk *desk, guint64 incident, GError **error)
{
    struct incident *found = incident ? store_incident_show(desk->store, incident, error) : NULL;
    g_autofree char *tag = found ? desk_tagged(desk, found->number) : NULL;

    incident_free(found);
    return incident && !tag ? NULL : g_strdup_printf("[%s]", tag ? tag : "...");
}

static gboolean begin(struct desk *desk, const struct outbox_row *letter, GBytes *bytes,
    const struct asked *asked, GError **error)
{
    gboolean sealed = asked->answer->way == GATE_SEAL;
    struct sealing_work *work = g_new0(struct sealing_work, 1);

    work->letter = letter->id;
    work->own = asking_is_own(letter->kind);
    work->sealed = sealed;
    work->cms = asked_signer(asked) == asked->cms;
    work->to = g_strdupv(asked->answer->to);
    work->signer = g_strdup(asked_signer(asked)->fingerprint);
    work->bytes = g_bytes_ref(bytes);
    work->outer_subject = outer_subject(desk, letter->incident, error);
    if (!work->outer_subject) {
        work_free(work);
        return FALSE;
    }
    work->entity = write_entity(bytes, sealed ? work->outer_subject : NULL);
    g_hash_table_replace(desk->sealing, &work->letter, work);
    if (sealed && !work->cms)
        ask_keys(desk, work, work->entity, TRUE, on_sealed);
    else
        ask_keys(desk, work, work->entity, FALSE, on_signed);
    return TRUE;
}

static gboolean take_in_hand(
    struct desk *desk, const struct outbox_row *letter, GBytes *bytes, GError **error)
{
    struct asked asked;
    gboolean done = asking_of_letter(desk, letter, bytes, &asked, error);

    if (!done)
        ;
    else if (asked.answer->way != GATE_CLEAR && asked.answer->way != GATE_SEAL)
        done = sealing_hold(desk, letter, !asked.answer->clear, asked.answer->why, error);
    else if (asked.answer->way == GATE_CLEAR && g_str_equal(letter->seal, "seal"))
        done = sealing_hold(desk, letter, TRUE,
            "it was to be sealed, and now there is no key for it: pin one (madoctl key pin), or "
            "give it up (madoctl hold drop)",
            error);
    else if (asked_signer(&asked))
        done = begin(desk, letter, bytes, &asked, error);
    else
        done = let_go_unsigned(desk, letter, "there is no key of ours", error);
    asked_clear(&asked);
    return done;
}

static gboolean feed_one(struct desk *desk, guint64 id, GError **error)
{
    struct outbox_row *letter = store_letter_show(desk->store, id, error);
    g_autoptr(GBytes) bytes = letter ? store_letter_bytes(desk->store, id, error) : NULL;
    gboolean done = bytes && take_in_hand(desk, letter, bytes, error);

    outbox_row_free(letter);
    return done;
}

static gboolean is_in_hand(const struct desk *desk, guint64 letter)
{
    return g_hash_table_contains(desk->sealing, &letter);
}

static GArray *find_due(struct desk *desk)
{
    g_autoptr(GError) error = NULL;
    GArray *due = store_unsealed_letters(
        desk->store, now_seconds(), IN_HAND + g_hash_table_size(desk->sealing), &error);

    if (!due)
        desk_give_up(error);
    for (guint i = due->len; i-- > 0;)
        if (is_in_hand(desk, g_array_index(due, guint64, i)))
            g_array_remove_index(due, i);
    return due;
}

static void feed_due(struct desk *desk)
{
    g_autoptr(GArray) due = NULL;
    g_autoptr(GError) error = NULL;
    guint free_hands = IN_HAND - MIN(IN_HAND, g_hash_table_size(desk->sealing));

    if (!desk->look_for_unsealed || !free_hands)
        return;
    due = find_due(desk);
    desk->look_for_unsealed = due->len > 0;
    if (!due->len)
        return;
    desk_change(desk);
    for (guint i = 0; i < MIN(due->len, free_hands); i++)
        if (!feed_one(desk, g_array_index(due, guint64, i), &error))
            desk_give_up(error);
    desk_keep(desk);
}

/* -- operators hear of it when the keys role is out of order -- */

static void let_late_one_go(struct desk *desk, guint64 id)
{
    g_autoptr(GError) error = NULL;
    struct outbox_row *letter = store_letter_show(desk->store, id, &error);

    if (!letter || !let_go_unsigned(desk, letter, "it was not signed in time", &error))
        desk_give_up(error);
    outbox_row_free(letter);
}

void sealing_check(struct desk *desk)
{
    gint64 before = now_seconds() - OWN_WAIT_AT_MOST;

    for (const char *const *kind = asking_own_kinds; *kind; kind++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GArray) late =
            store_unsealed_of_kind(desk->store, *kind, before, IN_HAND, &error);
        if (!late)
            desk_give_up(error);
        if (!late->len)
            continue;
        desk_change(desk);
        for (guint i = 0; i < late->len; i++)
            let_late_one_go(desk, g_array_index(late, guint64, i));
        desk_keep(desk);
    }
}

void sealing_feed(struct desk *desk)
{
    if (desk->draining)
        return;
    held_feed(desk);
    feed_due(desk);
}
