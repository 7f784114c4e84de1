/* One table of rules; the first that holds decides. What nobody can change today comes first, then
 * what waits for somebody, then how it goes. A key that cannot be used is never a reason to write
 * in clear, and nor is one that is missing where one is asked for. */
#include "matter.h"
#include "say.h"

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

static gboolean is_cleared_for_some(const struct matter *matter)
{
    const char *clearance = matter->question->contact.clearance;

    return clearance && *clearance;
}

/* What is written down of a contact holds for those who are named, too. */
static gboolean is_over_clearance(const struct matter *matter)
{
    return matter_is_bound(matter) && is_cleared_for_some(matter) &&
           matter->label > matter_label_of(matter->question->contact.clearance);
}

static gboolean is_bound_and_not_named(const struct matter *matter)
{
    return matter_is_bound(matter) && !matter->question->is_named;
}

static gboolean is_red_and_not_named(const struct matter *matter)
{
    return is_bound_and_not_named(matter) && matter->label == MATTER_RED;
}

/* A clearance does not make them a part of our organisation. */
static gboolean is_strict_and_not_inside(const struct matter *matter)
{
    return is_bound_and_not_named(matter) && matter->label == MATTER_STRICT &&
           !matter_is_inside(matter);
}

static gboolean is_over_relation(const struct matter *matter)
{
    return is_bound_and_not_named(matter) && !is_cleared_for_some(matter) &&
           matter->label > matter_reach(matter);
}

/* Sealed or not: the recipient would open it. */
static gboolean has_bare_files(const struct matter *matter)
{
    return matter_is_person(matter) && matter->question->attachments.bare > 0;
}

/* What may be dangerous goes to nobody of whom we know no more than an address, though it came from
 * there. */
static gboolean has_wrapped_files(const struct matter *matter)
{
    return matter_is_person(matter) && matter->question->attachments.wrapped > 0 &&
           !matter->question->contact.verified;
}

static gboolean is_unverified(const struct matter *matter)
{
    return matter_is_bound(matter) && !matter->question->contact.verified &&
           matter->label > matter_label_of(matter->policy->unverified);
}

/* All that is sealed is signed as well. */
static gboolean lacks_own_key(const struct matter *matter)
{
    return matter_is_open(matter) && matter_has_usable_key(matter);
}

/* A key that was never made to encrypt is as good as none; one that did, once, says that its owner
 * wants to be written to sealed. */
static gboolean has_no_usable_key(const struct matter *matter)
{
    if (!matter_is_open(matter) || matter_has_usable_key(matter))
        return FALSE;
    for (guint i = 0; i < matter_count_keys(matter); i++)
        if (matter_key_at(matter, i)->encrypts || matter_key_at(matter, i)->can_encrypt)
            return TRUE;
    return FALSE;
}

static gboolean is_always_sealed(const struct matter *matter)
{
    return matter_is_open(matter) && matter->question->contact.always_seal;
}

static gboolean answers_sealed(const struct matter *matter)
{
    return matter_is_person(matter) && matter_is_open(matter) && matter->question->answers_sealed;
}

static gboolean is_tainted(const struct matter *matter)
{
    return matter_is_open(matter) && matter->runs->len > 0;
}

static gboolean has_tainted_files(const struct matter *matter)
{
    return matter_is_person(matter) && matter_is_open(matter) &&
           matter->question->attachments.tainted > 0;
}

/* The configuration cannot let TLP:RED go in clear. */
static gboolean is_to_be_sealed(const struct matter *matter)
{
    enum matter_label clear = MIN(matter_label_of(matter->policy->clear), MATTER_STRICT);

    return matter_is_bound(matter) && matter_is_open(matter) && matter->label > clear;
}

static gboolean lacks_approval(const struct matter *matter)
{
    return matter->approvals > 0;
}

static gboolean is_first_contact(const struct matter *matter)
{
    return matter->question->answers_sealed;
}

