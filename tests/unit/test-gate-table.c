/* All questions there are about a letter that a person has written, against what the gate is to say
 * written down a second time; and what must never change by less care. */
#include "ctl.h"
#include "gate.h"
#include <string.h>

enum { NOW = 1795167720, DAY = 24 * 60 * 60 };

/* -- what a question is made of -- */

enum part {
    LABEL,
    RELATION,
    CLEARANCE,
    VERIFIED,
    KEYS,
    TAINT,
    FILES,
    PURPOSE,
    APPROVALS,
    CONFIRMED,
    NAMED,
    SOURCE,
    ANSWERS,
    PARTS
};
typedef guint8 choice[PARTS];

static const char *const labels[] = {
    "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED", "TLP:PINK"};
static const char *const relations[] = {
    "", "inside", "client", "community", "provider", "authority", "outside", "friend"};
static const char *const clearances[] = {
    "", "TLP:GREEN", "TLP:AMBER+STRICT", "TLP:RED", "TLP:AMBER", "TLP:CLEAR"};
enum { NO_KEY, GOOD_KEY, OLD_KEY, FOREIGN_KEY };
enum { NO_FILES, TAINTED_FILES, BARE_FILES, WRAPPED_FILES };
static const char *const purposes[] = {"reply", "coord", "share"};
static const char *const approvals[] = {"", "writer", "writer second second", "second third"};

/* How many of each are tried with all of the others; and for the parts that say who they are. */
static const guint8 usual[PARTS] = {6, 4, 4, 2, 3, 2, 4, 3, 4, 2, 2, 2, 2};
static const guint8 people[PARTS] = {6, 8, 6, 2, 4, 1, 1, 1, 1, 2, 2, 2, 2};

static const char *const one[] = {"coord", NULL}, *const two[] = {"share", NULL};
static const struct gate_policy policies[] = {
    {"TLP:GREEN", "TLP:AMBER", 1, one, two},
    {"TLP:CLEAR", "TLP:GREEN", 2, NULL, NULL},
    {"TLP:RED", "TLP:AMBER+STRICT", 0, two, one},
};

static gboolean next(choice question, const guint8 *counts)
{
    for (guint i = 0; i < PARTS; i++) {
        if (++question[i] < counts[i])
            return TRUE;
        question[i] = 0;
    }
    return FALSE;
}

/* -- asked -- */

static const char sealed_text[] = "correct horse battery staple";

static GPtrArray *keys_of(guint8 which)
{
    static const struct gate_key keys[] = {
        [GOOD_KEY] = {.fingerprint = "GOOD", .can_encrypt = TRUE},
        [OLD_KEY] = {.fingerprint = "OLD", .can_encrypt = TRUE, .expires = NOW - DAY},
        [FOREIGN_KEY] = {.fingerprint = "CMS", .can_encrypt = TRUE, .cms = TRUE}};
    GPtrArray *array = g_ptr_array_new();

    if (which != NO_KEY)
        g_ptr_array_add(array, (gpointer)&keys[which]);
    return array;
}

static struct gate_answer *ask(const choice of, const struct gate_policy *policy)
{
    g_autoptr(GPtrArray) keys = keys_of(of[KEYS]), tainted = g_ptr_array_new();
    g_autoptr(GPtrArray) given = g_ptr_array_new();
    g_auto(GStrv) users = g_strsplit(approvals[of[APPROVALS]], " ", -1);

    for (char **user = users; *user; user++)
        g_ptr_array_add(given, *user);
    if (of[TAINT])
        g_ptr_array_add(tainted, (gpointer)sealed_text);
    return gate_decide(&(struct gate_question){
        .kind = GATE_PERSON,
        .recipient = "abuse@isp.example",
        .contact = {of[RELATION] == 7 ? NULL : "ISP", relations[of[RELATION]],
            clearances[of[CLEARANCE]], of[VERIFIED], FALSE},
        .keys = keys,
        .answers_sealed = of[ANSWERS],
        .we_have_pgp = TRUE,
        .text = of[TAINT] ? sealed_text : NULL,
        .tainted = tainted,
        .now = NOW,
        .label = labels[of[LABEL]],
        .ticket = "2026-0042-K7",
        .is_source = of[SOURCE],
        .is_named = of[NAMED],
        .purpose = purposes[of[PURPOSE]],
        .writer = "writer",
        .approvals = given,
        .confirmed = of[CONFIRMED],
        .attachments = {of[FILES], of[FILES] == TAINTED_FILES, of[FILES] == BARE_FILES,
            of[FILES] == WRAPPED_FILES},
        .policy = policy,
    });
}

/* -- the same, written down a second time -- */

