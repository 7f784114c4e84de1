#include "conf-place.h"
#include "error.h"
#include "say.h"
#include <string.h>

static void test_the_caret(struct place *place, gconstpointer data)
{
    g_autoptr(GPtrArray) problems = conf_problems_new();
    g_autofree char *text = NULL, *expected = NULL;

    write_file(place, "mado.conf", "# \x1b[31m\n\tx = [ \"窓口\", ];\n");
    g_assert_null(conf_load(place->path, problems));
    text = conf_problems_to_text(problems);
    expected = g_strdup_printf("%s:2: MADO-0203 the syntax is broken here, and nothing behind it "
                               "was checked: no comma before \"]\"\n"
                               "    1 | # \\x1B[31m\n"
                               "    2 |  x = [ \"窓口\", ];\n"
                               "      |              ^ no comma before \"]\"\n\n",
        place->path);
    g_assert_cmpstr(text, ==, expected);
}

static void test_the_caret_in_a_long_line(struct place *place, gconstpointer data)
{
    g_autoptr(GPtrArray) problems = conf_problems_new();
    g_autofree char *text = NULL, *blanks = g_strnfill(5000, ' ');
    g_autofree char *file = g_strconcat(REQUIRED, blanks, "x=1;", blanks, "\n", NULL);
    g_auto(GStrv) lines = NULL;

    write_file(place, "mado.conf", file);
    g_assert_null(conf_load(place->path, problems));
    text = conf_problems_to_text(problems);
    lines = g_strsplit(text, "\n", -1);
    g_assert_cmpuint(strlen(lines[2]), <, 120);
    g_assert_cmpint(strchr(lines[2], 'x') - lines[2], ==, strchr(lines[3], '^') - lines[3]);
}

/* Somebody has written a secret where none belongs. */
static void test_a_secret_is_not_shown(struct place *place, gconstpointer data)
{
    static const char *const files[] = {
        INTAKE("\n password = \"hunter2\"; y = 1;\n"),
        INTAKE("\nPassphrase:\"a \\\" hunter2\";"),
        REQUIRED "api-token=\"hunter2\"\n \"hunter2\";\nnonsense=1;",
        REQUIRED "secret=\n\"hunter2\";\nnonsense=1;",
        REQUIRED "secrets=[\"hunter2\", \"hunter2\"];",
        REQUIRED "pasword=\"hunter2\";",
        REQUIRED "\"password\": \"hunter2\"",
        REQUIRED "token= # hunter2\n  # hunter2\n\"hunter2\";x=;",
        REQUIRED "password=hunter2;",
        REQUIRED "password=\"hunter2;\nx=1;",
        REQUIRED "password=\"hunter2\nhunter2\";x=1 y;",
        REQUIRED "password \"hunter2\";",
        REQUIRED "password=\"\xe9hunter2\";",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(GPtrArray) problems = conf_problems_new();
        g_autofree char *text = NULL;
        write_file(place, "mado.conf", files[i]);
        g_assert_null(conf_load(place->path, problems));
        text = conf_problems_to_text(problems);
        g_test_message("%s", text);
        g_assert_null(strstr(text, "hunter2"));
        g_assert_nonnull(strstr(text, "(not shown: a secret may stand here)"));
    }
}

/* Our own names are no secrets, and their lines are shown. */
static void test_the_place_of_a_secret_is_shown(struct place *place, gconstpointer data)
{
    g_autoptr(GPtrArray) problems = conf_problems_new();
    g_autofree char *text = NULL;

    write_file(place, "mado.conf", INTAKE("\n password_file = \"a\"; y = 1;\n"));
    g_assert_null(conf_load(place->path, problems));
    text = conf_problems_to_text(problems);
    g_assert_nonnull(strstr(text, "password_file = \"a\"; y = 1;"));
}

static void test_where_a_secret_belongs(struct place *place, gconstpointer data)
{
    write_file(place, "mado.conf", INTAKE("\npassword=\"x\";"));
    assert_problems(place, "204:3:1:that only mado may read, and name that in `password_file`");
}

