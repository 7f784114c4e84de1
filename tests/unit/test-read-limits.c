/* Hostile shapes end fast, small, and with what can be said of the mail. */
#include "read.h"
#include <mado/limits.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* The sanitizers take time and memory of their own. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define MAX_SECONDS 6.0
#define MAX_MEGABYTES 400
#else
#define MAX_SECONDS 2.0
#define MAX_MEGABYTES 100
#endif

#define UTF8 "Content-Type: text/plain; charset=utf-8\n\n"
#define HTML "Content-Type: text/html; charset=utf-8\n\n"
#define MIXED "Content-Type: multipart/mixed; boundary=x\n\n"

static GString *repeat(GString *out, const char *piece, guint times)
{
    for (guint i = 0; i < times; i++)
        g_string_append(out, piece);
    return out;
}

static GString *make_fields(void)
{
    return g_string_append(
        repeat(g_string_new("From: a@a.example\n"), "A: b\n", 1000000), "\nhi\n");
}

static GString *make_long_header(void)
{
    g_autoptr(GString) value = repeat(g_string_new("A:"), " b\n", 15000);
    return g_string_append(repeat(g_string_new("From: a@a.example\n"), value->str, 25), "\nhi\n");
}

static GString *make_part_fields(void)
{
    return g_string_append(
        repeat(g_string_new("From: a@a.example\n" MIXED "--x\n"), "A: b\n", 1000000), "\nhi\n");
}

static GString *make_parts(void)
{
    return repeat(g_string_new("From: a@a.example\n" MIXED), "--x\n\na\n", 1000000);
}