static gboolean is_for_source(const struct matter *matter)
{
    return matter_is_person(matter) && matter->question->is_source;
}

static gboolean always(const struct matter *matter)
{
    return TRUE;
}

/* -- the rules -- */

static const struct rule {
    const char *name;
    gboolean (*holds)(const struct matter *matter);
    enum gate_way way;
    gboolean seals; /* GATE_SEAL: by S/MIME; else: because it is to be sealed */
    char *(*say)(const struct matter *matter);
} rules[] = {
    {"no-recipient", has_no_recipient, GATE_REFUSE, FALSE, say_no_recipient},
    {"own", is_own, GATE_CLEAR, FALSE, say_own},

    {"clearance", is_over_clearance, GATE_REFUSE, FALSE, say_over_clearance},
    {"red", is_red_and_not_named, GATE_REFUSE, FALSE, say_not_named},
    {"amber-strict", is_strict_and_not_inside, GATE_REFUSE, FALSE, say_not_inside},
    {"relation", is_over_relation, GATE_REFUSE, FALSE, say_over_relation},
    {"bare-files", has_bare_files, GATE_REFUSE, FALSE, say_bare_files},

    {"wrapped-files", has_wrapped_files, GATE_HOLD, FALSE, say_wrapped_files},
    {"unverified", is_unverified, GATE_HOLD, FALSE, say_unverified},
    {"no-own-key", lacks_own_key, GATE_HOLD, TRUE, say_no_own_key},
    {"no-usable-key", has_no_usable_key, GATE_HOLD, TRUE, say_unusable},
    {"always-sealed", is_always_sealed, GATE_HOLD, TRUE, say_always_sealed},
    {"answers-sealed", answers_sealed, GATE_HOLD, TRUE, say_answers_sealed},
    {"tainted", is_tainted, GATE_HOLD, TRUE, say_tainted},
    {"tainted-files", has_tainted_files, GATE_HOLD, TRUE, say_tainted_files},
    {"label-sealed", is_to_be_sealed, GATE_HOLD, TRUE, say_label_sealed},
    {"confirm", matter_asks_to_confirm, GATE_HOLD, FALSE, say_confirm},
    {"approval", lacks_approval, GATE_HOLD, FALSE, say_approval},

    {"sealed", matter_seals_pgp, GATE_SEAL, FALSE, say_sealed},
    {"sealed-cms", matter_seals_cms, GATE_SEAL, TRUE, say_sealed},
    {"first-contact", is_first_contact, GATE_CLEAR, FALSE, say_first_contact},
    {"source", is_for_source, GATE_CLEAR, FALSE, say_source},
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

static gboolean goes_clear(const struct matter *matter)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rules); i++)
        if ((rules[i].seals || rules[i].way == GATE_SEAL) && rules[i].holds(matter))
            return is_own(matter);
    return TRUE;
}

struct gate_answer *gate_decide(const struct gate_question *question)
{
    struct gate_answer *answer = g_new0(struct gate_answer, 1);
    const struct rule *rule = rules;
    g_autoptr(GPtrArray) nobody = g_ptr_array_new();
    const char *spoken;
    struct matter matter;

    matter_look(&matter, question);
    while (!rule->holds(&matter)) /* the last one always does */
        rule++;
    answer->way = rule->way;
    answer->rule = rule->name;
    spoken = say_in("en");
    answer->why = rule->say(&matter);
    say_in(spoken);
    answer->said = rule->say(&matter);
    answer->cms = rule->way == GATE_SEAL && rule->seals;
    answer->to = fingerprints(rule->way != GATE_SEAL ? nobody
                              : answer->cms          ? matter.usable_cms
                                                     : matter.usable_pgp);
    answer->approvals = matter.approvals;
    answer->confirm = matter_asks_to_confirm(&matter);
    answer->clear = goes_clear(&matter);
    matter_forget(&matter);
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
    g_free(answer->said);
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
