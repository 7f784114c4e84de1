/* The largest mail that is taken, as one layer: a reader's child finds it, and hands it over,
 * within its limits. */
#include "fd.h"
#include "ipc.h"
#include "read.h"
#include <mado/limits.h>
#include <build-facts.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct row {
    const char *name;
    const char *head, *line, *end; /* the line is repeated until the mail is full */
    enum layer_kind kind;
};

#define SEALED                                                                                     \
    "Content-Type: multipart/encrypted; boundary=x\n\n--x\n"                                       \
    "Content-Type: application/pgp-encrypted\n\nVersion: 1\n--x\n"                                 \
    "Content-Type: application/octet-stream\n"
#define SIGNED "Content-Type: multipart/signed; boundary=x\n\n--x\n"
#define SIGNATURE "\n--x\nContent-Type: application/pgp-signature\n\nS\n--x--\n"
#define BASE64 "Content-Transfer-Encoding: base64\n"
#define DATA "YWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJj\n"

static const struct row rows[] = {
    {"MIME, encrypted", SEALED "\n-----BEGIN PGP MESSAGE-----\n\n", DATA,
        "-----END PGP MESSAGE-----\n--x--\n", LAYER_PGP_ENCRYPTED},
    {"MIME, encrypted, in base64", SEALED BASE64 "\n", DATA, "--x--\n", LAYER_PGP_ENCRYPTED},
    {"inline PGP", "\n-----BEGIN PGP MESSAGE-----\n\n", DATA, "-----END PGP MESSAGE-----\n",
        LAYER_INLINE_ENCRYPTED},
    {"CMS, encrypted",
        "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n" BASE64 "\n", DATA, "",
        LAYER_CMS_ENCRYPTED},
    {"a signed text", SIGNED "\n", "a signed line, and that many times over\n", SIGNATURE,
        LAYER_PGP_SIGNED},
    {"a signed file", SIGNED "Content-Type: a/b\n" BASE64 "\n", DATA, SIGNATURE, LAYER_PGP_SIGNED},
    {"nothing but line ends, signed", SIGNED "\n", "\n", SIGNATURE, LAYER_PGP_SIGNED},
};

static GString *fill(const struct row *row)
{
    GString *mail = g_string_sized_new(LIMIT_MAIL_BYTES + 1);

    g_string_append(mail, row->head);
    while (mail->len + strlen(row->line) + strlen(row->end) <= LIMIT_MAIL_BYTES)
        g_string_append(mail, row->line);
    return g_string_append(mail, row->end);
}

/* As the reader's child does; the sanitizers want address space of their own. */
static gboolean read_into(int mail, gsize size, int result, enum layer_kind kind)
{
    const struct rlimit memory = {LIMIT_READER_MEMORY, LIMIT_READER_MEMORY};
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(mado_facts) facts = NULL;

    if (!MADO_SANITIZED && setrlimit(RLIMIT_AS, &memory) < 0)
        return FALSE;
    alarm(LIMIT_READER_WALL_SECONDS);
    bytes = fd_map(mail, size, NULL);
    facts = read_facts(g_bytes_get_data(bytes, NULL), size, FALSE);
    return facts->layer->kind == kind && facts->layer->whole &&
           ipc_write_variant(result, facts_to_variant(facts), NULL);
}

static void write_all(int fd, const GString *mail)
{
    for (gsize at = 0; at < mail->len;) {
        ssize_t done = write(fd, mail->str + at, mail->len - at);
        g_assert_cmpint(done, >, 0);
        at += (gsize)done;
    }
}

static void test_row(gconstpointer data)
{
    const struct row *row = data;
    GString *mail = fill(row);
    gsize size = mail->len;
    int in = fd_new_memory("mail", NULL), out = fd_new_memory("facts", NULL), status;
    g_autoptr(GVariant) wire = NULL;
    g_autoptr(mado_facts) facts = NULL;
    pid_t child;

    write_all(in, mail);
    g_string_free(mail, TRUE);
    child = fork();
    if (child == 0)
        _exit(read_into(in, size, out, row->kind) ? 0 : 1);
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_cmpint(status, ==, 0);
    wire = ipc_read_variant(out, FACTS_TYPE, LIMIT_FACTS_BYTES, NULL);
    g_assert_nonnull(wire);
    facts = facts_from_variant(wire);
    g_assert_nonnull(facts);
    g_assert_cmpuint(g_bytes_get_size(facts->layer->payload), >, LIMIT_MAIL_BYTES / 4 * 2);
    close(in);
    close(out);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    read_warm(FALSE);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/layers/large/%s", rows[i].name);
        g_test_add_data_func(path, &rows[i], test_row);
    }
    return g_test_run();
}
