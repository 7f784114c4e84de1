#include "gate.h"
#include "tell.h"
#include <string.h>

enum { NOW = 1795167720, DAY = 24 * 60 * 60 };

/* -- keys to choose from -- */

static const struct gate_key kinds[] = {
    {.fingerprint = "GOOD", .can_encrypt = TRUE},
    {.fingerprint = "EXPIRED", .can_encrypt = TRUE, .expires = NOW - DAY},
    {.fingerprint = "REVOKED", .can_encrypt = TRUE, .revoked = TRUE},
    {.fingerprint = "SIGNS", .can_encrypt = FALSE},
    {.fingerprint = "LAPSED", .can_encrypt = FALSE, .encrypts = TRUE},
    {.fingerprint = "CMS", .can_encrypt = TRUE, .cms = TRUE, .expires = NOW + DAY},
    {.fingerprint = "CMSOLD", .can_encrypt = TRUE, .cms = TRUE, .expires = NOW},
};

/* One key for each bit. */
static GPtrArray *keys_of(guint set)
{
    GPtrArray *keys = g_ptr_array_new();

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (set & 1u << i)
            g_ptr_array_add(keys, (gpointer)&kinds[i]);
    return keys;
}

static GPtrArray *keys_named(const char *names)
{
    g_auto(GStrv) words = g_strsplit(names, " ", -1);
    GPtrArray *keys = g_ptr_array_new();

    for (char **word = words; *word && **word; word++)
        for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
            if (g_str_equal(*word, kinds[i].fingerprint))
                g_ptr_array_add(keys, (gpointer)&kinds[i]);
    return keys;
}

static const char sealed_text[] = "The password of the router is correct horse battery staple.";
static const char repeats_it[] = "You wrote: the router is correct horse battery, I see.";

/* -- the table -- */

struct row {
    const char *name;
    enum gate_kind kind;
    const char *keys;
    gboolean always, sealed, pgp, cms, tainted;
    const char *way, *rule, *to;
    const char *says[4]; /* stand in the reason */
};

