/* A folder with a configuration in it, for the tests of lib/conf. */
#pragma once
#include "conf.h"
#include "folder.h"
#include <string.h>

/* All that is required, on one line: what a case adds begins with line 2. */
#define TEAM "team:{name=\"T\";address=\"a@t.example\";};"
#define SOURCES "intake:{sources=({path=\"in\";});};"
#define REQUIRED TEAM SOURCES "\n"
#define INTAKE(text) TEAM "\nintake:{sources=({path=\"in\";});" text "};"
#define TEAM_WITH(text) SOURCES "\nteam:{name=\"T\";address=\"a@t.example\";" text "};"

struct place {
    char *folder, *path;
};

static inline void place_start(struct place *place, gconstpointer data)
{
    g_autofree char *mailbox = NULL;

    place->folder = g_dir_make_tmp("conf-XXXXXX", NULL);
    g_assert_nonnull(place->folder);
    place->path = g_build_filename(place->folder, "mado.conf", NULL);
    mailbox = g_build_filename(place->folder, "in", NULL);
    g_assert_cmpint(g_mkdir(mailbox, 0700), ==, 0);
}

static inline void place_end(struct place *place, gconstpointer data)
{
    folder_remove(place->folder);
    g_free(place->path);
}

static inline void write_bytes(
    const struct place *place, const char *name, const char *bytes, gssize size)
{
    g_autofree char *path = g_build_filename(place->folder, name, NULL);
    g_remove(path); /* ext4 would wait for the disk when a file is written over */
    g_assert_true(
        g_file_set_contents_full(path, bytes, size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static inline void write_file(const struct place *place, const char *name, const char *text)
{
    write_bytes(place, name, text, -1);
}

static inline struct settings *load_good(const struct place *place)
{
    g_autoptr(GPtrArray) problems = conf_problems_new();
    struct settings *settings = conf_load(place->path, problems);
    g_autofree char *text = conf_problems_to_text(problems);

    g_assert_cmpstr(text, ==, "");
    g_assert_nonnull(settings);
    return settings;
}

/* A problem as "CODE:LINE:COLUMN:words of its text". */
static inline void assert_problem(const struct conf_problem *problem, const char *expected)
{
    g_auto(GStrv) want = g_strsplit(expected, ":", 4);
    g_autofree char *got = g_strdup_printf(
        "%d:%d:%d:%s", problem->code, problem->line, problem->column, problem->text);
    g_autofree char *head = g_strjoin(":", want[0], want[1], want[2], "", NULL);

    if (!g_str_has_prefix(got, head) || !strstr(problem->text, want[3]))
        g_test_fail_printf("expected %s but got %s", expected, got);
}

/* Loads what stands in the file and compares the problems, one a line, in their order. */
static inline void assert_problems(const struct place *place, const char *expected)
{
    g_autoptr(GPtrArray) problems = conf_problems_new();
    struct settings *settings = conf_load(place->path, problems);
    g_autofree char *text = conf_problems_to_text(problems);
    g_auto(GStrv) want = g_strsplit(expected, "\n", -1);

    if (problems->len != g_strv_length(want))
        g_test_fail_printf("expected %s but got %s", expected, text);
    for (guint i = 0; i < MIN(problems->len, g_strv_length(want)); i++)
        assert_problem(problems->pdata[i], want[i]);
    g_assert_cmpint(settings != NULL, ==, problems->len == 0);
    conf_free(settings);
}

struct conf_case {
    const char *text, *problems;
};

static inline void run_cases(const struct place *place, const struct conf_case *cases, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        g_test_message("%.300s", cases[i].text);
        write_file(place, "mado.conf", cases[i].text);
        assert_problems(place, cases[i].problems);
    }
}

/* A value for most settings, none of them the default. */
#define EVERYTHING                                                                                  \
    "team:{name=\"T\\\"\\\\x\";name_ja=\"窓\";address=\"a@t.example\";aliases=[\"b@t.example\"];"  \
    "timezone=\"Asia/Tokyo\";languages=[\"en\"];key_fingerprint=\"01 23456789012345678901234567"    \
    "8901234567 89\";};intake:{sources=({path=\"in\";name=\"x\";});rescan=\"90s\";"                 \
    "max_message=100000;};acknowledge:{never_to=[];hourly=7;};operators=({user=\"a\";name=\"田\";" \
    "role=\"admin\";},{user=\"b\";});daemon:{state=\".\";readers=4;};"

struct place_test {
    const char *name;
    void (*run)(struct place *, gconstpointer);
};

static inline void place_add_tests(const struct place_test *tests, gsize n)
{
    for (gsize i = 0; i < n; i++)
        g_test_add(tests[i].name, struct place, NULL, place_start, tests[i].run, place_end);
}