static GString *make_nesting(void)
{
    GString *out = g_string_new("From: a@a.example\n");

    for (int i = 0; i < 100000; i++)
        g_string_append_printf(out, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
    return out;
}

static GString *make_nested_messages(void)
{
    return repeat(g_string_new("From: a@a.example\n"), "Content-Type: message/rfc822\n\n", 100000);
}

static GString *make_deep_lines(void)
{
    GString *out = g_string_new("From: a@a.example\n");

    for (int i = 0; i < 1000; i++)
        g_string_append_printf(out, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
    return repeat(g_string_append_c(out, '\n'), "--Y\n", 3000000);
}

static GString *make_parameters(void)
{
    GString *out = g_string_new("From: a@a.example\nContent-Type: text/plain");

    for (int i = 0; i < 1000; i++)
        g_string_append_printf(out, ";\n n*%d=a", i);
    return g_string_append(out, "\n\nhi\n");
}

static GString *make_inner_groups(void)
{
    GString *out = g_string_new("From: a@a.example\nContent-Type: message/rfc822\n\nTo: ");
    return g_string_append(repeat(out, "g:", 30000), "\n\nhi\n");
}

static GString *make_groups(void)
{
    return g_string_append(
        repeat(g_string_new("From: a@a.example\nTo: "), "g:", 50000), "\n\nhi\n");
}

static GString *make_recipients(void)
{
    return g_string_append(repeat(g_string_new("From: a@a.example\nTo: "), "a@a.example,\n ", 4000),
        "b@b.example\n\nhi\n");
}

static GString *make_deep_html(void)
{
    return repeat(g_string_new("From: a@a.example\n" HTML), "<div>a</b>", 1000000);
}

static GString *make_attributes(void)
{
    return repeat(g_string_new("From: a@a.example\n" HTML "<p>a<p "), "a=1 b c ", 500000);
}

static GString *make_many_attributes(void)
{
    g_autoptr(GString) tag = g_string_append(repeat(g_string_new("<p "), "a='x>'b='1'", 300), ">a");
    return repeat(g_string_new("From: a@a.example\n" HTML), tag->str, 5000);
}

static GString *make_long_text(void)
{
    return repeat(g_string_new("From: a@a.example\n" UTF8), "長い文。\n", 500000);
}

static const struct {
    const char *name;
    GString *(*make)(void);
    const char *problem;
    gboolean text;
} limits[] = {
    {"header fields", make_fields, "too complex: header fields > 1,000", FALSE},
    {"header bytes", make_long_header, "too complex: header > 1 MB", FALSE},
    {"header fields of a part", make_part_fields, "too complex: header fields > 1,000", FALSE},
    {"parts", make_parts, "too complex: parts > 1,000", FALSE},
    {"nesting", make_nesting, "too complex: nesting > 50", FALSE},
    {"nested messages", make_nested_messages, "too complex: nesting > 50", FALSE},
    {"nesting and lines like boundaries", make_deep_lines, "too complex: nesting > 50", FALSE},
    {"parameters", make_parameters, "too complex: parameters > 100", FALSE},
    {"groups of an embedded mail", make_inner_groups, "too complex: recipients > 500", FALSE},
    {"groups", make_groups, "too complex: header field > 64 kB, passed over", TRUE},
    {"recipients", make_recipients, "too complex: recipients > 500, the rest passed over", TRUE},
    {"deep HTML", make_deep_html, "HTML too long or too deep: cut", TRUE},
    {"attributes of one tag", make_attributes, "HTML too long or too deep: cut", TRUE},
    {"attributes of many tags", make_many_attributes, "HTML too long or too deep: cut", TRUE},
    {"text", make_long_text, "text > 4 MB: cut", TRUE},
};

static long peak_kilobytes(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static void check_limit(gsize i, const GString *mail)
{
    gint64 begin = g_get_monotonic_time();
    long before = peak_kilobytes();
    g_autoptr(mado_message) message = read_message((const guint8 *)mail->str, mail->len);
    double seconds = (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
    g_autofree char *problems = g_strjoinv(", ", message->problems);

    g_printerr(
        "# %s: %.3f s, %ld MB\n", limits[i].name, seconds, (peak_kilobytes() - before) / 1024);
    g_assert_cmpstr(problems, ==, limits[i].problem);
    g_assert_cmpstr(((struct mailbox *)message->from->pdata[0])->addr, ==, "a@a.example");
    g_assert_cmpint(*message->text != '\0', ==, limits[i].text);
    g_assert_cmpint(strlen(message->text), <=, LIMIT_TEXT_BYTES);
    g_assert_true(g_utf8_validate(message->text, -1, NULL));
    g_assert_cmpfloat(seconds, <, MAX_SECONDS);
    g_assert_cmpint(peak_kilobytes() - before, <, MAX_MEGABYTES * 1024);
}

/* In a child: the peak of memory only ever grows within a process. */
static void test_limit(gconstpointer data)
{
    gsize i = GPOINTER_TO_SIZE(data);
    g_autoptr(GString) mail = limits[i].make();
    int status;
    pid_t child = fork();

    if (child == 0) {
        check_limit(i, mail);
        _exit(0);
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_cmpint(status, ==, 0);
}

static struct message *read_grown(const GString *mail)
{
    return read_message((const guint8 *)mail->str, mail->len);
}

static void test_ordinary_mails_meet_no_limit(void)
{
    g_autoptr(GString) diff =
        repeat(g_string_new(MIXED "--x\n\n"), "--- a/file\n--x1\n-----BEGIN\n", 50000);
    g_autoptr(GString) parts = repeat(g_string_new(MIXED), "--x\n\na\n", 999);
    g_autoptr(mado_message) first = read_grown(g_string_append(diff, "\n--x--\n"));
    g_autoptr(mado_message) second = read_grown(g_string_append(parts, "--x--\n"));

    g_assert_null(first->problems[0]);
    g_assert_null(second->problems[0]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    read_warm(FALSE);
    for (gsize i = 0; i < G_N_ELEMENTS(limits); i++) {
        g_autofree char *path = g_strdup_printf("/read/limits/%s", limits[i].name);
        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_limit);
    }
    g_test_add_func("/read/limits/ordinary mails meet none", test_ordinary_mails_meet_no_limit);
    return g_test_run();
}