static void test_defaults(struct place *place, gconstpointer data)
{
    struct settings *settings;
    const struct source *source;

    write_file(place, "mado.conf",
        "team:{name=\"SAKURA-CSIRT\";address=\"csirt@sakura.example\";};"
        "intake:{sources=({path=\"in\";},{path=\".\";});};operators=({user=\"sato\";});");
    settings = load_good(place);
    source = settings->intake.sources->pdata[0];
    g_assert_cmpstr(source->name, ==, "maildir");
    g_assert_true(g_path_is_absolute(source->path));
    g_assert_true(g_str_has_suffix(source->path, "/in"));
    source = settings->intake.sources->pdata[1];
    g_assert_cmpstr(source->name, ==, "maildir-2");
    g_assert_cmpstr(settings->team.name_ja, ==, "SAKURA-CSIRT");
    g_assert_cmpstr(settings->team.timezone, ==, "UTC");
    g_assert_cmpstr(settings->team.languages[0], ==, "ja");
    g_assert_cmpstr(settings->team.key_url, ==, "");
    g_assert_null(settings->team.aliases[0]);
    g_assert_cmpstr(settings->tickets.tag, ==, "SAKURA");
    g_assert_cmpint(settings->intake.max_message, ==, 50 * 1024 * 1024);
    g_assert_cmpint(settings->intake.rescan, ==, 60);
    g_assert_cmpstr(settings->handling.default_in, ==, "TLP:AMBER");
    g_assert_cmpstr(settings->acknowledge.mode, ==, "auto");
    g_assert_cmpstr(settings->acknowledge.never_to[3], ==, "no-reply@");
    g_assert_cmpint(settings->acknowledge.per_address_daily, ==, 10);
    g_assert_cmpint(settings->acknowledge.per_ticket_daily, ==, 1);
    g_assert_cmpint(settings->acknowledge.per_domain_hourly, ==, 20);
    g_assert_cmpint(settings->acknowledge.hourly, ==, 200);
    g_assert_cmpint(settings->notices.bundle, ==, 60);
    g_assert_cmpstr(settings->outgoing.path, ==, "/var/lib/mado/outgoing");
    g_assert_cmpstr(((struct member *)settings->operators->pdata[0])->role, ==, "handler");
    g_assert_cmpstr(((struct member *)settings->operators->pdata[0])->name, ==, "sato");
    g_assert_cmpstr(settings->daemon.run, ==, "/run/mado");
    g_assert_cmpstr(settings->daemon.operator_group, ==, "mado-operators");
    g_assert_cmpint(settings->daemon.readers, ==, 2);
    conf_free(settings);
}

static void test_the_tag_follows_from_the_name(struct place *place, gconstpointer data)
{
    static const struct {
        const char *name, *tag;
    } cases[] = {{"SAKURA-CSIRT", "SAKURA"}, {"sakura", "SAKURA"}, {"さくら", "CSIRT"},
        {"Sakura7 Team", "SAKURA7"}, {"ABCDEFGHIJKLMNOP", "ABCDEFGHIJKL"}, {"-x", "CSIRT"}};

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text =
            g_strdup_printf("team:{name=\"%s\";address=\"a@t.example\";};" SOURCES, cases[i].name);
        struct settings *settings;
        write_file(place, "mado.conf", text);
        settings = load_good(place);
        g_assert_cmpstr(settings->tickets.tag, ==, cases[i].tag);
        conf_free(settings);
    }
}

static void test_defaults_without_a_file(void)
{
    struct settings *settings = conf_defaults();

    g_assert_cmpstr(settings->tickets.tag, ==, "CSIRT");
    g_assert_true(g_str_has_suffix(settings->team.address, ".invalid"));
    g_assert_cmpint(settings->intake.sources->len, ==, 0);
    g_assert_cmpint(settings->operators->len, ==, 0);
    g_assert_cmpint(settings->acknowledge.hourly, ==, 200);
    conf_free(settings);
    conf_free(NULL);
}

static void test_what_is_written_reads_the_same(struct place *place, gconstpointer data)
{
    struct settings *before, *after;
    g_autofree char *first = NULL, *changed = NULL;

    write_file(place, "mado.conf", EVERYTHING);
    before = load_good(place);
    first = conf_to_text(before, FALSE);
    changed = conf_to_text(before, TRUE);
    conf_free(before);
    for (int i = 0; i < 2; i++) {
        g_autofree char *text = NULL;
        /* the folder of installed templates need not exist where the tests run */
        GString *whole = g_string_new(i ? changed : first);
        if (!i) {
            g_autofree char *line = g_strdup(strstr(whole->str, "  templates = "));
            strchr(line, '\n')[1] = '\0';
            g_string_replace(whole, line, "", 1);
        }
        write_file(place, "mado.conf", whole->str);
        g_string_free(whole, TRUE);
        after = load_good(place);
        text = conf_to_text(after, FALSE);
        g_assert_cmpstr(text, ==, first);
        g_assert_cmpstr(after->team.name, ==, "T\"\\x");
        g_assert_cmpint(after->intake.rescan, ==, 90);
        conf_free(after);
    }
    g_assert_null(strstr(changed, "hourly = 20;"));
    g_assert_null(strstr(changed, "tickets"));
    g_assert_nonnull(strstr(changed, "never_to = [ ]"));
    g_assert_null(strstr(changed, "outgoing"));
}