static const struct row rows[] = {
    {"an alarm goes in clear whatever keys say", GATE_OWN, "EXPIRED", .always = TRUE,
        .sealed = TRUE, .way = "clear", .rule = "own", .to = ""},
    {"and is not sealed either", GATE_OWN, "GOOD", .pgp = TRUE, .way = "clear", .rule = "own",
        .to = ""},
    {"an ack to nobody that we know", GATE_ACK, "", .pgp = TRUE, .way = "clear", .rule = "clear",
        .to = ""},
    {"an ack without a key of ours", GATE_ACK, "", .way = "clear", .rule = "clear", .to = ""},
    {"an ack to a pinned key", GATE_ACK, "GOOD", .pgp = TRUE, .way = "seal", .rule = "sealed",
        .to = "GOOD"},
    {"an ack of a sealed report to a pinned key", GATE_ACK, "GOOD", .pgp = TRUE, .sealed = TRUE,
        .way = "seal", .rule = "sealed", .to = "GOOD"},
    {"a sealed report of somebody new", GATE_ACK, "", .pgp = TRUE, .sealed = TRUE, .way = "clear",
        .rule = "first-contact", .to = "", .says = {"no more than the number"}},
    {"an unreadable mail of somebody new", GATE_ACK, "", .pgp = TRUE, .sealed = TRUE,
        .way = "clear", .rule = "first-contact", .to = ""},
    {"OpenPGP is preferred", GATE_ACK, "CMS GOOD", .pgp = TRUE, .cms = TRUE, .way = "seal",
        .rule = "sealed", .to = "GOOD"},
    {"a certificate will do", GATE_ACK, "EXPIRED CMS", .pgp = TRUE, .cms = TRUE, .way = "seal",
        .rule = "sealed-cms", .to = "CMS"},
    {"but not without one of ours", GATE_ACK, "CMS", .pgp = TRUE, .way = "hold",
        .rule = "no-own-key", .to = "", .says = {"S/MIME", "madoctl key"}},
    {"a certificate where our OpenPGP key is missing", GATE_ACK, "CMS GOOD", .cms = TRUE,
        .way = "seal", .rule = "sealed-cms", .to = "CMS"},
    {"nothing is sealed unsigned", GATE_ACK, "GOOD", .way = "hold", .rule = "no-own-key", .to = "",
        .says = {"OpenPGP", "madoctl key init"}},
    {"an expired key", GATE_ACK, "EXPIRED", .pgp = TRUE, .way = "hold", .rule = "no-usable-key",
        .to = "", .says = {"EXPIRED expired on 2026-11-19", "madoctl key pin"}},
    {"a certificate expires at its moment", GATE_ACK, "CMSOLD", .pgp = TRUE, .cms = TRUE,
        .way = "hold", .rule = "no-usable-key", .to = "", .says = {"CMSOLD expired on"}},
    {"a revoked key", GATE_ACK, "REVOKED", .pgp = TRUE, .way = "hold", .rule = "no-usable-key",
        .to = "", .says = {"REVOKED is revoked"}},
    {"a key that cannot encrypt any more", GATE_ACK, "LAPSED", .pgp = TRUE, .way = "hold",
        .rule = "no-usable-key", .to = "", .says = {"LAPSED cannot encrypt"}},
    {"a key that was never made to encrypt is as good as none", GATE_ACK, "SIGNS", .pgp = TRUE,
        .way = "clear", .rule = "clear", .to = ""},
    {"of who writes sealed as well", GATE_ACK, "SIGNS", .pgp = TRUE, .sealed = TRUE, .way = "clear",
        .rule = "first-contact", .to = ""},
    {"but not where all is to be sealed", GATE_ACK, "SIGNS", .pgp = TRUE, .always = TRUE,
        .way = "hold", .rule = "always-sealed", .to = "", .says = {"that encrypts"}},
    {"nor for what answers a sealed mail", GATE_PERSON, "SIGNS", .pgp = TRUE, .sealed = TRUE,
        .way = "hold", .rule = "answers-sealed", .to = "", .says = {"that encrypts"}},
    {"nor beside one that did", GATE_ACK, "SIGNS EXPIRED", .pgp = TRUE, .way = "hold",
        .rule = "no-usable-key", .to = ""},
    {"all that is wrong is named, to some length", GATE_ACK, "EXPIRED REVOKED SIGNS CMSOLD",
        .pgp = TRUE, .cms = TRUE, .way = "hold", .rule = "no-usable-key", .to = "",
        .says = {"EXPIRED expired", "REVOKED is revoked", "and 1 more"}},
    {"one good key of several", GATE_ACK, "EXPIRED REVOKED GOOD", .pgp = TRUE, .way = "seal",
        .rule = "sealed", .to = "GOOD"},
    {"seal always, and no key", GATE_ACK, "", .pgp = TRUE, .always = TRUE, .way = "hold",
        .rule = "always-sealed", .to = "", .says = {"seal always", "madoctl key import"}},
    {"seal always, of an alarm to a contact", GATE_OWN, "", .always = TRUE, .way = "clear",
        .rule = "own", .to = ""},
    {"a person answers a plain mail", GATE_PERSON, "", .pgp = TRUE, .way = "clear", .rule = "clear",
        .to = ""},
    {"a person answers a sealed mail", GATE_PERSON, "", .pgp = TRUE, .sealed = TRUE, .way = "hold",
        .rule = "answers-sealed", .to = "", .says = {"madoctl key pin"}},
    {"with their key", GATE_PERSON, "GOOD", .pgp = TRUE, .sealed = TRUE, .tainted = TRUE,
        .way = "seal", .rule = "sealed", .to = "GOOD"},
    {"a person repeats what came sealed", GATE_PERSON, "", .pgp = TRUE, .tainted = TRUE,
        .way = "hold", .rule = "tainted", .to = "",
        .says = {"1 passage of it", "madoctl taint check", "madoctl taint release"}},
    {"taint does not hold up what is fixed", GATE_ACK, "", .pgp = TRUE, .tainted = TRUE,
        .way = "clear", .rule = "clear", .to = ""},
};

static struct gate_answer *asked(const struct row *row)
{
    g_autoptr(GPtrArray) keys = keys_named(row->keys);
    g_autoptr(GPtrArray) tainted = g_ptr_array_new();
    struct gate_question question = {
        .kind = row->kind,
        .recipient = "hanako@yamabuki.example",
        .contact = {.always_seal = row->always},
        .label = "TLP:CLEAR",
        .keys = keys,
        .answers_sealed = row->sealed,
        .we_have_pgp = row->pgp,
        .we_have_cms = row->cms,
        .text = repeats_it,
        .tainted = tainted,
        .now = NOW,
    };

