/* What is said of each way in which a mail may be signed and sealed, or may seem to be. */
#include "opening-case.h"
#include "opening.h"
#include <mado/limits.h>

/* One document's layer, and what the keys role says of it. `content` and the payload are not looked
 * at: which document comes next is what counts. */
struct said {
    enum layer_kind kind;
    const char *flags; /* p: of a part only; s, e: has a signed, an encrypted part; C: encrypted, in
                        * truth; M: nothing shows changes; D: its reader dies */
    const char *signatures;
    enum opened_state state;
};

struct expected {
    enum extent encrypted;
    enum integrity integrity;
    enum extent is_signed;
    const char *signed_by; /* NULL: nobody */
    int text;              /* of which document; -1: none */
    const char *problem;   /* "": none at all */
    enum opened_state left;
};

#define PGP_SEALED                                                                                 \
    {                                                                                              \
        LAYER_PGP_ENCRYPTED, "C", ""                                                               \
    }
#define CMS_SEALED                                                                                 \
    {                                                                                              \
        LAYER_CMS_ENCRYPTED, "CM", ""                                                              \
    }
#define N EXTENT_NONE
#define P EXTENT_PARTIAL
#define F EXTENT_FULL
#define NA INTEGRITY_NOT_ASKED

static const struct open_case {
    const char *sentence;
    struct said said[4];
    struct expected expected;
    const char *from; /* NULL: alice@yamabuki.example */
} open_cases[] = {
    {"a plain mail is nothing", {{LAYER_NONE}}, {N, NA, N, NULL, 0, ""}},
    /* signed */
    {"signed by whom it is from", {{LAYER_PGP_SIGNED, "", "A good"}},
        {N, NA, F, "Alice Aoki", 1, ""}},
    {"inline, over all of it", {{LAYER_INLINE_SIGNED, "", "A good"}},
        {N, NA, F, "Alice Aoki", 1, ""}},
    {"S/MIME, detached", {{LAYER_CMS_SIGNED, "", "A good"}}, {N, NA, F, "Alice Aoki", 1, ""}},
    {"S/MIME, opaque", {{LAYER_CMS_OPAQUE, "", "A good"}}, {N, NA, F, "Alice Aoki", 1, ""}},
    {"another address of the same contact", {{LAYER_PGP_SIGNED, "", "A good"}},
        {N, NA, F, "Alice Aoki", 1, ""}, "Aoki@YAMABUKI.example"},
    {"a longer address is another", {{LAYER_PGP_SIGNED, "", "A good"}},
        {N, NA, F, NULL, 1, "not that of From"}, "alice@yamabuki.example.evil.example"},
    {"the end of an address is another", {{LAYER_PGP_SIGNED, "", "A good"}},
        {N, NA, F, NULL, 1, "not that of From"}, "malice@yamabuki.example"},
    {"no From at all", {{LAYER_PGP_SIGNED, "", "A good"}}, {N, NA, F, NULL, 1, "not that of From"},
        ""},
    {"by another whom we know", {{LAYER_PGP_SIGNED, "", "B good"}},
        {N, NA, F, NULL, 1, "is of Bob, whose address is not that of From"}},
    {"by nobody whom we know", {{LAYER_PGP_SIGNED, "", "C good"}},
        {N, NA, F, NULL, 1, "nobody has pinned"}},
    {"bad", {{LAYER_PGP_SIGNED, "", "A bad"}}, {N, NA, F, NULL, 1, "is bad"}},
    {"of a key that has expired", {{LAYER_PGP_SIGNED, "", "A expired-key"}},
        {N, NA, F, NULL, 1, "expired"}},
    {"of a revoked key", {{LAYER_PGP_SIGNED, "", "A revoked-key"}}, {N, NA, F, NULL, 1, "revoked"}},
    {"expired", {{LAYER_PGP_SIGNED, "", "A expired"}}, {N, NA, F, NULL, 1, "has expired"}},
    {"of the future", {{LAYER_PGP_SIGNED, "", "A future"}}, {N, NA, F, NULL, 1, "future"}},
    {"with a weak digest", {{LAYER_PGP_SIGNED, "", "A weak"}}, {N, NA, F, NULL, 1, "weak digest"}},
    {"of an unknown key", {{LAYER_PGP_SIGNED, "", "C unknown-key"}},
        {N, NA, F, NULL, 1, "not known here"}},
    {"that cannot be checked", {{LAYER_PGP_SIGNED, "", "A error"}},
        {N, NA, F, NULL, 1, "could not be checked"}},
    {"a month old: still theirs", {{LAYER_PGP_SIGNED, "", "A old"}},
        {N, NA, F, "Alice Aoki", 1, "30 days old"}},
    {"by two, both known", {{LAYER_PGP_SIGNED, "", "B good, A good"}},
        {N, NA, F, "Alice Aoki", 1, "is of Bob"}},
    {"by two, one unknown", {{LAYER_PGP_SIGNED, "", "A good, C unknown-key"}},
        {N, NA, F, NULL, 1, "not known here"}},
    {"by two, one bad", {{LAYER_PGP_SIGNED, "", "A good, A bad"}}, {N, NA, F, NULL, 1, "is bad"}},
    {"by no one, though it says so", {{LAYER_PGP_SIGNED, "", ""}},
        {N, NA, N, NULL, 1, "no signature is in it"}},
    {"inline by no one is read as it stands", {{LAYER_INLINE_SIGNED, "", ""}},
        {N, NA, N, NULL, 0, "no signature is in it"}},
    {"its signature is no signature", {{LAYER_PGP_SIGNED, "", "", OPENED_BROKEN}},
        {N, NA, N, NULL, 1, "could not be checked"}},
    {"what is broken has no good signature", {{LAYER_CMS_SIGNED, "", "A good", OPENED_BROKEN}},
        {N, NA, F, NULL, 1, "could not be checked"}},
    {"broken inline is read as it stands", {{LAYER_INLINE_SIGNED, "", "A good", OPENED_BROKEN}},
        {N, NA, N, NULL, 0, "could not be checked"}},
    {"broken opaque stays closed", {{LAYER_CMS_OPAQUE, "", "", OPENED_BROKEN}},
        {N, NA, N, NULL, -1, "could not be opened", OPENED_BROKEN}},
    {"signed twice", {{LAYER_PGP_SIGNED, "", "B good"}, {LAYER_PGP_SIGNED, "", "A good"}},
        {N, NA, F, "Alice Aoki", 2, "is of Bob"}},
    {"signed twice, the outer is bad",
        {{LAYER_PGP_SIGNED, "", "B bad"}, {LAYER_PGP_SIGNED, "", "A good"}},
        {N, NA, F, NULL, 2, "is bad"}},
    {"it says signed, and is encrypted", {{LAYER_CMS_OPAQUE, "C", "A good"}},
        {N, NA, N, NULL, -1, "is encrypted", OPENED_BROKEN}},
    /* a part only */
    {"a signed part", {{LAYER_PGP_SIGNED, "p", "A good"}},
        {N, NA, P, NULL, 0, "only a part of it is signed"}},
    {"a signed part that is bad", {{LAYER_CMS_SIGNED, "p", "A bad"}},
        {N, NA, P, NULL, 0, "is bad"}},
    {"a signed part further down", {{LAYER_NONE, "s", ""}},
        {N, NA, P, NULL, 0, "only a part of it is signed"}},
    {"an encrypted part is left alone", {{LAYER_NONE, "e", ""}},
        {P, NA, N, NULL, 0, "a part of it is encrypted"}},
    {"as the only layer, too", {{LAYER_PGP_ENCRYPTED, "p", "A good"}},
        {P, NA, N, NULL, 0, "a part of it is encrypted"}},
    {"signed, with a signed part of another",
        {{LAYER_PGP_SIGNED, "", "A good"}, {LAYER_PGP_SIGNED, "p", "B bad"}},
        {N, NA, F, "Alice Aoki", 1, ""}},
    {"signed, with an encrypted part", {{LAYER_PGP_SIGNED, "e", "A good"}, {LAYER_NONE, "e", ""}},
        {P, NA, F, "Alice Aoki", 1, "a part of it is encrypted"}},
    {"a part beside what was encrypted", {PGP_SEALED, {LAYER_PGP_SIGNED, "p", "A good"}},
        {F, INTEGRITY_OK, P, NULL, 1, "only a part of it is signed"}},
    /* sealed */
    {"encrypted", {PGP_SEALED}, {F, INTEGRITY_OK, N, NULL, 1, ""}},
    {"encrypted inline", {{LAYER_INLINE_ENCRYPTED, "C", ""}}, {F, INTEGRITY_OK, N, NULL, 1, ""}},
    {"encrypted and signed in one", {{LAYER_PGP_ENCRYPTED, "C", "A good"}},
        {F, INTEGRITY_OK, F, "Alice Aoki", 1, ""}},
    {"with a bad signature in it", {{LAYER_PGP_ENCRYPTED, "C", "A bad"}},
        {F, INTEGRITY_OK, F, NULL, 1, "is bad"}},
    {"signed, then encrypted", {PGP_SEALED, {LAYER_PGP_SIGNED, "", "A good"}},
        {F, INTEGRITY_OK, F, "Alice Aoki", 2, ""}},
    {"encrypted, then signed", {{LAYER_PGP_SIGNED, "", "A good"}, {LAYER_PGP_ENCRYPTED, "C", ""}},
        {F, INTEGRITY_OK, F, NULL, 2, "around the encryption"}},
    {"signed around what another has signed and sealed",
        {{LAYER_PGP_SIGNED, "", "A good"}, {LAYER_PGP_ENCRYPTED, "C", "B good"}},
        {F, INTEGRITY_OK, F, NULL, 2, "around the encryption"}},
    {"signed inside, and around it by another",
        {{LAYER_PGP_SIGNED, "", "B good"}, {LAYER_PGP_ENCRYPTED, "C", "A good"}},
        {F, INTEGRITY_OK, F, "Alice Aoki", 2, "around the encryption"}},
    {"encrypted, then sealed and signed",
        {{LAYER_PGP_ENCRYPTED, "C", "A good"}, {LAYER_PGP_ENCRYPTED, "C", ""}},
        {F, INTEGRITY_OK, F, NULL, 2, "around the encryption"}},
    {"signed around what is sealed and signed",
        {{LAYER_PGP_SIGNED, "", "B good"}, {LAYER_PGP_ENCRYPTED, "C", "A good"}},
        {F, INTEGRITY_OK, F, "Alice Aoki", 2, "is of Bob"}},
    {"encrypted with S/MIME", {CMS_SEALED}, {F, INTEGRITY_NONE, N, NULL, 1, "no integrity"}},
    {"S/MIME, signed inside", {CMS_SEALED, {LAYER_CMS_OPAQUE, "", "A good"}},
        {F, INTEGRITY_OK, F, "Alice Aoki", 2, ""}},
    {"S/MIME in OpenPGP is no better than alone", {PGP_SEALED, CMS_SEALED},
        {F, INTEGRITY_NONE, N, NULL, 2, "no integrity"}},
    {"OpenPGP in S/MIME", {CMS_SEALED, PGP_SEALED}, {F, INTEGRITY_OK, N, NULL, 2, ""}},
    {"S/MIME, badly signed inside", {CMS_SEALED, {LAYER_CMS_SIGNED, "", "A bad"}},
        {F, INTEGRITY_NONE, F, NULL, 2, "no integrity"}},
    {"S/MIME, a part signed inside", {CMS_SEALED, {LAYER_CMS_SIGNED, "p", "A good"}},
        {F, INTEGRITY_NONE, P, NULL, 1, "no integrity"}},
    {"S/MIME, signed outside", {{LAYER_CMS_SIGNED, "", "A good"}, CMS_SEALED},
        {F, INTEGRITY_NONE, F, NULL, 2, "no integrity"}},
    {"there is no signature in an envelope", {{LAYER_CMS_ENCRYPTED, "CM", "A good"}},
        {F, INTEGRITY_NONE, N, NULL, 1, "no integrity"}},
    {"it says encrypted, and is not", {{LAYER_PGP_ENCRYPTED, "", "A good"}},
        {N, NA, N, NULL, -1, "is not", OPENED_BROKEN}},
    {"S/MIME says encrypted, and is not", {{LAYER_CMS_ENCRYPTED, "", "A good"}},
        {N, NA, N, NULL, -1, "is not", OPENED_BROKEN}},
    {"PGP that shows no changes", {{LAYER_PGP_ENCRYPTED, "CM", "A good"}},
        {P, NA, N, NULL, -1, "changed on its way", OPENED_BROKEN}},
    /* closed */
    {"encrypted, and not to us", {{LAYER_PGP_ENCRYPTED, "", "", OPENED_NO_KEY}},
        {P, NA, N, NULL, -1, "no-key", OPENED_NO_KEY}},
    {"encrypted with a password", {{LAYER_INLINE_ENCRYPTED, "", "", OPENED_PASSWORD}},
        {P, NA, N, NULL, -1, "password", OPENED_PASSWORD}},
    {"damaged", {{LAYER_PGP_ENCRYPTED, "", "A good", OPENED_BROKEN}},
        {N, NA, N, NULL, -1, "broken", OPENED_BROKEN}},
    {"too large", {{LAYER_CMS_ENCRYPTED, "", "", OPENED_TOO_LARGE}},
        {P, NA, N, NULL, -1, "too-large", OPENED_TOO_LARGE}},
    {"in a way that we do not know", {{LAYER_CMS_ENCRYPTED, "", "", OPENED_UNKNOWN}},
        {N, NA, N, NULL, -1, "unknown", OPENED_UNKNOWN}},
    {"signed, around what stays closed",
        {{LAYER_PGP_SIGNED, "", "A good"}, {LAYER_PGP_ENCRYPTED, "", "", OPENED_NO_KEY}},
        {P, NA, F, NULL, -1, "around the encryption", OPENED_NO_KEY}},
    {"sealed, around what stays closed", {PGP_SEALED, {LAYER_PGP_ENCRYPTED, "", "", OPENED_NO_KEY}},
        {F, INTEGRITY_OK, N, NULL, -1, "no-key", OPENED_NO_KEY}},
    {"a third layer that is signed", {PGP_SEALED, PGP_SEALED, {LAYER_PGP_SIGNED, "", "A good"}},
        {F, INTEGRITY_OK, N, NULL, 2, "too complex: crypto layers > 2"}},
    {"a third layer that is encrypted", {PGP_SEALED, {LAYER_PGP_SIGNED, "", "A good"}, PGP_SEALED},
        {F, INTEGRITY_OK, F, NULL, -1, "too complex: crypto layers > 2", OPENED_BROKEN}},
    /* what kills its reader */
    {"what was signed", {{LAYER_PGP_SIGNED, "D", "A good"}},
        {N, NA, N, NULL, 0, "could not be read"}},
    {"what was sealed", {{LAYER_PGP_ENCRYPTED, "CD", "A good"}},
        {P, NA, N, NULL, -1, "could not be read", OPENED_BROKEN}},
    {"what was signed and sealed", {PGP_SEALED, {LAYER_PGP_SIGNED, "D", "A good"}},
        {F, INTEGRITY_OK, N, NULL, 1, "could not be read"}},
};