struct wanted {
    enum gate_way way;
    guint approvals;
    gboolean confirm, clear;
};

static int rank(const char *label)
{
    const char *const letters = "CLEAR GREEN AMBER AMBER+STRICT RED ";
    const int ranks[] = {0, 6, 12, 18, 31};
    const char *name = strchr(label, ':') + 1;

    for (int i = 0; i < 5; i++)
        if (g_str_has_prefix(letters + ranks[i], name) &&
            letters[ranks[i] + (int)strlen(name)] == ' ')
            return i;
    return 4;
}

/* The strictest label that may go to them at all. */
static int limit(const choice of)
{
    static const int reach[] = {0, 3, 2, 1, 0, 1, 0, 0};
    gboolean cleared = of[CLEARANCE] != 0;
    int clearance = cleared ? rank(clearances[of[CLEARANCE]]) : 4;

    if (of[SOURCE])
        return 4;
    if (of[NAMED])
        return clearance;
    return cleared ? MIN(clearance, reach[of[RELATION]] == 3 ? 3 : 2) : reach[of[RELATION]];
}

static guint missing(const choice of, const struct gate_policy *policy)
{
    static const guint given[] = {0, 0, 1, 2};
    guint wanted = 0;

    if (policy->approve && g_strv_contains(policy->approve, purposes[of[PURPOSE]]))
        wanted = 1;
    if (policy->approve_twice && g_strv_contains(policy->approve_twice, purposes[of[PURPOSE]]))
        wanted = 2;
    if (rank(labels[of[LABEL]]) == 4)
        wanted = MAX(wanted, MAX(policy->red, 1));
    return wanted > given[of[APPROVALS]] ? wanted - given[of[APPROVALS]] : 0;
}

static struct wanted specify(const choice of, const struct gate_policy *policy)
{
    int label = rank(labels[of[LABEL]]);
    gboolean open = of[KEYS] != GOOD_KEY;
    gboolean needs_seal = of[KEYS] != NO_KEY || of[ANSWERS] || of[TAINT] ||
                          of[FILES] == TAINTED_FILES ||
                          (!of[SOURCE] && label > MIN(rank(policy->clear), 3));
    struct wanted wanted = {.approvals = missing(of, policy), .clear = open && !needs_seal};
    gboolean stranger = !of[VERIFIED] && (of[FILES] == WRAPPED_FILES ||
                                             (!of[SOURCE] && label > rank(policy->unverified)));

    wanted.confirm = open && !of[CONFIRMED] && (of[SOURCE] ? label == 4 : label >= 2);
    if (label > limit(of) || of[FILES] == BARE_FILES)
        wanted.way = GATE_REFUSE;
    else if (stranger || (open && needs_seal) || wanted.confirm || wanted.approvals)
        wanted.way = GATE_HOLD;
    else
        wanted.way = open ? GATE_CLEAR : GATE_SEAL;
    return wanted;
}

/* -- what is checked of each -- */

static gboolean is_command(const char *words)
{
    g_auto(GStrv) parts = g_strsplit_set(words, " ,;)", 3);
    g_autofree char *both = parts[0] && parts[1] ? g_strjoin(" ", parts[0], parts[1], NULL) : NULL;
    const char *const two_words[] = {"key", "contact", "hold", "taint", "named"};

    for (gsize i = 0; i < G_N_ELEMENTS(two_words); i++)
        if (g_strcmp0(parts[0], two_words[i]) == 0)
            return both && ctl_find(both);
    return parts[0] && ctl_find(parts[0]);
}

/* Each command that is named is one; and where it stays here, there is one. */
static void check_why(const struct gate_answer *answer)
{
    gboolean stays = answer->way == GATE_HOLD || answer->way == GATE_REFUSE;
    guint count = 0;

    for (const char *at = answer->why; (at = strstr(at, "madoctl ")); count++) {
        at += strlen("madoctl ");
        if (!is_command(at))
            g_error("%s: no such command: %s", answer->rule, at);
    }
    if (stays && !count)
        g_error("%s names no command: %s", answer->rule, answer->why);
}

static char *words_of(const choice of)
{
    return g_strdup_printf("%s to %s (clearance %s, verified %d, key %d, taint %d, files %d, %s, "
                           "approved by \"%s\", confirmed %d, named %d, source %d, answers %d)",
        labels[of[LABEL]], relations[of[RELATION]], clearances[of[CLEARANCE]], of[VERIFIED],
        of[KEYS], of[TAINT], of[FILES], purposes[of[PURPOSE]], approvals[of[APPROVALS]],
        of[CONFIRMED], of[NAMED], of[SOURCE], of[ANSWERS]);
}

/* What was answered to each of the usual questions, so that each is asked once. */
struct answered {
    guint8 way, approvals;
    const char *rule;
};
static struct answered *all;

