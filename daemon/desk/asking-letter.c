/* The gate, asked about a letter that is there already: when it is made ready, when it is held, and
 * at the courier's door. */
#include "state.h"
#include "ctl.h"
#include "duty.h"
#include "say.h"

/* -- a letter that is there already -- */

/* Who has written it, and who agrees; nothing of what no person has written. */
struct written {
    struct writing *writing;
    GPtrArray *approvals; /* struct approval */
    GPtrArray *users;     /* const char *, of these */
    GPtrArray *files;     /* struct enclosure */
};

static void written_clear(struct written *written)
{
    writing_free(written->writing);
    g_clear_pointer(&written->approvals, g_ptr_array_unref);
    g_clear_pointer(&written->users, g_ptr_array_unref);
    g_clear_pointer(&written->files, g_ptr_array_unref);
}

static gboolean look_at_files(
    struct desk *desk, guint64 letter, struct written *written, GError **error)
{
    written->files = store_enclosures(desk->store, letter, error);
    for (guint i = 0; written->files && i < written->files->len; i++) {
        struct enclosure *one = written->files->pdata[i];
        if (!(one->bytes = store_enclosure_bytes(desk->store, letter, i, error)))
            return FALSE;
    }
    return written->files != NULL;
}

/* Whoever is no commander any more has not approved any more, either. */
gboolean asking_may_approve(const struct desk *desk, const char *user)
{
    const struct member *member = duty_member(desk->settings, user);

    return member && ctl_role_from_name(member->role) >= CTL_COMMANDER;
}

static gboolean look_who_wrote(
    struct desk *desk, guint64 letter, struct written *written, GError **error)
{
    *written = (struct written){0};
    if (!store_writing(desk->store, letter, &written->writing, error))
        return FALSE;
    if (!written->writing)
        return TRUE;
    written->approvals = store_approvals(desk->store, letter, error);
    written->users = g_ptr_array_new();
    for (guint i = 0; written->approvals && i < written->approvals->len; i++) {
        const struct approval *one = written->approvals->pdata[i];
        if (asking_may_approve(desk, one->user))
            g_ptr_array_add(written->users, one->user);
    }
    return written->approvals && look_at_files(desk, letter, written, error);
}

static void add_writing(struct asking *asking, const struct written *written)
{
    const struct writing *writing = written->writing;

    if (!writing)
        return;
    asking->label = writing->label;
    asking->purpose = writing->purpose;
    asking->writer = writing->writer;
    asking->approvals = written->users;
    asking->enclosures = written->files;
    asking->confirmed = writing->confirmed != 0;
}

static const char risen[] =
    N_("it says %s, and %s is %s by now: give it up (madoctl hold drop), and write anew");

/* It stands in the letter, and whoever gets that goes by it. */
static void hold_weaker(
    struct gate_answer *answer, const struct writing *writing, const struct incident *now)
{
    answer->way = GATE_HOLD;
    answer->rule = "label-risen";
    answer->approvals = 0;
    g_free(answer->why);
    g_free(answer->said);
    answer->why = g_strdup_printf(risen, writing->label, now->number, now->label);
    answer->said = g_strdup_printf(_(risen), writing->label, now->number, now->label);
}

static gboolean hold_if_weaker(struct desk *desk, const struct outbox_row *letter,
    const struct writing *writing, struct gate_answer *answer, GError **error)
{
    struct incident *now;

    if (!writing || !letter->incident || answer->way == GATE_REFUSE)
        return TRUE;
    if (!(now = store_incident_show(desk->store, letter->incident, error)))
        return FALSE;
    if (label_is_stricter(now->label, writing->label))
        hold_weaker(answer, writing, now);
    incident_free(now);
    return TRUE;
}