    if (row->tainted)
        g_ptr_array_add(tainted, (gpointer)sealed_text);
    return gate_decide(&question);
}

static void test_each_rule(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mado_gate_answer) answer = asked(&rows[i]);
        g_autofree char *to = g_strjoinv(" ", answer->to);
        g_test_message(
            "%s: %s, %s: %s", rows[i].name, gate_way_name(answer->way), answer->rule, answer->why);
        g_assert_cmpstr(gate_way_name(answer->way), ==, rows[i].way);
        g_assert_cmpstr(answer->rule, ==, rows[i].rule);
        g_assert_cmpstr(to, ==, rows[i].to);
        g_assert_cmpint(answer->cms, ==, g_str_equal(answer->rule, "sealed-cms"));
        for (const char *const *said = rows[i].says; *said; said++)
            g_assert_nonnull(strstr(answer->why, *said));
    }
}

static void test_nobody_is_written_to(void)
{
    const struct gate_question question = {.kind = GATE_ACK, .recipient = "", .now = NOW};
    g_autoptr(mado_gate_answer) answer = gate_decide(&question);

    g_assert_cmpint(answer->way, ==, GATE_REFUSE);
    g_assert_cmpstr(gate_way_name(GATE_WAYS), ==, "?");
}

/* -- every question there is -- */

enum flag { ALWAYS = 1, SEALED = 2, PGP = 4, CMS = 8, TAINTED = 16, FLAGS = 32 };
enum { KEY_SETS = 1 << G_N_ELEMENTS(kinds) };

static struct gate_answer *ask(guint kind, guint set, guint flags)
{
    g_autoptr(GPtrArray) keys = keys_of(set);
    g_autoptr(GPtrArray) tainted = g_ptr_array_new();

    if (flags & TAINTED)
        g_ptr_array_add(tainted, (gpointer)sealed_text);
    return gate_decide(&(struct gate_question){
        .kind = (enum gate_kind)kind,
        .recipient = "hanako@yamabuki.example",
        .contact = {.always_seal = (flags & ALWAYS) != 0},
        .label = "TLP:CLEAR",
        .keys = keys,
        .answers_sealed = (flags & SEALED) != 0,
        .we_have_pgp = (flags & PGP) != 0,
        .we_have_cms = (flags & CMS) != 0,
        .text = repeats_it,
        .tainted = tainted,
        .now = NOW,
    });
}

static enum gate_way way(guint kind, guint set, guint flags)
{
    g_autoptr(mado_gate_answer) answer = ask(kind, set, flags);

    g_assert_cmpuint(strlen(answer->why), >, 0);
    return answer->way;
}

static void foreach_question(void (*check)(guint kind, guint set, guint flags))
{
    for (guint kind = 0; kind < GATE_KINDS; kind++)
        for (guint set = 0; set < KEY_SETS; set++)
            for (guint flags = 0; flags < FLAGS; flags++)
                check(kind, set, flags);
}

static const struct gate_key *key_named(const char *fingerprint)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_str_equal(kinds[i].fingerprint, fingerprint))
            return &kinds[i];
    return NULL;
}

/* To keys that are there and good, of one kind, and signed by one of ours of that kind. */
static void check_seal(guint kind, guint set, guint flags)
{
    g_autoptr(mado_gate_answer) answer = ask(kind, set, flags);

    g_assert_true((answer->way == GATE_SEAL) == (*answer->to != NULL));
    if (answer->way != GATE_SEAL)
        return;
    g_assert_true(flags & (answer->cms ? CMS : PGP));
    for (char **to = answer->to; *to; to++) {
        const struct gate_key *key = key_named(*to);
        g_assert_true(set & 1u << (key - kinds));
        g_assert_true(key->cms == answer->cms && key->can_encrypt && !key->revoked);
        g_assert_true(!key->expires || key->expires > NOW);
    }
}

static void test_seals_to_good_keys_only(void)
{
    foreach_question(check_seal);
}

/* Those that were made to encrypt. */
static guint that_encrypt(guint set)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (!kinds[i].can_encrypt && !kinds[i].encrypts)
            set &= ~(1u << i);
    return set;
}

/* Nothing is held that operators must hear, and nothing else is clear that has a pinned key that
 * encrypts, or once did. */