static void test_what_may_not_change_while_running(struct place *place, gconstpointer data)
{
    struct settings *before, *same, *after;
    g_auto(GStrv) none = NULL, names = NULL;
    g_autofree char *joined = NULL;

    write_file(place, "mado.conf", REQUIRED);
    before = load_good(place);
    write_file(place, "mado.conf", TEAM_WITH("phone=\"7\";") "acknowledge:{hourly=9;};");
    same = load_good(place);
    none = conf_changed_fixed(before, same);
    g_assert_null(none[0]);
    write_file(place, "mado.conf", TEAM "intake:{sources=({path=\".\";});};daemon:{readers=3;};");
    after = load_good(place);
    names = conf_changed_fixed(before, after);
    joined = g_strjoinv(" ", names);
    g_assert_cmpstr(joined, ==, "intake.sources daemon.readers");
    conf_free(before);
    conf_free(same);
    conf_free(after);
}

static char *source_path(const char *name)
{
    return g_build_filename(g_getenv("MADO_SOURCE"), name, NULL);
}

/* With MADO_WRITE_GENERATED set it writes what it else compares. */
static void assert_generated(const char *name, const char *expected)
{
    g_autofree char *path = source_path(name);
    g_autofree char *text = NULL;

    if (g_getenv("MADO_WRITE_GENERATED"))
        g_assert_true(g_file_set_contents_full(
            path, expected, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0644, NULL));
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    if (strcmp(text, expected) != 0)
        g_error(
            "%s is stale: run MADO_WRITE_GENERATED=1 meson test -C BUILD 'unit conf-text'", name);
}

static void test_generated_files_are_fresh(void)
{
    static const char *const mark = ".\\\" Written from the table in lib/conf/conf-table.c: ";
    g_autofree char *sample = conf_table_to_sample();
    g_autofree char *options = conf_table_to_manual();
    g_autofree char *begin = g_strconcat(mark, "begin\n", NULL);
    g_autofree char *end = g_strconcat(mark, "end\n", NULL);
    g_autofree char *path = source_path("man/mado.conf.5");
    g_autofree char *manual = NULL, *head = NULL, *fresh = NULL;
    const char *from, *to;

    assert_generated("etc/mado/mado.conf.full", sample);
    g_assert_true(g_file_get_contents(path, &manual, NULL, NULL));
    from = strstr(manual, begin);
    to = strstr(manual, end);
    g_assert_true(from && to);
    head = g_strndup(manual, (gsize)(from - manual));
    fresh = g_strconcat(head, begin, options, to, NULL);
    assert_generated("man/mado.conf.5", fresh);
}

static void test_the_manual_is_clean(void)
{
    g_autofree char *path = source_path("man/mado.conf.5");
    g_autofree char *complaints = NULL, *page = NULL;
    const char *command[] = {"man", "--warnings", "-l", path, NULL};

    if (!g_spawn_sync(NULL, (char **)command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &page,
            &complaints, NULL, NULL)) {
        g_test_skip("man is not installed");
        return;
    }
    g_assert_cmpstr(complaints, ==, "");
    g_assert_nonnull(strstr(page, "per_address_daily"));
}

/* The files that we give away may lack nothing but the folders and files of an installed mado. */
static void test_files_we_give_away_load(void)
{
    static const char *const names[] = {"etc/mado/mado.conf", "etc/mado/mado.conf.full"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GPtrArray) problems = conf_problems_new();
        g_autofree char *path = source_path(names[i]);
        conf_free(conf_load(path, problems));
        for (guint k = 0; k < problems->len; k++) {
            const struct conf_problem *problem = problems->pdata[k];
            if (!problem->warning && !strstr(problem->text, "there is no fol") &&
                !strstr(problem->text, "there is no file /"))
                g_error("%s:%d %s", names[i], problem->line, problem->text);
        }
    }
}

static void test_names_for_completion(void)
{
    g_autofree char *names = conf_table_to_names();

    g_assert_true(g_str_has_prefix(names, "team.name\nteam.name_ja\n"));
    g_assert_nonnull(strstr(names, "\nintake.sources\nintake.sources.name\n"));
}

