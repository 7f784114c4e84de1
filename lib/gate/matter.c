#include "matter.h"

/* TLP 2.0 (FIRST, August 2022). RED is for the persons named; AMBER+STRICT stays in one's own
 * organisation; AMBER may go to its clients, too; GREEN stays in the community. */
static const char *const labels[] = {[MATTER_CLEAR] = "TLP:CLEAR",
    [MATTER_GREEN] = "TLP:GREEN",
    [MATTER_AMBER] = "TLP:AMBER",
    [MATTER_STRICT] = "TLP:AMBER+STRICT",
    [MATTER_RED] = "TLP:RED"};

/* Where no clearance is written down. An authority is of the community (TLP 2.0: where nothing else
 * is said, that is the one of security and defence); a provider need not be. */
static const struct {
    const char *relation;
    enum matter_label reach;
} relations[] = {
    {"inside", MATTER_STRICT},
    {"client", MATTER_AMBER},
    {"community", MATTER_GREEN},
    {"authority", MATTER_GREEN},
    {"provider", MATTER_CLEAR},
    {"outside", MATTER_CLEAR},
};

static const struct gate_policy strictest = {"TLP:CLEAR", "TLP:GREEN", 2, NULL, NULL};

enum matter_label matter_label_of(const char *name)
{
    for (gsize i = 0; name && i < G_N_ELEMENTS(labels); i++)
        if (g_str_equal(labels[i], name))
            return (enum matter_label)i;
    return MATTER_RED;
}

const char *matter_label_name(enum matter_label label)
{
    return labels[label];
}

enum matter_label matter_reach(const struct matter *matter)
{
    const char *relation = matter->question->contact.relation;

    for (gsize i = 0; i < G_N_ELEMENTS(relations); i++)
        if (g_strcmp0(relations[i].relation, relation) == 0)
            return relations[i].reach;
    return MATTER_CLEAR;
}

gboolean matter_is_inside(const struct matter *matter)
{
    return g_strcmp0(matter->question->contact.relation, "inside") == 0;
}

/* -- people who approve -- */

static gboolean has_purpose(const char *const *purposes, const char *purpose)
{
    return purposes && purpose && g_strv_contains(purposes, purpose);
}

static guint approvals_wanted(const struct matter *matter)
{
    const struct gate_policy *policy = matter->policy;
    const char *purpose = matter->question->purpose;
    guint wanted = has_purpose(policy->approve_twice, purpose) ? 2
                   : has_purpose(policy->approve, purpose)     ? 1
                                                               : 0;

    return matter->label == MATTER_RED ? MAX(wanted, MAX(policy->red, 1)) : wanted;
}

/* Once for each person; and who has written it does not count. */
static guint approvals_given(const struct matter *matter)
{
    const GPtrArray *given = matter->question->approvals;
    g_autoptr(GHashTable) people = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; given && i < given->len; i++)
        if (g_strcmp0(given->pdata[i], matter->question->writer) != 0)
            g_hash_table_add(people, given->pdata[i]);
    return g_hash_table_size(people);
}

static guint approvals_missing(const struct matter *matter)
{
    guint wanted = approvals_wanted(matter);

    return wanted - MIN(wanted, approvals_given(matter));
}

/* -- keys -- */

gboolean matter_key_is_expired(const struct gate_key *key, gint64 now)
{
    return key->expires && key->expires <= now;
}

static gboolean is_usable(const struct gate_key *key, gint64 now)
{
    return key->can_encrypt && !key->revoked && !matter_key_is_expired(key, now);
}

guint matter_count_keys(const struct matter *matter)
{
    return matter->question->keys ? matter->question->keys->len : 0;
}

const struct gate_key *matter_key_at(const struct matter *matter, guint place)
{
    return matter->question->keys->pdata[place];
}

/* All that is sealed is signed as well. */
gboolean matter_seals_pgp(const struct matter *matter)
{
    return matter->question->is_sealed ||
           (matter->usable_pgp->len && matter->question->we_have_pgp);
}

gboolean matter_seals_cms(const struct matter *matter)
{
    return matter->usable_cms->len && matter->question->we_have_cms;
}

gboolean matter_is_open(const struct matter *matter)
{
    return !matter_seals_pgp(matter) && !matter_seals_cms(matter);
}

gboolean matter_has_usable_key(const struct matter *matter)
{
    return matter->usable_pgp->len || matter->usable_cms->len;
}

/* -- the whole -- */

gboolean matter_is_person(const struct matter *matter)
{
    return matter->question->kind == GATE_PERSON;
}

gboolean matter_is_bound(const struct matter *matter)
{
    return matter_is_person(matter) && !matter->question->is_source;
}

/* What came in clear may go back so; TLP:RED all the same not without a word. */
gboolean matter_asks_to_confirm(const struct matter *matter)
{
    return matter_is_person(matter) && matter_is_open(matter) && !matter->question->confirmed &&
           matter->label > MATTER_GREEN && (matter_is_bound(matter) || matter->label == MATTER_RED);
}

void matter_look(struct matter *matter, const struct gate_question *question)
{
    *matter = (struct matter){.question = question,
        .policy = question->policy ? question->policy : &strictest,
        .usable_pgp = g_ptr_array_new(),
        .usable_cms = g_ptr_array_new()};
    for (guint i = 0; i < matter_count_keys(matter); i++) {
        const struct gate_key *key = matter_key_at(matter, i);
        if (is_usable(key, question->now))
            g_ptr_array_add(
                key->cms ? matter->usable_cms : matter->usable_pgp, question->keys->pdata[i]);
    }
    matter->runs = matter_is_person(matter)
                       ? taint_find(question->text, question->tainted, question->released)
                       : g_ptr_array_new();
    if (!matter_is_person(matter))
        return;
    matter->label = matter_label_of(question->label);
    matter->approvals = approvals_missing(matter);
}

void matter_forget(struct matter *matter)
{
    g_ptr_array_unref(matter->usable_pgp);
    g_ptr_array_unref(matter->usable_cms);
    g_ptr_array_unref(matter->runs);
}