static gsize place_of(const choice of)
{
    gsize place = 0;

    for (guint i = PARTS; i-- > 0;)
        place = place * usual[i] + of[i];
    return place;
}

static gsize count_usual(void)
{
    gsize count = 1;

    for (guint i = 0; i < PARTS; i++)
        count *= usual[i];
    return count;
}

static void compare(
    const choice of, const struct gate_policy *policy, GHashTable *hit, gboolean keep)
{
    g_autoptr(mado_gate_answer) answer = ask(of, policy);
    const struct wanted wanted = specify(of, policy);

    if (answer->way != wanted.way || answer->approvals != wanted.approvals ||
        answer->confirm != wanted.confirm || answer->clear != wanted.clear) {
        g_autofree char *words = words_of(of);
        g_error(
            "%s: the gate says %s (%s, %u approvals, confirm %d, clear %d), not %s (%u, %d, %d)",
            words, gate_way_name(answer->way), answer->rule, answer->approvals, answer->confirm,
            answer->clear, gate_way_name(wanted.way), wanted.approvals, wanted.confirm,
            wanted.clear);
    }
    if (g_hash_table_add(hit, (gpointer)answer->rule))
        check_why(answer);
    if (keep)
        all[place_of(of)] =
            (struct answered){(guint8)answer->way, (guint8)answer->approvals, answer->rule};
}

static void test_all_questions(void)
{
    static const char *const rules[] = {"clearance", "red", "amber-strict", "relation",
        "bare-files", "wrapped-files", "unverified", "no-own-key", "no-usable-key",
        "answers-sealed", "tainted", "tainted-files", "label-sealed", "confirm", "approval",
        "sealed", "source", "clear"};
    g_autoptr(GHashTable) hit = g_hash_table_new(g_str_hash, g_str_equal);
    choice question = {0};

    all = g_new0(struct answered, count_usual());
    do
        compare(question, &policies[0], hit, TRUE);
    while (next(question, usual));
    for (gsize i = 0; i < G_N_ELEMENTS(policies); i++)
        do
            compare(question, &policies[i], hit, FALSE);
        while (next(question, people));
    for (gsize i = 0; i < G_N_ELEMENTS(rules); i++)
        if (!g_hash_table_contains(hit, rules[i]))
            g_test_fail_printf("no question is decided by the rule %s", rules[i]);
    g_assert_cmpuint(g_hash_table_size(hit), ==, G_N_ELEMENTS(rules));
}

/* -- what must never change by less care -- */

static gboolean goes(const struct answered *answer)
{
    return answer->way == GATE_SEAL || answer->way == GATE_CLEAR;
}

/* `less` is asked with more strictness, or with one thing less that speaks for it. */
static void check_change(const choice of, const choice less, const char *what)
{
    const struct answered *before = &all[place_of(of)], *behind = &all[place_of(less)];
    gboolean opens = !goes(before) && goes(behind);
    gboolean unseals = before->way == GATE_SEAL && behind->way == GATE_CLEAR;

    if (opens || unseals || behind->approvals < before->approvals) {
        g_autofree char *words = words_of(of);
        g_error(
            "%s: %s makes it go more easily: %s, then %s", words, what, before->rule, behind->rule);
    }
}

static void lessen(const choice of, enum part part, guint8 value, const char *what)
{
    choice less;

    if (of[part] == value)
        return;
    memcpy(less, of, sizeof less);
    less[part] = value;
    check_change(of, less, what);
}

static void check_changes(const choice of)
{
    if (of[LABEL] < 4)
        lessen(of, LABEL, of[LABEL] + 1, "a stricter label");
    if (of[KEYS] == GOOD_KEY)
        lessen(of, KEYS, OLD_KEY, "a key that has expired");
    lessen(of, VERIFIED, 0, "no verification");
    lessen(of, APPROVALS, of[APPROVALS] > 2 ? 2 : 0, "fewer approvals");
    lessen(of, CONFIRMED, 0, "no word of the writer");
    lessen(of, NAMED, 0, "not being named");
    lessen(of, SOURCE, 0, "not being the source");
    lessen(of, TAINT, 1, "text that came sealed");
    lessen(of, FILES, BARE_FILES, "files of strangers");
    if (of[FILES] == NO_FILES)
        lessen(of, FILES, WRAPPED_FILES, "files of strangers behind a password");
    lessen(of, ANSWERS, 1, "a sealed mail that it answers");
}

static void test_less_never_opens_a_door(void)
{
    choice question = {0};

    if (!all)
        test_all_questions();
    do
        check_changes(question);
    while (next(question, usual));
}

