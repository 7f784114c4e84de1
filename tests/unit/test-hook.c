/* The hook: runs one program, and hands over what it prints. */
#include "folder.h"
#include "role-child.h"
#include <mado/limits.h>
#include <sys/stat.h>
#include <sysexits.h>

static struct {
    char *folder, *program, *configuration;
} place;

static const char configured[] =
    "team:{name=\"T\";address=\"a@t.example\";};\n"
    "intake:{sources=({type=\"imap\";host=\"127.0.0.1\";user=\"csirt\";auth=\"xoauth2\";"
    "token_command=[%s];});};\n"
    "daemon:{state=\"%s\";run=\"%s\";templates=\"%s\";};\n";

static void write_text(const char *path, const char *text)
{
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_assert_cmpint(chmod(path, 0755), ==, 0);
}

/* `command` as the configuration has it: quoted, with commas. */
static void configure(const char *command)
{
    g_autofree char *text =
        g_strdup_printf(configured, command, place.folder, place.folder, place.folder);

    write_text(place.configuration, text);
}

static void start_hook(struct role_child *hook, const char *user, guint wall)
{
    struct options options = {.config = place.configuration};
    g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);

    g_variant_dict_insert(&dict, "host", "s", "127.0.0.1");
    g_variant_dict_insert(&dict, "user", "s", user);
    g_variant_dict_insert(&dict, "wall", "u", wall);
    role_start(hook, role_hook, &options, g_variant_dict_end(&dict));
}

/* Of that shell script: what it printed, or the sentence. The caller frees both. */
static char *token_of(const char *script, guint wall, char **log)
{
    g_autofree char *command = g_strdup_printf("\"%s\"", place.program);
    g_autofree char *whole = g_strdup_printf("#!/bin/sh\n%s\n", script);
    struct role_child hook;
    char *result;
    int fd;

    write_text(place.program, whole);
    configure(command);
    start_hook(&hook, "csirt", wall);
    role_expect(&hook, IPC_READY);
    fd = role_fetch(&hook, NEED_TOKEN, &result);
    if (fd >= 0) {
        g_free(result);
        result = role_text(fd);
        close(fd);
    }
    g_assert_cmpint(role_end(&hook, log), ==, EX_OK);
    return result;
}

static void test_what_it_prints_comes_as_a_memory_file(void)
{
    g_autofree char *command =
        g_strdup_printf("\"%s\", \"a b\", \"$HOME\", \"; false\"", place.program);
    g_autofree char *why = NULL;
    g_autofree char *text = NULL;
    struct role_child hook;
    guint64 size;
    int fd;

    write_text(place.program, "#!/bin/sh\nprintf '%s|' \"$@\"\n");
    configure(command);
    start_hook(&hook, "csirt", 30);
    role_expect(&hook, IPC_READY);
    fd = role_fetch(&hook, NEED_TOKEN, &why);
    g_assert_cmpstr(why, ==, "");
    g_assert_true(fd_seal(fd, LIMIT_SECRET_BYTES, &size, NULL));
    text = role_text(fd);
    g_assert_cmpstr(text, ==, "a b|$HOME|; false|"); /* no shell has seen the arguments */
    close(fd);
    g_assert_cmpint(role_end(&hook, NULL), ==, EX_OK);
}

static void test_each_need_runs_it_anew(void)
{
    g_autofree char *command = g_strdup_printf("\"%s\"", place.program);
    g_autofree char *script = g_strdup_printf(
        "#!/bin/sh\necho x >> %s/runs\nwc -l < %s/runs\n", place.folder, place.folder);
    struct role_child hook;

    write_text(place.program, script);
    configure(command);
    start_hook(&hook, "csirt", 30);
    role_expect(&hook, IPC_READY);
    role_ask(&hook, NEED_TOKEN);
    role_ask(&hook, NEED_TOKEN);
    for (int i = 1; i <= 2; i++) {
        g_autofree char *why = NULL;
        g_autofree char *text = NULL;
        int fd = role_answer(&hook, NEED_TOKEN, &why, NULL);
        text = role_text(fd);
        g_assert_cmpint(atoi(text), ==, i);
        close(fd);
    }
    g_assert_cmpint(role_end(&hook, NULL), ==, EX_OK);
}

