/* One table of rules; the first that holds decides. A key that cannot be used is never a reason to
 * write in clear, and nor is one that is missing where one is asked for. */
#include "gate.h"

/* -- what the rules look at -- */

struct matter {
    const struct gate_question *question;
    GPtrArray *usable_pgp, *usable_cms; /* const struct gate_key */
    GPtrArray *runs;                    /* char *: of the text, that came sealed */
};

static gboolean is_expired(const struct gate_key *key, gint64 now)
{
    return key->expires && key->expires <= now;
}

static gboolean is_usable(const struct gate_key *key, gint64 now)
{
    return key->can_encrypt && !key->revoked && !is_expired(key, now);
}

static guint count_keys(const struct matter *matter)
{
    return matter->question->keys ? matter->question->keys->len : 0;
}

static const struct gate_key *key_at(const struct matter *matter, guint place)
{
    return matter->question->keys->pdata[place];
}

static void look(struct matter *matter, const struct gate_question *question)
{
    *matter = (struct matter){question, g_ptr_array_new(), g_ptr_array_new(), NULL};
    for (guint i = 0; i < count_keys(matter); i++) {
        const struct gate_key *key = key_at(matter, i);
        if (is_usable(key, question->now))
            g_ptr_array_add(
                key->cms ? matter->usable_cms : matter->usable_pgp, question->keys->pdata[i]);
    }
    matter->runs = question->kind == GATE_PERSON
                       ? taint_find(question->text, question->tainted, question->released)
                       : g_ptr_array_new();
}

static void forget(struct matter *matter)
{
    g_ptr_array_unref(matter->usable_pgp);
    g_ptr_array_unref(matter->usable_cms);
    g_ptr_array_unref(matter->runs);
}

/* -- when a rule holds -- */

static gboolean has_no_recipient(const struct matter *matter)
{
    return !matter->question->recipient || !*matter->question->recipient;
}

/* Operators must hear alarms, whatever became of keys; it says number, state, severity, label. */
static gboolean is_own(const struct matter *matter)
{
    return matter->question->kind == GATE_OWN;
}

static gboolean can_seal_pgp(const struct matter *matter)
{
    return matter->usable_pgp->len && matter->question->we_have_pgp;
}

static gboolean can_seal_cms(const struct matter *matter)
{
    return matter->usable_cms->len && matter->question->we_have_cms;
}

/* All that is sealed is signed as well. */
static gboolean lacks_own_key(const struct matter *matter)
{
    return matter->usable_pgp->len || matter->usable_cms->len;
}

/* A key that was never made to encrypt is as good as none; one that did, once, says that its owner
 * wants to be written to sealed. */
static gboolean has_no_usable_key(const struct matter *matter)
{
    for (guint i = 0; i < count_keys(matter); i++)
        if (key_at(matter, i)->encrypts || key_at(matter, i)->can_encrypt)
            return TRUE;
    return FALSE;
}

static gboolean is_always_sealed(const struct matter *matter)
{
    return matter->question->always_seal;
}

static gboolean is_person(const struct matter *matter)
{
    return matter->question->kind == GATE_PERSON;
}

static gboolean answers_sealed(const struct matter *matter)
{
    return is_person(matter) && matter->question->answers_sealed;
}

static gboolean is_tainted(const struct matter *matter)
{
    return matter->runs->len > 0;
}

static gboolean is_first_contact(const struct matter *matter)
{
    return matter->question->answers_sealed;
}

static gboolean always(const struct matter *matter)
{
    return TRUE;
}

/* -- what is said of it -- */

static const char pin_one[] =
    "madoctl key import FILE, compare the fingerprint with them, then madoctl key pin FINGERPRINT";

static char *say_no_recipient(const struct matter *matter)
{
    return g_strdup("it names no recipient; nothing was sent");
}

static char *say_own(const struct matter *matter)
{
    return g_strdup("to our own people: number, state, severity and label only");
}

static char *say_sealed(const struct matter *matter)
{
    return g_strdup_printf("a person has pinned a key of %s", matter->question->recipient);
}

static char *say_no_own_key(const struct matter *matter)
{
    const char *kind = matter->usable_pgp->len ? "OpenPGP" : "S/MIME";

    return g_strdup_printf(
        "%s has a pinned %s key, and we have none of that kind to sign with: make or import "
        "one (madoctl key init, madoctl key import), then madoctl hold release",
        matter->question->recipient, kind);
}

static char *date_of(gint64 at)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(at);

    return time ? g_date_time_format(time, "%Y-%m-%d") : g_strdup("?");
}

static char *what_is_wrong(const struct gate_key *key, gint64 now)
{
    g_autofree char *date = date_of(key->expires);

    if (key->revoked)
        return g_strdup("is revoked");
    if (is_expired(key, now))
        return g_strdup_printf("expired on %s", date);
    return g_strdup("cannot encrypt");
}