static gboolean has(const struct said *said, char flag)
{
    return said->flags && strchr(said->flags, flag);
}

static struct facts *read_document(const struct open_case *c, guint document)
{
    const struct said *said = &c->said[document];
    struct facts *facts = some_facts(document, c->from ? c->from : "alice@yamabuki.example");

    facts->layer->kind = said->kind;
    facts->layer->whole = said->kind != LAYER_NONE && !has(said, 'p');
    facts->layer->has_signed_part = has(said, 's');
    facts->layer->has_encrypted_part = has(said, 'e');
    facts->layer->payload = bytes_of("payload");
    if (c->from && !*c->from)
        g_ptr_array_set_size(facts->message->from, 0);
    return facts;
}

static struct opened *open_layer(const struct said *said)
{
    struct opened *opened = opened_new();

    opened->state = said->state;
    opened->encrypted = has(said, 'C');
    opened->integrity = has(said, 'C') && !has(said, 'M');
    if (said->signatures && *said->signatures)
        add_signatures(opened, said->signatures);
    if (said->state == OPENED_DONE)
        opened->content = bytes_of("content");
    return opened;
}

/* Drives it as the desk does. */
static void drive(struct opening *opening, const struct open_case *c)
{
    guint document = 0;
    enum opening_step step = opening_take_facts(opening, read_document(c, 0));

    while (step != OPENING_DONE) {
        if (step == OPENING_KEYS) {
            step = opening_take_opened(opening, open_layer(&c->said[document]));
        } else if (has(&c->said[document], 'D')) {
            step = opening_take_death(opening, "it died");
        } else {
            g_assert_nonnull(opening_document(opening));
            step = opening_take_facts(opening, read_document(c, ++document));
        }
    }
}