static void check_clear(guint kind, guint set, guint flags)
{
    enum gate_way answered = way(kind, set, flags);

    if (kind == GATE_OWN)
        g_assert_cmpint(answered, ==, GATE_CLEAR);
    else if (that_encrypt(set) || (flags & ALWAYS))
        g_assert_cmpint(answered, !=, GATE_CLEAR);
    else if (kind == GATE_PERSON && (flags & (SEALED | TAINTED)))
        g_assert_cmpint(answered, ==, GATE_HOLD);
    else
        g_assert_cmpint(answered, ==, GATE_CLEAR);
}

static void test_clear_is_for_those_without_a_key(void)
{
    foreach_question(check_clear);
}

/* What is held is not opened by one key more, by one of several less, by a key of ours that is
 * gone, nor by anything that asks for more care. That a person unpins somebody's last key that
 * encrypts is their word that there is none. */
static void check_doors(guint kind, guint set, guint flags)
{
    if (way(kind, set, flags) != GATE_HOLD)
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        guint other = set ^ 1u << i;
        if (that_encrypt(other) || !that_encrypt(set))
            g_assert_cmpint(way(kind, other, flags), !=, GATE_CLEAR);
    }
    for (guint flag = 1; flag < FLAGS; flag <<= 1) {
        g_assert_cmpint(way(kind, set, flags | flag), !=, GATE_CLEAR);
        if (flag == PGP || flag == CMS)
            g_assert_cmpint(way(kind, set, flags & ~flag), !=, GATE_CLEAR);
    }
}

static void test_no_change_opens_a_door(void)
{
    foreach_question(check_doors);
}

/* What only lacked a signature was to go in clear; what had to be sealed never does. */
static void test_what_was_held_goes_as_it_was_to(void)
{
    for (int way = 0; way < GATE_WAYS; way++) {
        const struct gate_answer answer = {.way = (enum gate_way)way};
        g_assert_cmpint(gate_lets_go(&answer, TRUE), ==, way == GATE_SEAL);
        g_assert_cmpint(gate_lets_go(&answer, FALSE), ==, way == GATE_SEAL || way == GATE_CLEAR);
    }
}

/* Raising a label never tells more, nor does anything that makes an incident one for few. */
static void test_a_stricter_label_tells_no_more(void)
{
    static const char *const labels[] = {
        "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED", "TLP:PURPLE"};
    static const char *const fields[] = {"number", "state", "severity", "label", "category",
        "handler", "team", "subject", "text", "reporter", ""};
    guint told[G_N_ELEMENTS(labels)] = {0};

    for (gsize f = 0; f < G_N_ELEMENTS(fields); f++)
        for (gsize i = 0; i < G_N_ELEMENTS(labels); i++) {
            gboolean now = gate_may_tell(fields[f], labels[i], FALSE, FALSE);
            told[i] += now;
            g_assert_true(!i || !now || gate_may_tell(fields[f], labels[i - 1], FALSE, FALSE));
            g_assert_true(now || !gate_may_tell(fields[f], labels[i], FALSE, TRUE));
            g_assert_true(now || !gate_may_tell(fields[f], labels[i], TRUE, FALSE));
            g_assert_cmpint(gate_may_tell(fields[f], labels[i], TRUE, FALSE), ==, f == 0);
        }
    g_assert_cmpuint(told[0], ==, 8);
    g_assert_cmpuint(told[2], ==, 7);
    g_assert_cmpuint(told[3], ==, 4);
    g_assert_cmpuint(told[4], ==, 1);
    g_assert_cmpuint(told[5], ==, 1);
    g_assert_false(gate_may_tell("subject", "TLP:CLEAR", FALSE, TRUE));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gate/each rule", test_each_rule);
    g_test_add_func("/gate/nobody is written to", test_nobody_is_written_to);
    g_test_add_func("/gate/seals to good keys only", test_seals_to_good_keys_only);
    g_test_add_func(
        "/gate/clear is for those without a key", test_clear_is_for_those_without_a_key);
    g_test_add_func("/gate/no change opens a door", test_no_change_opens_a_door);
    g_test_add_func("/gate/what was held goes as it was to", test_what_was_held_goes_as_it_was_to);
    g_test_add_func("/gate/what programs are told", test_a_stricter_label_tells_no_more);
    return g_test_run();
}