static char *say_unusable(const struct matter *matter)
{
    enum { NAMED = 3 };
    g_autoptr(GString) keys = g_string_new(NULL);
    guint count = count_keys(matter);

    for (guint i = 0; i < MIN(count, NAMED); i++) {
        const struct gate_key *key = key_at(matter, i);
        g_autofree char *wrong = what_is_wrong(key, matter->question->now);
        g_string_append_printf(keys, "%s%s %s", i ? ", " : "", key->fingerprint, wrong);
    }
    if (count > NAMED)
        g_string_append_printf(keys, ", and %u more", count - NAMED);
    return g_strdup_printf("no pinned key of %s can be used: %s; ask for the new one: %s",
        matter->question->recipient, keys->str, pin_one);
}

static char *say_always_sealed(const struct matter *matter)
{
    return g_strdup_printf("all that goes to %s is sealed (contact: seal always), and no key of "
                           "theirs that encrypts is pinned: %s",
        matter->question->recipient, pin_one);
}

static char *say_answers_sealed(const struct matter *matter)
{
    return g_strdup_printf(
        "it answers a mail that came sealed, and no key of %s that encrypts is pinned: %s",
        matter->question->recipient, pin_one);
}

static char *say_tainted(const struct matter *matter)
{
    return g_strdup_printf(
        "%u passage%s of it came sealed, and no key of %s that encrypts is pinned: %s; or take "
        "them out (madoctl taint check shows them); or let single facts go: "
        "madoctl taint release",
        matter->runs->len, matter->runs->len == 1 ? "" : "s", matter->question->recipient, pin_one);
}

static char *say_first_contact(const struct matter *matter)
{
    return g_strdup_printf(
        "no key of %s that encrypts is pinned yet; it says no more than the number",
        matter->question->recipient);
}

static char *say_clear(const struct matter *matter)
{
    return g_strdup("nothing asks for a seal");
}

/* -- the rules -- */

static const struct rule {
    const char *name;
    gboolean (*holds)(const struct matter *matter);
    enum gate_way way;
    gboolean cms; /* of GATE_SEAL */
    char *(*say)(const struct matter *matter);
} rules[] = {
    {"no-recipient", has_no_recipient, GATE_REFUSE, FALSE, say_no_recipient},
    {"own", is_own, GATE_CLEAR, FALSE, say_own},
    {"sealed", can_seal_pgp, GATE_SEAL, FALSE, say_sealed},
    {"sealed-cms", can_seal_cms, GATE_SEAL, TRUE, say_sealed},
    {"no-own-key", lacks_own_key, GATE_HOLD, FALSE, say_no_own_key},
    {"no-usable-key", has_no_usable_key, GATE_HOLD, FALSE, say_unusable},
    {"always-sealed", is_always_sealed, GATE_HOLD, FALSE, say_always_sealed},
    {"answers-sealed", answers_sealed, GATE_HOLD, FALSE, say_answers_sealed},
    {"tainted", is_tainted, GATE_HOLD, FALSE, say_tainted},
    {"first-contact", is_first_contact, GATE_CLEAR, FALSE, say_first_contact},
    {"clear", always, GATE_CLEAR, FALSE, say_clear},
};

static char **fingerprints(const GPtrArray *keys)
{
    GStrvBuilder *builder = g_strv_builder_new();
    char **to;

    for (guint i = 0; i < keys->len; i++)
        g_strv_builder_add(builder, ((const struct gate_key *)keys->pdata[i])->fingerprint);
    to = g_strv_builder_end(builder);
    g_strv_builder_unref(builder);
    return to;
}

struct gate_answer *gate_decide(const struct gate_question *question)
{
    struct gate_answer *answer = g_new0(struct gate_answer, 1);
    const struct rule *rule = rules;
    g_autoptr(GPtrArray) nobody = g_ptr_array_new();
    struct matter matter;

    look(&matter, question);
    while (!rule->holds(&matter)) /* the last one always does */
        rule++;
    answer->way = rule->way;
    answer->rule = rule->name;
    answer->why = rule->say(&matter);
    answer->cms = rule->cms;
    answer->to = fingerprints(rule->way != GATE_SEAL ? nobody
                              : rule->cms            ? matter.usable_cms
                                                     : matter.usable_pgp);
    forget(&matter);
    return answer;
}

gboolean gate_lets_go(const struct gate_answer *answer, gboolean had_to_be_sealed)
{
    return answer->way == GATE_SEAL || (answer->way == GATE_CLEAR && !had_to_be_sealed);
}

void gate_answer_free(struct gate_answer *answer)
{
    if (!answer)
        return;
    g_free(answer->why);
    g_strfreev(answer->to);
    g_free(answer);
}

const char *gate_way_name(enum gate_way way)
{
    static const char *const names[GATE_WAYS] = {[GATE_CLEAR] = "clear",
        [GATE_SEAL] = "seal",
        [GATE_HOLD] = "hold",
        [GATE_REFUSE] = "refuse"};

    return (guint)way < GATE_WAYS ? names[way] : "?";
}