static void check(const struct open_case *c, const struct message *message, struct crypto *crypto)
{
    const struct expected *expected = &c->expected;
    g_autofree char *problems = g_strjoinv("\n", crypto->problems);
    g_autofree char *text =
        expected->text < 0 ? g_strdup("") : g_strdup_printf("document %d", expected->text);

    g_assert_cmpstr(extent_name(crypto->encrypted), ==, extent_name(expected->encrypted));
    g_assert_cmpstr(integrity_name(crypto->integrity), ==, integrity_name(expected->integrity));
    g_assert_cmpstr(extent_name(crypto->is_signed), ==, extent_name(expected->is_signed));
    g_assert_cmpstr(crypto->signed_by, ==, expected->signed_by);
    g_assert_cmpstr(message->text, ==, text);
    g_assert_cmpint(crypto->left, ==, expected->left);
    g_test_message("problems: %s", problems);
    g_assert_cmpint(crypto->passed_on, ==,
        strstr(problems, "days old") != NULL || strstr(problems, "passed on") != NULL);
    if (*expected->problem)
        g_assert_nonnull(strstr(problems, expected->problem));
    else
        g_assert_cmpstr(problems, ==, "");
}

static void test_case(gconstpointer data)
{
    const struct open_case *c = data;
    g_autoptr(mado_opening) opening = opening_new(ARRIVED);
    g_autoptr(GPtrArray) known = some_keys();
    g_autoptr(mado_crypto) crypto = NULL;
    g_autoptr(mado_message) message = NULL;

    drive(opening, c);
    message = opening_finish(opening, known, &crypto);
    check(c, message, crypto);
}

