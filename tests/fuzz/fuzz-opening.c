/* Any trees of layers, and any lies of readers and of the keys role: an unsigned byte is never
 * inside of what is called signed, nor a clear one in what is called encrypted. */
#include "opening-case.h"
#include "share.h"
#include <mado/limits.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t size);

/* What was said of one document; the text of the mail is that of document `read`. */
struct told {
    enum layer_kind kind;
    gboolean whole, encrypted, integrity, all_good, done, is_read;
    guint signatures;
    gboolean by[2]; /* ALICE, BOB */
};

struct run {
    const guint8 *at, *end;
    struct told told[LIMIT_LAYERS + 2];
    guint documents; /* that were read */
    guint from;      /* mailboxes */
    const char *address;
    gboolean other_from;
};

static guint pick(struct run *run, guint below)
{
    return run->at < run->end ? *run->at++ % below : 0;
}

static const char *pick_address(struct run *run)
{
    static const char *const all[] = {"alice@yamabuki.example", "ALICE@yamabuki.example",
        "bob@hinode.example", "alice@yamabuki.example.evil.example", "carol@x.example", ""};
    return all[pick(run, G_N_ELEMENTS(all))];
}

static struct facts *some_document(struct run *run)
{
    struct told *told = &run->told[run->documents];
    struct facts *facts = some_facts(run->documents, run->address);
    guint flags = pick(run, 64);

    told->kind = facts->layer->kind = pick(run, LAYER_KINDS);
    told->whole = facts->layer->whole = (flags & 3) != 0;
    facts->layer->has_signed_part = (flags & 4) != 0;
    facts->layer->has_encrypted_part = (flags & 8) != 0;
    facts->layer->payload = bytes_of("payload");
    if (run->documents == 0) {
        g_ptr_array_set_size(facts->message->from, 0);
        for (guint i = 0; i < run->from; i++)
            g_ptr_array_add(facts->message->from, mailbox_new("", run->address));
    } else if (flags & 16) {
        const char *other = pick_address(run);
        g_ptr_array_add(facts->message->from, mailbox_new("", other));
        run->other_from |= run->from != 1 || g_ascii_strcasecmp(other, run->address) != 0;
    }
    run->documents++;
    return facts;
}

static struct opened *some_opened(struct run *run)
{
    static const char *const keys[] = {ALICE, BOB, CAROL, "", "AAAAAAAAAAAAAAAA"};
    struct told *told = &run->told[run->documents - 1];
    struct opened *opened = opened_new();
    guint flags = pick(run, 64);

    opened->state = (flags & 1) ? pick(run, OPENED_STATES) : OPENED_DONE;
    opened->encrypted = told->encrypted = (flags & 2) != 0;
    opened->integrity = told->integrity = (flags & 4) != 0;
    told->done = opened->state == OPENED_DONE;
    told->all_good = TRUE;
    told->signatures = pick(run, 4);
    for (guint i = 0; i < told->signatures; i++) {
        enum signature_state state = (flags & 8) ? pick(run, SIGNATURE_STATES) : SIGNATURE_GOOD;
        const char *key = keys[pick(run, G_N_ELEMENTS(keys))];
        told->all_good &=
            state == SIGNATURE_GOOD && (g_str_equal(key, ALICE) || g_str_equal(key, BOB));
        told->by[0] |= g_str_equal(key, ALICE);
        told->by[1] |= g_str_equal(key, BOB);
        g_ptr_array_add(opened->signatures, signature_new(key, state, pick(run, 256)));
    }
    if (flags & 16)
        opened->content = bytes_of("content");
    return opened;
}

static void drive(struct run *run, struct opening *opening)
{
    enum opening_step step = opening_take_facts(opening, some_document(run));

    while (step != OPENING_DONE) {
        struct told *told = &run->told[run->documents - 1];
        g_assert_cmpuint(run->documents, <=, LIMIT_LAYERS + 1);
        if (step == OPENING_KEYS) {
            g_assert_cmpint(opening_layer(opening)->kind, ==, (int)told->kind);
            step = opening_take_opened(opening, some_opened(run));
        } else if (pick(run, 8) == 7) {
            step = opening_take_death(opening, "it died");
        } else {
            told->is_read = TRUE;
            step = opening_take_facts(opening, some_document(run));
        }
    }
}