/* Without bytes: it is sealed already. */
static gboolean ask_of_letter(struct desk *desk, const struct outbox_row *letter, GBytes *bytes,
    struct asked *asked, GError **error)
{
    gboolean by_person = asking_kind(letter->kind) == GATE_PERSON;
    g_autofree char *text = bytes && by_person ? write_words_of(bytes) : NULL;
    struct asking asking = {.kind = letter->kind,
        .recipient = letter->recipient,
        .mail = letter->mail,
        .incident = letter->incident,
        .text = text,
        .is_sealed = !bytes};
    struct written written = {0};
    gboolean done = !by_person || look_who_wrote(desk, letter->id, &written, error);

    if (done)
        add_writing(&asking, &written);
    done = done && asking_do(desk, &asking, asked, error) &&
           hold_if_weaker(desk, letter, written.writing, asked->answer, error);
    written_clear(&written);
    return done;
}

gboolean asking_of_letter(struct desk *desk, const struct outbox_row *letter, GBytes *bytes,
    struct asked *asked, GError **error)
{
    return ask_of_letter(desk, letter, bytes, asked, error);
}

/* -- a letter that was made ready, and then waited for the relay -- */

static gboolean is_theirs(const struct addressee *addressee, const char *fingerprint)
{
    for (guint i = 0; i < addressee->keys->len; i++) {
        const struct pinned_key *key = addressee->keys->pdata[i];
        if (g_str_equal(key->fingerprint, fingerprint))
            return !key->revoked;
    }
    return FALSE;
}

static const char anew[] = "give it up, and write anew: madoctl hold drop";

static char *why_not_sealed(const struct addressee *addressee, const char *sealed_to)
{
    g_auto(GStrv) fingerprints = g_strsplit(sealed_to, "\n", -1);

    for (char **one = fingerprints; *one; one++)
        if (!is_theirs(addressee, *one))
            return g_strdup_printf(
                "it was sealed to the key %s, which is unpinned or revoked since then; %s", *one,
                anew);
    return NULL;
}

/* -- and it is asked again whether it may go at all -- */

/* Of what is fixed, to somebody without a key, the gate needs no second word. */
static gboolean is_clear_still(const struct outbox_row *letter, const struct addressee *addressee)
{
    return asking_kind(letter->kind) == GATE_ACK && !addressee->keys->len &&
           !addressee->always_seal;
}

/* The bytes are signed as they are, so they cannot be sealed now. */
static gboolean ask_why_not_clear(
    struct desk *desk, const struct outbox_row *letter, char **why, GError **error)
{
    g_autoptr(GBytes) bytes = store_letter_bytes(desk->store, letter->id, error);
    struct asked asked = {0};
    gboolean done = bytes && asking_of_letter(desk, letter, bytes, &asked, error);

    if (done && asked.answer->way != GATE_CLEAR)
        *why = g_strdup_printf(
            "it was made ready in clear, and since then: %s; %s", asked.answer->why, anew);
    asked_clear(&asked);
    return done;
}

/* What was sealed is sealed to them; but the incident's label may have risen, or a contact have
 * changed. */
static gboolean ask_why_not_at_all(
    struct desk *desk, const struct outbox_row *letter, char **why, GError **error)
{
    struct asked asked = {0};
    gboolean done = asking_kind(letter->kind) != GATE_PERSON ||
                    ask_of_letter(desk, letter, NULL, &asked, error);

    if (done && asked.answer && asked.answer->way != GATE_SEAL)
        *why = g_strdup_printf("it was made ready, and since then: %s", asked.answer->why);
    asked_clear(&asked);
    return done;
}

gboolean asking_may_leave(
    struct desk *desk, const struct outbox_row *letter, char **why, GError **error)
{
    g_autoptr(mado_addressee) addressee = NULL;

    *why = NULL;
    if (asking_is_own(letter->kind))
        return TRUE;
    addressee = store_addressee(desk->store, letter->recipient, error);
    if (!addressee)
        return FALSE;
    if (!*letter->sealed_to)
        return is_clear_still(letter, addressee) || ask_why_not_clear(desk, letter, why, error);
    *why = why_not_sealed(addressee, letter->sealed_to);
    return *why || ask_why_not_at_all(desk, letter, why, error);
}