/* -- what the table has no room for -- */

/* A signed mail, with what the document inside says changed by a test. */
static struct message *finish_signed(
    struct facts *outer, struct facts *inner, struct crypto **crypto)
{
    g_autoptr(mado_opening) opening = opening_new(ARRIVED);
    g_autoptr(GPtrArray) known = some_keys();
    struct opened *opened = opened_new();

    outer->layer->kind = LAYER_PGP_SIGNED;
    outer->layer->whole = TRUE;
    if (!outer->layer->payload)
        outer->layer->payload = bytes_of("what was signed");
    add_signatures(opened, "A good");
    g_assert_cmpint(opening_take_facts(opening, outer), ==, OPENING_KEYS);
    g_assert_cmpint(opening_take_opened(opening, opened), ==, OPENING_READ);
    g_assert_cmpint(opening_take_facts(opening, inner), ==, OPENING_DONE);
    return opening_finish(opening, known, crypto);
}

static void put(char **field, const char *value)
{
    g_free(*field);
    *field = g_strdup(value);
}

static void test_two_from(void)
{
    struct facts *outer = some_facts(0, "alice@yamabuki.example");
    g_autoptr(mado_crypto) crypto = NULL;
    g_autoptr(mado_message) message = NULL;

    g_ptr_array_add(outer->message->from, mailbox_new("", "bob@hinode.example"));
    message = finish_signed(outer, some_facts(1, NULL), &crypto);
    g_assert_nonnull(message);
    g_assert_cmpint(crypto->is_signed, ==, EXTENT_FULL);
    g_assert_null(crypto->signed_by);
    g_assert_false(((struct signature *)crypto->signatures->pdata[0])->is_from);
}