static void test_each_name_has_its_help(void)
{
    g_autofree char *text = conf_table_to_names();
    g_auto(GStrv) names = g_strsplit(g_strchomp(text), "\n", -1);

    for (guint i = 0; names[i]; i++) {
        g_autofree char *help = conf_table_to_help(names[i]);
        g_assert_nonnull(help);
        g_assert_true(g_str_has_prefix(help, names[i]));
    }
    g_assert_null(conf_table_to_help("team.nam"));
}

/* -- in the reader's language -- */

static gboolean is_japanese(const char *text)
{
    return g_regex_match_simple("[\\p{Hiragana}\\p{Katakana}\\p{Han}]", text, 0, 0);
}

static void test_problems_in_japanese(struct place *place, gconstpointer data)
{
    g_autoptr(GPtrArray) problems = conf_problems_new();
    const struct conf_problem *problem;
    g_autofree char *text = NULL;

    say_in("ja");
    write_file(place, "mado.conf", TEAM "intake:{sources=({path=\"in\";\nnmae=3;});};");
    g_assert_null(conf_load(place->path, problems));
    text = conf_problems_to_text(problems);
    say_in("en");
    g_assert_cmpuint(problems->len, ==, 1);
    problem = problems->pdata[0];
    g_assert_cmpint(problem->code, ==, MADO_E_CONFIG_UNKNOWN);
    g_assert_cmpstr(
        problem->text, ==, "設定 `intake.sources.nmae` はありません: `name` ではありませんか");
    g_assert_cmpstr(problem->note, ==, "`name` ではありませんか");
    g_assert_nonnull(strstr(text, "| ^ `name` ではありませんか\n"));
}

/* What nobody could ever mean by any of them; a list of groups has no value. Whoever answers a
 * question writes no quotes. */
static void test_each_refusal_in_japanese(void)
{
    g_autofree char *text = conf_table_to_names();
    g_auto(GStrv) names = g_strsplit(g_strchomp(text), "\n", -1);

    for (guint i = 0; names[i]; i++) {
        g_autofree char *help = conf_table_to_help(names[i]), *refused = NULL, *said = NULL;
        if (strstr(help, "(list of groups;"))
            continue;
        refused = conf_setting_refuse(names[i], "?", "/");
        say_in("ja");
        said = conf_setting_refuse(names[i], "?", "/");
        say_in("en");
        g_assert_cmpint(refused != NULL, ==, said != NULL);
        if (said && (!is_japanese(said) || strstr(said, "引用符")))
            g_test_fail_printf("%s: %s", names[i], said);
    }
}

static void test_help_in_japanese(void)
{
    g_autofree char *help = NULL;

    say_in("ja");
    help = conf_table_to_help("intake.rescan");
    say_in("en");
    g_assert_nonnull(strstr(help, "intake.rescan\n  新着"));
    g_assert_nonnull(strstr(help, "(時間の長さ, 1s から 1d まで; 既定: "));
}

int main(int argc, char **argv)
{
    static const struct place_test tests[] = {
        {"/conf/said/problems", test_problems_in_japanese},
        {"/conf/caret", test_the_caret},
        {"/conf/caret/long-line", test_the_caret_in_a_long_line},
        {"/conf/secret/hidden", test_a_secret_is_not_shown},
        {"/conf/secret/its place", test_the_place_of_a_secret_is_shown},
        {"/conf/secret/place", test_where_a_secret_belongs},
        {"/conf/defaults", test_defaults},
        {"/conf/defaults/tag", test_the_tag_follows_from_the_name},
        {"/conf/round-trip", test_what_is_written_reads_the_same},
        {"/conf/fixed", test_what_may_not_change_while_running},
    };

    g_test_init(&argc, &argv, NULL);
    say_open();
    place_add_tests(tests, G_N_ELEMENTS(tests));
    g_test_add_func("/conf/defaults/no-file", test_defaults_without_a_file);
    g_test_add_func("/conf/generated/fresh", test_generated_files_are_fresh);
    g_test_add_func("/conf/generated/manual", test_the_manual_is_clean);
    g_test_add_func("/conf/generated/help", test_each_name_has_its_help);
    g_test_add_func("/conf/generated/load", test_files_we_give_away_load);
    g_test_add_func("/conf/said/refusals", test_each_refusal_in_japanese);
    g_test_add_func("/conf/said/help", test_help_in_japanese);
    g_test_add_func("/conf/names-for-completion", test_names_for_completion);
    return g_test_run();
}