static void test_why_there_is_no_token(void)
{
    static const struct {
        const char *script;
        guint wall;
        const char *sentence, *log, *secret;
    } rows[] = {
        {"echo hello; exit 3", 30, " ended with status 3", NULL, "hello"},
        {"echo no network >&2; exit 1", 30, " ended with status 1", "no network", NULL},
        {"kill -9 $$", 30, " was ended by signal 9", NULL, NULL},
        {"exit 0", 30, " printed nothing", NULL, NULL},
        {"echo; echo", 30, " printed nothing", NULL, NULL},
        {"head -c 16385 /dev/zero | tr '\\0' x", 30, " printed more than 16384 bytes", NULL, "xx"},
        {"echo begun; sleep 1000", 1, " took longer than 1 seconds and was ended", NULL, "begun"},
        {"sleep 1000 & sleep 1000 & echo begun", 1, " took longer than 1 seconds", NULL, "begun"},
        /* what runs it is ended by somebody else */
        {"kill -9 $PPID; sleep 1000", 30, " could not be followed to its end", NULL, NULL},
        /* a program that shows what it does shows the token, too */
        {"set -x; echo ya29.A0ARrdaM-secret; exit 1", 30, "status 1", NULL, "A0ARrdaM"},
        {"echo ya29.A0ARrdaM-secret; echo 'got: A0ARrdaM-s' >&2; exit 1", 30, "status 1", NULL,
            "A0ARrdaM"},
        {"printf 'a\\033[2Jb' >&2; exit 1", 30, "status 1", "a\\x1B[2Jb", NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *log = NULL;
        g_autofree char *sentence = token_of(rows[i].script, rows[i].wall, &log);
        g_autofree char *start = g_strdup_printf("token_command %s ", place.program);
        g_test_message("%s: %s; %s", rows[i].script, sentence, log);
        g_assert_true(g_str_has_prefix(sentence, start));
        g_assert_nonnull(strstr(sentence, rows[i].sentence));
        g_assert_true(!rows[i].log || strstr(log, rows[i].log));
        g_assert_true(!rows[i].secret || !strstr(log, rows[i].secret));
        g_assert_true(!rows[i].secret || !strstr(sentence, rows[i].secret));
    }
}

static void test_what_works_is_not_logged(void)
{
    g_autofree char *log = NULL;
    g_autofree char *token = token_of("echo ya29.A0ARrdaM; echo progress >&2", 30, &log);

    g_assert_cmpstr(token, ==, "ya29.A0ARrdaM\n");
    g_assert_cmpstr(log, ==, "");
}

static void test_a_few_lines_of_complaint_are_logged(void)
{
    g_autofree char *log = NULL;
    g_autofree char *why = token_of("seq -f 'line %05g' 100000 >&2; exit 1", 30, &log);
    g_auto(GStrv) lines = g_strsplit(log, "\n", -1);

    g_assert_nonnull(strstr(why, "status 1"));
    g_assert_cmpint(g_strv_length(lines), ==, 4); /* three, and the end behind the last */
}

static void test_a_program_that_is_not_there(void)
{
    g_autofree char *command = g_strdup_printf("\"%s/missing\"", place.folder);
    g_autofree char *why = NULL;
    struct role_child hook;

    configure(command);
    start_hook(&hook, "csirt", 30);
    role_expect(&hook, IPC_READY);
    g_assert_cmpint(role_fetch(&hook, NEED_TOKEN, &why), ==, -1);
    g_assert_nonnull(strstr(why, "could not be started"));
    g_assert_cmpint(role_end(&hook, NULL), ==, EX_OK);
}

/* Its environment, its files, and what it may become. */
static void test_what_the_program_has(void)
{
    static const struct {
        const char *command, *prints;
    } rows[] = {
        {"\"/usr/bin/env\"", "^PATH=/[^\n]*\nHOME=/here\nLANG=xx\n$"},
        {"\"/bin/ls\", \"/proc/self/fd\"", "^0\n1\n2\n3\n$"}, /* 3 is ls's own */
        {"\"/bin/cat\", \"-n\", \"/dev/stdin\", \"/proc/self/status\"", "\tNoNewPrivs:\t1\n"},
        {"\"/bin/cat\", \"/proc/self/limits\"", "Max core file size +0 +0 "},
    };

    g_setenv("MADO_TEST_SECRET", "x", TRUE);
    g_setenv("HOME", "/here", TRUE);
    g_setenv("LANG", "xx", TRUE);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *why = NULL;
        g_autofree char *text = NULL;
        struct role_child hook;
        int fd;
        configure(rows[i].command);
        start_hook(&hook, "csirt", 30);
        role_expect(&hook, IPC_READY);
        fd = role_fetch(&hook, NEED_TOKEN, &why);
        g_assert_cmpstr(why, ==, "");
        text = role_text(fd);
        close(fd);
        g_assert_true(g_regex_match_simple(rows[i].prints, text, 0, 0));
        g_assert_cmpint(role_end(&hook, NULL), ==, EX_OK);
    }
}