static void test_protected_from(void)
{
    static const struct {
        const char *address, *name;
    } cases[] = {{"Alice@Yamabuki.Example", "Alice Aoki"}, {"aoki@yamabuki.example", NULL}};

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct facts *inner = some_facts(1, NULL);
        g_autoptr(mado_crypto) crypto = NULL;
        g_autoptr(mado_message) message = NULL;
        g_ptr_array_add(inner->message->from, mailbox_new("", cases[i].address));
        message = finish_signed(some_facts(0, "alice@yamabuki.example"), inner, &crypto);
        g_assert_nonnull(message);
        g_assert_cmpstr(crypto->signed_by, ==, cases[i].name);
        g_assert_cmpint(g_strv_length(crypto->problems), ==, cases[i].name ? 0 : 1);
    }
}

/* Signed for another, and sealed again to us by that one. */
static void test_protected_to(void)
{
    static const struct {
        const char *address;
        guint problems;
    } cases[] = {{NULL, 0}, {"CSIRT@sakura.example", 0}, {"carol@peer.example", 1}};

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct facts *outer = some_facts(0, "alice@yamabuki.example");
        struct facts *inner = some_facts(1, NULL);
        g_autoptr(mado_crypto) crypto = NULL;
        g_autoptr(mado_message) message = NULL;
        g_ptr_array_set_size(outer->message->to, 0);
        g_ptr_array_set_size(inner->message->to, 0);
        g_ptr_array_add(outer->message->to, mailbox_new("", "csirt@sakura.example"));
        if (cases[i].address)
            g_ptr_array_add(inner->message->to, mailbox_new("", cases[i].address));
        message = finish_signed(outer, inner, &crypto);
        g_assert_nonnull(message);
        g_assert_cmpint(g_strv_length(crypto->problems), ==, cases[i].problems);
    }
}

static void test_subject(void)
{
    static const struct {
        const char *outer, *inner;
        gboolean protected, differs;
    } cases[] = {
        {"...", "Server 17 is hacked", TRUE, FALSE},
        {"[...]", "Server 17 is hacked", TRUE, FALSE},
        {"Re: [SAKURA#2026-0042-K7]", "Server 17 is hacked", TRUE, FALSE},
        {"Encrypted Message", "Server 17 is hacked", TRUE, FALSE},
        {"Server 17 is hacked", "Server 17 is hacked", TRUE, FALSE},
        {"Pay the bill", "Server 17 is hacked", TRUE, TRUE},
        {"[abuse] [urgent]", "Server 17 is hacked", TRUE, TRUE},
        {"outer subject", "not a protected one", FALSE, FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct facts *outer = some_facts(0, "alice@yamabuki.example");
        struct facts *inner = some_facts(1, NULL);
        g_autoptr(mado_crypto) crypto = NULL;
        g_autoptr(mado_message) message = NULL;
        put(&outer->message->subject, cases[i].outer);
        put(&inner->message->subject, cases[i].inner);
        if (cases[i].protected)
            put(&inner->message->subject_from, "protected");
        message = finish_signed(outer, inner, &crypto);
        g_assert_cmpstr(message->subject, ==, cases[i].protected ? cases[i].inner : cases[i].outer);
        g_assert_cmpstr(message->subject_from, ==, cases[i].protected ? "protected" : "outer");
        g_assert_cmpint(g_strv_length(crypto->problems), ==, cases[i].differs);
    }
}

/* Where it came from and to whom it goes is said outside alone, whatever the inside says. */
static void test_routing_is_outer(void)
{
    struct facts *outer = some_facts(0, "alice@yamabuki.example");
    struct facts *inner = some_facts(1, NULL);
    g_autoptr(mado_crypto) crypto = NULL;
    g_autoptr(mado_message) message = NULL;

    outer->message->machine = MACHINE_LIST;
    outer->message->message_id = g_strdup("1@yamabuki.example");
    inner->message->message_id = g_strdup("2@evil.example");
    inner->message->return_path = g_strdup("bounce@evil.example");
    g_ptr_array_add(inner->message->auth_results,
        auth_result_new("mx.sakura.example", "pass", "yamabuki.example"));
    g_ptr_array_add(inner->message->attachments, attachment_new("inner.txt", "text/plain", 1, "x"));
    put(&inner->message->language, "ja");
    message = finish_signed(outer, inner, &crypto);
    g_assert_cmpstr(message->message_id, ==, "1@yamabuki.example");
    g_assert_null(message->return_path);
    g_assert_cmpint(message->machine, ==, MACHINE_LIST);
    g_assert_cmpuint(message->auth_results->len, ==, 0);
    g_assert_cmpuint(message->attachments->len, ==, 1);
    g_assert_cmpstr(message->language, ==, "ja");
}

/* Line ends may change on the way, and it is the same all the same. */
static void test_payload_digest(void)
{
    static const char *const payloads[] = {
        "was\nsigned\n", "was\r\nsigned\r\n", "was\nsigned\r\r\n"};
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, payloads[0], -1);

    for (gsize i = 0; i < G_N_ELEMENTS(payloads); i++) {
        struct facts *outer = some_facts(0, "alice@yamabuki.example");
        g_autoptr(mado_crypto) crypto = NULL;
        g_autoptr(mado_message) message = NULL;
        outer->layer->payload = bytes_of(payloads[i]);
        message = finish_signed(outer, some_facts(1, NULL), &crypto);
        g_assert_nonnull(message);
        g_assert_cmpstr(crypto->payload_sha256, ==, digest);
    }
}