static gboolean is_signing(const struct told *told)
{
    return told->is_read && told->whole && told->signatures && told->kind != LAYER_CMS_ENCRYPTED;
}

static gboolean is_sealing(const struct told *told)
{
    return told->is_read && told->whole && told->encrypted && told->done &&
           layer_is_encrypted(told->kind);
}

/* The document of which the text is told stands behind every layer that counts. */
static void check_extents(
    const struct run *run, const struct message *message, const struct crypto *crypto)
{
    g_autofree char *text = g_strdup_printf("document %u", run->documents - 1);
    gboolean is_signed = FALSE, encrypted = FALSE, pgp = FALSE, inner = FALSE;

    g_assert_cmpstr(message->text, ==, crypto->left == OPENED_DONE ? text : "");
    for (guint i = 0; i < run->documents; i++) {
        const struct told *told = &run->told[i];
        is_signed |= is_signing(told);
        inner = !is_sealing(told) && (inner || (encrypted && is_signing(told)));
        if (is_sealing(told)) /* the innermost one decides */
            pgp = !layer_is_cms(told->kind) && told->integrity;
        encrypted |= is_sealing(told);
    }
    g_assert_cmpint(crypto->is_signed == EXTENT_FULL, ==, is_signed);
    g_assert_cmpint(crypto->encrypted == EXTENT_FULL, ==, encrypted);
    g_assert_true(crypto->integrity != INTEGRITY_OK || pgp || inner);
    g_assert_true((crypto->integrity == INTEGRITY_NOT_ASKED) == !encrypted);
}

static gboolean is_of(const struct crypto *crypto, const char *address)
{
    const char *name = crypto->signed_by;

    return (g_str_equal(name, "Alice Aoki") &&
               (g_ascii_strcasecmp(address, "alice@yamabuki.example") == 0)) ||
           (g_str_equal(name, "Bob") && g_str_equal(address, "bob@hinode.example"));
}

/* Who is named has signed inside of every encryption. */
static gboolean has_signed_inside(const struct run *run, const char *name)
{
    gboolean inside = FALSE;

    for (guint i = 0; i < run->documents; i++) {
        const struct told *told = &run->told[i];
        if (is_sealing(told))
            inside = FALSE;
        inside |= is_signing(told) && told->by[g_str_equal(name, "Bob")];
    }
    return inside;
}

static void check_name(const struct run *run, const struct crypto *crypto)
{
    gboolean is_from = FALSE;

    if (!crypto->signed_by)
        return;
    g_assert_cmpint(crypto->is_signed, ==, EXTENT_FULL);
    g_assert_cmpuint(run->from, ==, 1);
    g_assert_false(run->other_from);
    g_assert_true(is_of(crypto, run->address));
    g_assert_true(has_signed_inside(run, crypto->signed_by));
    for (guint i = 0; i < run->documents; i++)
        g_assert_true(!is_signing(&run->told[i]) || run->told[i].all_good);
    for (guint i = 0; i < crypto->signatures->len; i++) {
        const struct signature *one = crypto->signatures->pdata[i];
        g_assert_cmpint(one->state, ==, SIGNATURE_GOOD);
        g_assert_true(one->pinned);
        is_from |= one->is_from && g_str_equal(one->owner, crypto->signed_by);
    }
    g_assert_true(is_from);
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t size)
{
    struct run run = {.at = bytes, .end = bytes + size};
    g_autoptr(mado_opening) opening = opening_new(ARRIVED);
    g_autoptr(GPtrArray) known = some_keys();
    g_autoptr(mado_crypto) crypto = NULL;
    g_autoptr(mado_message) message = NULL;

    run.from = (guint[]){1, 1, 1, 1, 1, 1, 0, 2}[pick(&run, 8)];
    run.address = pick_address(&run);
    drive(&run, opening);
    message = opening_finish(opening, known, &crypto);
    check_extents(&run, message, crypto);
    check_name(&run, crypto);
    return 0;
}

#ifndef MADO_LIBFUZZER

static void test_tapes(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(20261121);
    guint8 tape[64];

    for (gsize i = 0; i < share_of(50000); i++) {
        for (gsize n = 0; n < sizeof tape; n++)
            tape[n] = (guint8)g_rand_int(rand);
        LLVMFuzzerTestOneInput(tape, sizeof tape);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fuzz/opening/mails", test_tapes);
    return g_test_run();
}

#endif