/* An unpinned key is a person's word that there is none: what was held stays, and what is strict
 * and went sealed goes in clear only where its writer wants that, or it came so. */
static void test_a_key_taken_away_opens_no_door(void)
{
    choice question = {0};

    if (!all)
        test_all_questions();
    do {
        choice less;
        const struct answered *before = &all[place_of(question)], *behind;
        if (question[KEYS] != GOOD_KEY)
            continue;
        memcpy(less, question, sizeof less);
        less[KEYS] = NO_KEY;
        behind = &all[place_of(less)];
        g_assert_false(!goes(before) && goes(behind));
        if (behind->way == GATE_CLEAR)
            g_assert_true(question[LABEL] < 2 || question[CONFIRMED] || question[SOURCE]);
    } while (next(question, usual));
    g_clear_pointer(&all, g_free);
}

/* -- what is fixed, and what says nothing -- */

static void test_labels_do_not_hold_up_what_is_fixed(void)
{
    for (guint kind = 0; kind < GATE_PERSON; kind++) {
        g_autoptr(mado_gate_answer) answer =
            gate_decide(&(struct gate_question){.kind = (enum gate_kind)kind,
                .recipient = "a@stranger.example",
                .label = "TLP:RED",
                .attachments = {1, 1, 1, 1},
                .now = NOW});
        g_assert_cmpint(answer->way, ==, GATE_CLEAR);
        g_assert_cmpuint(answer->approvals, ==, 0);
        g_assert_false(answer->confirm);
    }
}

/* Of a letter of which nothing is known, nothing is let through. */
static void test_what_is_not_known_counts_as_the_strictest(void)
{
    struct gate_question question = {
        .kind = GATE_PERSON, .recipient = "a@stranger.example", .now = NOW};
    g_autoptr(mado_gate_answer) bare = gate_decide(&question), known = NULL;

    g_assert_cmpstr(bare->rule, ==, "red");
    g_assert_cmpuint(bare->approvals, ==, 2);
    question.label = "TLP:AMBER";
    question.contact = (struct gate_contact){.name = "A", .relation = "client", .verified = TRUE};
    question.confirmed = TRUE;
    known = gate_decide(&question);
    g_assert_cmpstr(known->rule, ==, "label-sealed");
}

/* It waits at the courier's door, sealed: no key is asked for any more, all else is. */
static void test_what_was_sealed_is_asked_for_its_label(void)
{
    struct gate_question question = {.kind = GATE_PERSON,
        .recipient = "a@client.example",
        .contact = {"A", "client", "", TRUE, TRUE},
        .answers_sealed = TRUE,
        .label = "TLP:AMBER",
        .policy = &policies[0],
        .is_sealed = TRUE,
        .now = NOW};
    g_autoptr(mado_gate_answer) before = gate_decide(&question), risen = NULL, alone = NULL;

    g_assert_cmpint(before->way, ==, GATE_SEAL);
    question.label = "TLP:RED";
    risen = gate_decide(&question);
    g_assert_cmpstr(risen->rule, ==, "red");
    question.is_named = TRUE;
    alone = gate_decide(&question);
    g_assert_cmpstr(alone->rule, ==, "approval");
}

static void test_the_named_are_told(void)
{
    struct gate_question question = {.kind = GATE_PERSON,
        .recipient = "abuse@isp.example",
        .contact = {.name = "isp:example-net"},
        .label = "TLP:RED",
        .ticket = "2026-0035-TC",
        .named = "tanaka, sato, psirt",
        .policy = &policies[0],
        .now = NOW};
    g_autoptr(mado_gate_answer) answer = gate_decide(&question);

    g_assert_cmpint(answer->way, ==, GATE_REFUSE);
    g_assert_nonnull(strstr(answer->why, "isp:example-net is no named recipient"));
    g_assert_nonnull(strstr(answer->why, "only these may receive it: tanaka, sato, psirt"));
    g_assert_nonnull(strstr(answer->why, "madoctl named add 2026-0035-TC 'isp:example-net'"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gate/all questions", test_all_questions);
    g_test_add_func("/gate/less never opens a door", test_less_never_opens_a_door);
    g_test_add_func("/gate/a key taken away opens no door", test_a_key_taken_away_opens_no_door);
    g_test_add_func(
        "/gate/labels do not hold up what is fixed", test_labels_do_not_hold_up_what_is_fixed);
    g_test_add_func("/gate/what is not known counts as the strictest",
        test_what_is_not_known_counts_as_the_strictest);
    g_test_add_func("/gate/what was sealed is asked for its label",
        test_what_was_sealed_is_asked_for_its_label);
    g_test_add_func("/gate/the named are told", test_the_named_are_told);
    return g_test_run();
}