/* Returns at the end of a line are in no signature over text: nothing may hang on them. */
static void test_loose_returns(void)
{
    static const struct {
        enum layer_kind kind;
        const char *payload, *read;
    } cases[] = {
        {LAYER_PGP_SIGNED, "a: b\r\n\r\none\r\n", "a: b\r\n\r\none\r\n"},
        {LAYER_PGP_SIGNED, "a: b\r\n\r\r\nc: d\r\r\r\n\r", "a: b\r\n\r\nc: d\r\n"},
        {LAYER_PGP_SIGNED, "a\rb\r\rc\r\n", "a\rb\r\rc\r\n"},
        {LAYER_PGP_SIGNED, "\r\r", ""},
        {LAYER_CMS_SIGNED, "a\r\r\n", "a\r\r\n"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(mado_opening) opening = opening_new(ARRIVED);
        struct facts *outer = some_facts(0, "alice@yamabuki.example");
        struct opened *opened = opened_new();
        gsize size;
        const char *data;
        outer->layer->kind = cases[i].kind;
        outer->layer->whole = TRUE;
        outer->layer->payload = bytes_of(cases[i].payload);
        add_signatures(opened, "A good");
        opening_take_facts(opening, outer);
        g_assert_cmpint(opening_take_opened(opening, opened), ==, OPENING_READ);
        data = g_bytes_get_data(opening_document(opening), &size);
        g_assert_cmpmem(data, size, cases[i].read, strlen(cases[i].read));
    }
}

/* The document has the header that the reader made, and nothing else but what came out. */
static void test_document(void)
{
    g_autoptr(mado_opening) opening = opening_new(ARRIVED);
    struct facts *outer = some_facts(0, "alice@yamabuki.example");
    struct opened *opened = opened_new();
    gsize size;
    const char *data;

    outer->layer->kind = LAYER_INLINE_ENCRYPTED;
    outer->layer->whole = TRUE;
    put(&outer->layer->header, "Content-Type: text/plain\r\n\r\n");
    opened->encrypted = opened->integrity = TRUE;
    opened->content = bytes_of("inside");
    opening_take_facts(opening, outer);
    g_assert_cmpint(opening_take_opened(opening, opened), ==, OPENING_READ);
    data = g_bytes_get_data(opening_document(opening), &size);
    g_assert_cmpmem(data, size, "Content-Type: text/plain\r\n\r\ninside",
        strlen("Content-Type: text/plain\r\n\r\ninside"));
}

/* Closed: the ciphertext is a file, and no text. */
static void test_closed_inline(void)
{
    g_autoptr(mado_opening) opening = opening_new(ARRIVED);
    g_autoptr(GPtrArray) known = some_keys();
    g_autoptr(mado_crypto) crypto = NULL;
    g_autoptr(mado_message) message = NULL;
    struct facts *outer = some_facts(0, "alice@yamabuki.example");
    struct opened *opened = opened_new();
    const char *ids[] = {"0123456789ABCDEF", NULL};

    outer->layer->kind = LAYER_INLINE_ENCRYPTED;
    outer->layer->whole = TRUE;
    outer->layer->payload = bytes_of("-----BEGIN PGP MESSAGE-----");
    put(&outer->message->text, "-----BEGIN PGP MESSAGE-----");
    opened->state = OPENED_NO_KEY;
    g_strfreev(opened->key_ids);
    opened->key_ids = g_strdupv((char **)ids);
    opening_take_facts(opening, outer);
    g_assert_cmpint(opening_take_opened(opening, opened), ==, OPENING_DONE);
    message = opening_finish(opening, known, &crypto);
    g_assert_cmpstr(message->text, ==, "");
    g_assert_cmpstr(message->text_from, ==, "none");
    g_assert_cmpuint(message->attachments->len, ==, 1);
    g_assert_cmpstr(crypto->key_ids[0], ==, ids[0]);
}

/* Of S/MIME that is sealed to us nobody is told whether it is broken: they may have broken it to
 * learn. */
static void test_quiet(void)
{
    static const struct {
        enum layer_kind kind;
        enum opened_state state;
        const char *to;
        gboolean quiet;
    } cases[] = {
        {LAYER_CMS_ENCRYPTED, OPENED_BROKEN, "ours", TRUE},
        {LAYER_CMS_ENCRYPTED, OPENED_DONE, "ours", TRUE},
        {LAYER_PGP_ENCRYPTED, OPENED_DONE, "ours", FALSE},
        {LAYER_CMS_ENCRYPTED, OPENED_BROKEN, NULL, FALSE},
        {LAYER_CMS_ENCRYPTED, OPENED_UNKNOWN, "ours", FALSE},
        {LAYER_PGP_ENCRYPTED, OPENED_BROKEN, "ours", FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(mado_opening) opening = opening_new(ARRIVED);
        g_autoptr(GPtrArray) known = some_keys();
        g_autoptr(mado_crypto) crypto = NULL;
        g_autoptr(mado_message) message = NULL;
        struct facts *outer = some_facts(0, "alice@yamabuki.example");
        struct opened *opened = opened_new();
        const char *to[] = {cases[i].to, NULL};
        outer->layer->kind = cases[i].kind;
        outer->layer->whole = TRUE;
        outer->layer->payload = bytes_of("ciphertext");
        opened->state = cases[i].state;
        g_strfreev(opened->to);
        opened->to = g_strdupv((char **)to);
        opened->encrypted = opened->integrity = cases[i].state == OPENED_DONE;
        opening_take_facts(opening, outer);
        if (opening_take_opened(opening, opened) == OPENING_READ) /* and its reader dies of it */
            opening_take_death(opening, "it died");
        message = opening_finish(opening, known, &crypto);
        g_assert_nonnull(message);
        g_assert_cmpint(crypto->quiet, ==, cases[i].quiet);
    }
}

static void assert_same_digest(const char *one, const char *other, gboolean same)
{
    g_autoptr(GBytes) first = bytes_of(one), second = bytes_of(other);
    g_autofree char *a = sealed_digest(first), *b = sealed_digest(second);

    g_assert_cmpint(g_str_equal(a, b), ==, same);
}

/* The same ciphertext is the same in another dress. */
static void test_sealed_digest(void)
{
#define ARMOUR(head, body)                                                                         \
    "-----BEGIN PGP MESSAGE-----\n" head "\n" body "-----END PGP MESSAGE-----\n"
    assert_same_digest(
        ARMOUR("", "QUJDREVG\n=abcd\n"), ARMOUR("Comment: x\n", "QUJD\r\nREVG\r\n"), TRUE);
    assert_same_digest(ARMOUR("", "QUJDREVG\n=abcd\n"), ARMOUR("", "QUJDREVH\n=abcd\n"), FALSE);
    assert_same_digest("ciphertext", "ciphertext", TRUE);
    assert_same_digest("ciphertext", "ciphertexT", FALSE);
    assert_same_digest(ARMOUR("", ""), "", FALSE);
    assert_same_digest("-----BEGIN PGP MESSAGE-----", "-----BEGIN PGP MESSAGE----- ", FALSE);
#undef ARMOUR
}

static GBytes *sealed_to_many(guint keys, guint bytes_each, gboolean armoured, gboolean old)
{
    g_autoptr(GByteArray) made = g_byte_array_new();
    g_autofree guint8 *body = g_malloc0(bytes_each);
    const guint8 head[] = {old ? 0x80 | 1 << 2 | 2 : 0xc1, 0xff, (guint8)(bytes_each >> 24),
        (guint8)(bytes_each >> 16), (guint8)(bytes_each >> 8), (guint8)bytes_each};
    const guint8 data[] = {0xd2, 4, 1, 0, 0, 0};
    g_autofree char *coded = NULL;

    for (guint i = 0; i < keys; i++) {
        g_byte_array_append(made, head, 1);
        g_byte_array_append(made, head + (old ? 2 : 1), old ? 4 : 5);
        g_byte_array_append(made, body, bytes_each);
    }
    g_byte_array_append(made, data, sizeof data);
    if (!armoured)
        return g_byte_array_free_to_bytes(g_steal_pointer(&made));
    coded = g_base64_encode(made->data, made->len);
    return g_bytes_new(coded, strlen(coded));
}

static void test_too_many_keys(void)
{
    static const struct {
        guint keys, bytes_each;
        gboolean too_many;
    } rows[] = {{0, 0, FALSE}, {1, 90, FALSE}, {LIMIT_SESSION_KEYS, 90, FALSE},
        {LIMIT_SESSION_KEYS + 1, 90, TRUE}, {20000, 12, TRUE}, {LIMIT_SESSION_KEYS, 600, FALSE},
        {200, 6000, TRUE}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        for (int old = 0; old < 2; old++) {
            g_autoptr(mado_opening) opening = opening_new(ARRIVED);
            struct facts *outer = some_facts(0, "alice@yamabuki.example");
            outer->layer->kind = LAYER_PGP_ENCRYPTED;
            outer->layer->whole = TRUE;
            outer->layer->payload = sealed_to_many(rows[i].keys, rows[i].bytes_each, FALSE, old);
            g_assert_cmpint(opening_take_facts(opening, outer), ==,
                rows[i].too_many ? OPENING_DONE : OPENING_KEYS);
            g_assert_cmpint(opening->left, ==, rows[i].too_many ? OPENED_UNKNOWN : OPENED_DONE);
        }
}

static void test_too_many_keys_in_armour(void)
{
    for (guint more = 0; more < 2; more++) {
        g_autoptr(GBytes) coded = sealed_to_many(LIMIT_SESSION_KEYS + more, 90, TRUE, FALSE);
        g_autofree char *text = g_strdup_printf("-----BEGIN PGP MESSAGE-----\nComment: x\n\n%.*s\n"
                                                "-----END PGP MESSAGE-----\n",
            (int)g_bytes_get_size(coded), (const char *)g_bytes_get_data(coded, NULL));
        g_autoptr(GBytes) payload = bytes_of(text);
        g_assert_cmpint(sealed_has_too_many_keys(payload), ==, more);
    }
}

static void test_offers(void)
{
    g_autoptr(mado_opening) opening = opening_new(ARRIVED);
    struct facts *outer = some_facts(0, "alice@yamabuki.example");
    struct facts *inner = some_facts(1, NULL);

    outer->layer->kind = LAYER_PGP_SIGNED;
    outer->layer->whole = TRUE;
    outer->layer->payload = bytes_of("payload");
    g_ptr_array_add(outer->offers, bytes_of("a key"));
    g_ptr_array_add(inner->offers, bytes_of("a key"));
    for (int i = 0; i < 9; i++) {
        g_autofree char *name = g_strdup_printf("key %d", i);
        g_ptr_array_add(inner->offers, bytes_of(name));
    }
    opening_take_facts(opening, outer);
    opening_take_opened(opening, opened_new());
    opening_take_facts(opening, inner);
    g_assert_cmpuint(opening_offers(opening)->len, ==, LIMIT_OFFERS);
}

static void test_signers(void)
{
    g_autoptr(mado_opening) opening = opening_new(ARRIVED);
    const struct open_case twice = {
        "", {{LAYER_PGP_SIGNED, "", "A good, B bad"}, {LAYER_PGP_SIGNED, "", "A good"}}};

    drive(opening, &twice);
    g_assert_cmpuint(g_strv_length(opening_signers(opening)), ==, 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/open/quiet", test_quiet);
    g_test_add_func("/open/too many keys", test_too_many_keys);
    g_test_add_func("/open/too many keys, in armour", test_too_many_keys_in_armour);
    g_test_add_func("/open/the same ciphertext", test_sealed_digest);
    g_test_add_func("/open/loose returns", test_loose_returns);
    for (gsize i = 0; i < G_N_ELEMENTS(open_cases); i++) {
        g_autofree char *path = g_strdup_printf("/open/%s", open_cases[i].sentence);
        g_strdelimit(path + strlen("/open/"), "/", '|');
        g_test_add_data_func(path, &open_cases[i], test_case);
    }
    g_test_add_func("/open/two From addresses are nobody's", test_two_from);
    g_test_add_func("/open/a protected From must be the same", test_protected_from);
    g_test_add_func("/open/a protected To names one of the recipients", test_protected_to);
    g_test_add_func("/open/the protected subject, and whether it differs", test_subject);
    g_test_add_func("/open/where it came from is said outside", test_routing_is_outer);
    g_test_add_func("/open/the digest is that of the signed bytes", test_payload_digest);
    g_test_add_func("/open/the document is what came out", test_document);
    g_test_add_func("/open/what stays closed is no text", test_closed_inline);
    g_test_add_func("/open/keys that come along, once and not too many", test_offers);
    g_test_add_func("/open/whom to look up, once each", test_signers);
    return g_test_run();
}
