/* The gate, asked about a letter: what it needs to know comes from the store. */
#include "state.h"
#include "now.h"

const char *const asking_own_kinds[] = {"notice", "alarm", "test", NULL};

/* What is named nowhere was written by a person. */
static enum gate_kind kind_of(const char *kind)
{
    if (g_strv_contains(asking_own_kinds, kind))
        return GATE_OWN;
    return g_str_equal(kind, "ack") || g_str_equal(kind, "unreadable") ? GATE_ACK : GATE_PERSON;
}

gboolean asking_is_own(const char *kind)
{
    return kind_of(kind) == GATE_OWN;
}

/* -- what the store knows -- */

struct known {
    struct addressee *addressee;
    GPtrArray *keys;     /* struct gate_key */
    GPtrArray *tainted;  /* char * */
    GPtrArray *facts;    /* struct released */
    GPtrArray *released; /* const char *, of these */
    gboolean answers_sealed;
};

static void known_clear(struct known *known)
{
    addressee_free(known->addressee);
    g_clear_pointer(&known->keys, g_ptr_array_unref);
    g_clear_pointer(&known->tainted, g_ptr_array_unref);
    g_clear_pointer(&known->released, g_ptr_array_unref);
    g_clear_pointer(&known->facts, g_ptr_array_unref);
}

static void add_keys(struct known *known)
{
    known->keys = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < known->addressee->keys->len; i++) {
        const struct pinned_key *pinned = known->addressee->keys->pdata[i];
        struct gate_key *key = g_new0(struct gate_key, 1);
        *key = (struct gate_key){pinned->fingerprint, pinned->cms != 0, pinned->expires,
            pinned->revoked != 0, pinned->can_encrypt != 0, pinned->encrypts != 0};
        g_ptr_array_add(known->keys, key);
    }
}

/* What is fixed says nothing of a report, so nothing of it is looked for. */
static gboolean look_for_taint(
    struct desk *desk, const struct asking *asking, struct known *known, GError **error)
{
    if (kind_of(asking->kind) != GATE_PERSON || !asking->incident)
        return TRUE;
    known->tainted = store_sealed_texts(desk->store, asking->incident, error);
    known->facts = known->tainted ? store_released(desk->store, asking->incident, error) : NULL;
    known->released = g_ptr_array_new();
    for (guint i = 0; known->facts && i < known->facts->len; i++)
        g_ptr_array_add(known->released, ((struct released *)known->facts->pdata[i])->text);
    return known->facts != NULL;
}

static gboolean look_up(
    struct desk *desk, const struct asking *asking, struct known *known, GError **error)
{
    known->addressee = store_addressee(desk->store, asking->recipient, error);
    if (!known->addressee)
        return FALSE;
    add_keys(known);
    return (!asking->mail ||
               store_came_sealed(desk->store, asking->mail, &known->answers_sealed, error)) &&
           look_for_taint(desk, asking, known, error);
}

/* -- the answer -- */

static gboolean find_signers(struct desk *desk, struct asked *asked, GError **error)
{
    gint64 now = now_seconds();

    return store_signing_key(desk->store, FALSE, now, &asked->pgp, error) &&
           store_signing_key(desk->store, TRUE, now, &asked->cms, error);
}

gboolean asking_do(
    struct desk *desk, const struct asking *asking, struct asked *asked, GError **error)
{
    struct known known = {0};
    gboolean done;

    *asked = (struct asked){0};
    done = look_up(desk, asking, &known, error) && find_signers(desk, asked, error);
    if (done)
        asked->answer = gate_decide(&(struct gate_question){
            .kind = kind_of(asking->kind),
            .recipient = asking->recipient,
            .contact = {.always_seal = known.addressee->always_seal != 0},
            .keys = known.keys,
            .answers_sealed = known.answers_sealed,
            .we_have_pgp = asked->pgp != NULL,
            .we_have_cms = asked->cms != NULL,
            .text = asking->text,
            .tainted = known.tainted,
            .released = known.released,
            .now = now_seconds(),
        });
    known_clear(&known);
    return done;
}

void asked_clear(struct asked *asked)
{
    gate_answer_free(asked->answer);
    key_free(asked->pgp);
    key_free(asked->cms);
}

const struct key *asked_signer(const struct asked *asked)
{
    if (asked->answer->way == GATE_SEAL)
        return asked->answer->cms ? asked->cms : asked->pgp;
    return asked->pgp ? asked->pgp : asked->cms;
}

/* -- a letter that is there already -- */

gboolean asking_of_letter(struct desk *desk, const struct outbox_row *letter, GBytes *bytes,
    struct asked *asked, GError **error)
{
    g_autofree char *text = kind_of(letter->kind) == GATE_PERSON ? write_words_of(bytes) : NULL;

    return asking_do(desk,
        &(struct asking){.kind = letter->kind,
            .recipient = letter->recipient,
            .mail = letter->mail,
            .incident = letter->incident,
            .text = text},
        asked, error);
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

/* Of what is fixed, to somebody without a key, the gate needs no second word. */
static gboolean is_clear_still(const struct outbox_row *letter, const struct addressee *addressee)
{
    return kind_of(letter->kind) == GATE_ACK && !addressee->keys->len && !addressee->always_seal;
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
    return TRUE;
}