/* A pipe by name, which the program and what it starts have open: its end is theirs. */
static void test_what_it_leaves_running_is_ended(void)
{
    static const char *const scripts[] = {
        "exec 9> $0.fifo; sleep 1000 & sleep 1000; echo late", /* too late */
        "exec 9> $0.fifo; sleep 1000 > /dev/null 2>&1 & echo token",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(scripts); i++) {
        g_autofree char *fifo = g_strconcat(place.program, ".fifo", NULL);
        struct pollfd on;
        char byte;
        g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
        on = (struct pollfd){open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC), POLLIN, 0};
        g_free(token_of(scripts[i], 2, NULL));
        g_assert_cmpint(poll(&on, 1, BOUND_SECONDS * 1000), ==, 1);
        g_assert_cmpint(read(on.fd, &byte, 1), ==, 0);
        close(on.fd);
        g_assert_cmpint(unlink(fifo), ==, 0);
    }
}

static void test_it_answers_while_the_program_runs(void)
{
    g_autofree char *command = g_strdup_printf("\"%s\"", place.program);
    g_autofree char *why = NULL;
    struct role_child hook;

    write_text(place.program, "#!/bin/sh\nsleep 1000\n");
    configure(command);
    start_hook(&hook, "csirt", 3);
    role_expect(&hook, IPC_READY);
    role_ask(&hook, NEED_TOKEN);
    role_ping(&hook);
    g_assert_cmpint(role_answer(&hook, NEED_TOKEN, &why, NULL), ==, -1);
    g_assert_cmpint(role_end(&hook, NULL), ==, EX_OK);
}

/* A file that has changed since could name the program of another server. */
static void test_another_configuration_is_not_obeyed(void)
{
    static const struct {
        const char *command, *user;
    } rows[] = {{"\"/bin/true\"", "somebody"}, {"\"true\"", "csirt"}, {"\"\"", "csirt"}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct role_child hook;
        configure(rows[i].command);
        start_hook(&hook, rows[i].user, 30);
        role_expect(&hook, IPC_TROUBLE);
        g_assert_cmpint(role_end(&hook, NULL), ==, EX_CONFIG);
    }
}

int main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    place.folder = g_dir_make_tmp("mado-hook-XXXXXX", NULL);
    place.program = g_build_filename(place.folder, "program", NULL);
    place.configuration = g_build_filename(place.folder, "mado.conf", NULL);
    g_test_add_func("/hook/token", test_what_it_prints_comes_as_a_memory_file);
    g_test_add_func("/hook/again", test_each_need_runs_it_anew);
    g_test_add_func("/hook/why-not", test_why_there_is_no_token);
    g_test_add_func("/hook/silent", test_what_works_is_not_logged);
    g_test_add_func("/hook/complaints", test_a_few_lines_of_complaint_are_logged);
    g_test_add_func("/hook/missing", test_a_program_that_is_not_there);
    g_test_add_func("/hook/surroundings", test_what_the_program_has);
    g_test_add_func("/hook/leftovers", test_what_it_leaves_running_is_ended);
    g_test_add_func("/hook/pings", test_it_answers_while_the_program_runs);
    g_test_add_func("/hook/changed", test_another_configuration_is_not_obeyed);
    status = g_test_run();
    folder_remove(place.folder);
    g_free(place.program);
    g_free(place.configuration);
    return status;
}
