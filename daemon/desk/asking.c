/* The gate, asked about a letter: what it needs to know comes from the store. */
#include "state.h"
#include "desk.h"
#include "now.h"
#include <mado/incident.h>

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
    struct incident *incident;
    const char *label; /* of what goes out */
    char *names;       /* of those who are named for the incident */
    gboolean is_named, is_source;
};

static void known_clear(struct known *known)
{
    addressee_free(known->addressee);
    g_clear_pointer(&known->keys, g_ptr_array_unref);
    g_clear_pointer(&known->tainted, g_ptr_array_unref);
    g_clear_pointer(&known->released, g_ptr_array_unref);
    g_clear_pointer(&known->facts, g_ptr_array_unref);
    incident_free(known->incident);
    g_free(known->names);
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

/* -- of what people write: its label, and whether they may know -- */

/* Of the incident as it is now, or that of the letter where that is stricter. */
static void choose_label(const struct asking *asking, struct known *known)
{
    const char *of_incident = known->incident ? known->incident->label : NULL;

    known->label = asking->label ? asking->label : of_incident;
    if (of_incident && asking->label && label_is_stricter(of_incident, asking->label))
        known->label = of_incident;
}

/* Mail that names no label has that of the configuration. */
static const char *label_of_theirs(const struct desk *desk, const struct telling *telling)
{
    const char *by_default = desk->settings->handling.default_in;
    const char *named = label_names[telling->labelled ? telling->strictest : 0];

    if (!telling->labelled ||
        (telling->labelled < telling->theirs && label_is_stricter(by_default, named)))
        return by_default;
    return named;
}

/* They may be told what they told us; what others have said more strictly is not theirs. */
static gboolean look_for_source(
    struct desk *desk, const struct asking *asking, struct known *known, GError **error)
{
    const struct teller teller = {asking->recipient, known->addressee->contact};
    struct telling telling = {0};

    if (!store_telling(desk->store, asking->incident, &teller, &telling, error))
        return FALSE;
    known->answers_sealed |= telling.sealed > 0;
    known->is_source =
        (telling.theirs || telling.reported) &&
        (!telling.others || !label_is_stricter(known->label, label_of_theirs(desk, &telling)));
    return TRUE;
}

static gboolean look_for_names(
    struct desk *desk, const struct asking *asking, struct known *known, GError **error)
{
    g_autoptr(GPtrArray) all = store_named(desk->store, asking->incident, error);
    g_autoptr(GString) names = g_string_new(NULL);

    for (guint i = 0; all && i < all->len; i++) {
        const struct naming *one = all->pdata[i];
        known->is_named |= one->contact == known->addressee->contact;
        g_string_append_printf(names, "%s%s", i ? ", " : "", one->name);
    }
    known->names = g_strdup(names->str);
    return all != NULL;
}

static gboolean look_for_rights(
    struct desk *desk, const struct asking *asking, struct known *known, GError **error)
{
    if (kind_of(asking->kind) != GATE_PERSON)
        return TRUE;
    known->incident =
        asking->incident ? store_incident_show(desk->store, asking->incident, error) : NULL;
    choose_label(asking, known);
    return !asking->incident || (known->incident && look_for_source(desk, asking, known, error) &&
                                    look_for_names(desk, asking, known, error));
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
           look_for_taint(desk, asking, known, error) &&
           look_for_rights(desk, asking, known, error);
}

/* -- the answer -- */

static gboolean find_signers(struct desk *desk, struct asked *asked, GError **error)
{
    gint64 now = now_seconds();

    return store_signing_key(desk->store, FALSE, now, &asked->pgp, error) &&
           store_signing_key(desk->store, TRUE, now, &asked->cms, error);
}

/* Our own people are known by the configuration, and need not be written down once more. */
static struct gate_contact contact_of(
    const struct desk *desk, const struct asking *asking, const struct known *known)
{
    const struct addressee *addressee = known->addressee;
    gboolean ours = desk_is_ours(asking->recipient, desk->settings);

    return (struct gate_contact){.name = addressee->name,
        .relation = ours ? "inside" : addressee->relation,
        .clearance = addressee->clearance,
        .verified = ours || addressee->verified,
        .always_seal = addressee->always_seal != 0};
}

static struct gate_policy policy_of(const struct desk *desk)
{
    const struct settings *settings = desk->settings;

    return (struct gate_policy){.unverified = settings->gate.unverified,
        .clear = settings->gate.clear,
        .red = (guint)settings->gate.red,
        .approve = (const char *const *)settings->gate.approve,
        .approve_twice = (const char *const *)settings->gate.approve_twice};
}

static struct gate_answer *ask(
    struct desk *desk, const struct asking *asking, const struct known *known, struct asked *asked)
{
    const struct gate_policy policy = policy_of(desk);
    return gate_decide(&(struct gate_question){
        .kind = kind_of(asking->kind),
        .recipient = asking->recipient,
        .contact = contact_of(desk, asking, known),
        .keys = known->keys,
        .answers_sealed = known->answers_sealed,
        .we_have_pgp = asked->pgp != NULL,
        .we_have_cms = asked->cms != NULL,
        .text = asking->text,
        .tainted = known->tainted,
        .released = known->released,
        .now = now_seconds(),
        .label = known->label,
        .ticket = known->incident ? known->incident->number : NULL,
        .is_source = known->is_source,
        .is_named = known->is_named,
        .named = known->names,
        .purpose = asking->purpose,
        .writer = asking->writer,
        .approvals = asking->approvals,
        .confirmed = asking->confirmed,
        .attachments = asking->attachments,
        .policy = &policy,
        .is_sealed = asking->is_sealed,
    });
}

gboolean asking_do(
    struct desk *desk, const struct asking *asking, struct asked *asked, GError **error)
{
    struct known known = {0};
    gboolean done;

    *asked = (struct asked){0};
    done = look_up(desk, asking, &known, error) && find_signers(desk, asked, error);
    if (done)
        asked->answer = ask(desk, asking, &known, asked);
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

/* Who wrote it, and who agrees. */
struct people {
    struct writing *writing; /* NULL: no person has */
    GPtrArray *given;        /* struct approval */
    GPtrArray *users;        /* const char *, of these */
};

static void people_clear(struct people *people)
{
    if (people->writing)
        writing_free(people->writing);
    g_clear_pointer(&people->given, g_ptr_array_unref);
    g_clear_pointer(&people->users, g_ptr_array_unref);
}

static gboolean find_people(
    struct desk *desk, guint64 letter, struct people *people, GError **error)
{
    *people = (struct people){0};
    if (!store_writing(desk->store, letter, &people->writing, error))
        return FALSE;
    if (!people->writing)
        return TRUE;
    people->given = store_approvals(desk->store, letter, error);
    people->users = g_ptr_array_new();
    for (guint i = 0; people->given && i < people->given->len; i++)
        g_ptr_array_add(people->users, ((struct approval *)people->given->pdata[i])->user);
    return people->given != NULL;
}

static void add_people(const struct people *people, struct asking *asking)
{
    const struct writing *writing = people->writing;

    if (!writing)
        return;
    asking->label = writing->label;
    asking->purpose = writing->purpose;
    asking->writer = writing->writer;
    asking->confirmed = writing->confirmed != 0;
    asking->approvals = people->users;
}

/* Without bytes: it is sealed already. */
static gboolean ask_of_letter(struct desk *desk, const struct outbox_row *letter, GBytes *bytes,
    struct asked *asked, GError **error)
{
    g_autofree char *text =
        bytes && kind_of(letter->kind) == GATE_PERSON ? write_words_of(bytes) : NULL;
    struct asking asking = {.kind = letter->kind,
        .recipient = letter->recipient,
        .mail = letter->mail,
        .incident = letter->incident,
        .text = text,
        .is_sealed = !bytes};
    struct people people;
    gboolean done = find_people(desk, letter->id, &people, error);

    if (done) {
        add_people(&people, &asking);
        done = asking_do(desk, &asking, asked, error);
    } else {
        *asked = (struct asked){0};
    }
    people_clear(&people);
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

/* What was sealed is sealed to them; but the incident's label may have risen, or a contact have
 * changed. */
static gboolean ask_why_not_at_all(
    struct desk *desk, const struct outbox_row *letter, char **why, GError **error)
{
    struct asked asked = {0};
    gboolean done =
        kind_of(letter->kind) != GATE_PERSON || ask_of_letter(desk, letter, NULL, &asked, error);

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
