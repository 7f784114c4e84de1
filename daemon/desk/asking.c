/* The gate, asked about a letter: what it needs to know comes from the store. */
#include "state.h"
#include "desk.h"
#include "now.h"
#include <mado/incident.h>

const char *const asking_own_kinds[] = {"notice", "alarm", "test", NULL};

/* What is named nowhere was written by a person. What a contact is asked of itself says nothing of
 * any report, as little as an acknowledgement. */
enum gate_kind asking_kind(const char *kind)
{
    static const char *const fixed[] = {"ack", "unreadable", "review", NULL};

    if (g_strv_contains(asking_own_kinds, kind))
        return GATE_OWN;
    return g_strv_contains(fixed, kind) ? GATE_ACK : GATE_PERSON;
}

gboolean asking_is_own(const char *kind)
{
    return asking_kind(kind) == GATE_OWN;
}

/* -- what the store knows -- */

struct known {
    struct addressee *addressee;
    GPtrArray *keys;     /* struct gate_key */
    GPtrArray *tainted;  /* char * */
    GPtrArray *released; /* char * */
    gboolean answers_sealed;
    struct incident *incident;
    const char *label; /* of what goes out */
    char *names;       /* of those who are named for the incident */
    char *words;       /* that go out, names of files included */
    struct gate_attachments attachments;
    gboolean is_named, is_source, others_too;
};

static void known_clear(struct known *known)
{
    addressee_free(known->addressee);
    g_clear_pointer(&known->keys, g_ptr_array_unref);
    g_clear_pointer(&known->tainted, g_ptr_array_unref);
    g_clear_pointer(&known->released, g_ptr_array_unref);
    incident_free(known->incident);
    g_free(known->names);
    g_free(known->words);
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
    if (asking_kind(asking->kind) != GATE_PERSON || !asking->incident)
        return TRUE;
    known->tainted = store_sealed_texts_around(desk->store, asking->incident, error);
    known->released = !known->tainted       ? NULL
                      : known->tainted->len ? asking_released(desk, asking->incident, error)
                                            : g_ptr_array_new();
    return known->released != NULL;
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
    known->others_too = telling.others > 0;
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
    if (asking_kind(asking->kind) != GATE_PERSON)
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
    known->words = asking_words(asking);
    return (!asking->mail ||
               store_came_sealed(desk->store, asking->mail, &known->answers_sealed, error)) &&
           look_for_taint(desk, asking, known, error) &&
           look_for_rights(desk, asking, known, error) &&
           asking_files(desk, asking, &(struct asking_taint){known->tainted, known->released, NULL},
               &known->attachments, error);
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
        .kind = asking_kind(asking->kind),
        .recipient = asking->recipient,
        .contact = contact_of(desk, asking, known),
        .keys = known->keys,
        .answers_sealed = known->answers_sealed,
        .we_have_pgp = asked->pgp != NULL,
        .we_have_cms = asked->cms != NULL,
        .text = known->words,
        .tainted = known->tainted,
        .released = known->released,
        .now = now_seconds(),
        .label = known->label,
        .ticket = known->incident ? known->incident->number : NULL,
        .is_source = known->is_source,
        .others_too = known->others_too,
        .is_named = known->is_named,
        .named = known->names,
        .purpose = asking->purpose,
        .writer = asking->writer,
        .approvals = asking->approvals,
        .confirmed = asking->confirmed,
        .attachments = known->attachments,
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
