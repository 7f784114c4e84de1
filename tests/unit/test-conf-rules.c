/* Categories and rules in the configuration, and the categories that there are anyhow. */
#include "category.h"
#include "conf-place.h"
#include <jansson.h>

#define OTHER "{id=\"other\";ja=\"a\";en=\"a\";rsit=\"other/other\";}"
#define RULE(text) REQUIRED "rules=({name=\"r\";" text "});"

static void test_rules_that_are_taken(struct place *place, gconstpointer data)
{
    static const struct conf_case cases[] = {
        {RULE("if={subject=[\"x\"];};"), ""},
        {RULE("if={indicator=[\"192.0.2.0/24\",\"2001:db8::/32\",\"a.example\","
              "\"https://a.example/x\",\"192.0.2.1\",\"CVE-2026-0001\"];};"),
            ""},
        {RULE("if={header=[\"X-Mailer: *bulk*\"];machine=[\"no\",\"list\"];};"
              "set={category=\"phishing\";ledger=\"feed\";severity=\"\";};last=\"yes\";"),
            ""},
        {REQUIRED "operators=({user=\"tanaka\";});rules=({name=\"r\";if={from=[\"*@a.example\"];};"
                  "set={handler=\"tanaka\";};});",
            ""},
        {REQUIRED "categories=(" OTHER ",{id=\"x\";ja=\"a\";en=\"a\";rsit=\"other\";"
                  "words=[\"ＡＢＣ\"];});",
            ""},
        {REQUIRED "duplicates:{within=\"0s\";};", ""},
    };
    run_cases(place, cases, G_N_ELEMENTS(cases));
}

static void test_rules_that_are_refused(struct place *place, gconstpointer data)
{
    static const struct conf_case cases[] = {
        {RULE("if={sbject=[\"x\"];};"), "204:2:22:`rules.if.sbject`: did you mean `subject`?"},
        {RULE("iff={subject=[\"x\"];};"), "204:2:18:`rules.iff`\n208:2:14:has no test"},
        {RULE(""), "208:2:14:would hit every mail: name at least one in `if`"},
        {RULE("if={subject=[\"x\"];};set={category=\"phish\";};"),
            "208:2:52:there is no category \"phish\": write one of \"ics\""},
        {RULE("if={subject=[\"x\"];};set={handler=\"tanaka\";};"),
            "208:2:51:\"tanaka\" is not among the `operators`"},
        {RULE("if={subject=[\"x\"];};set={template=\"own-x\";};"),
            "208:2:52:there is no template\n208:2:52:en/own-x.tmpl"},
        {RULE("if={subject=[\"x\"];};set={template=\"ack-new\";};"),
            "206:2:52:such as \"own-phishing\""},
        {RULE("if={indicator=[\"192.0.2.1/24\"];};"), "206:2:33:no bits behind its length"},
        {RULE("if={indicator=[\"192.0.2.300\"];};"), "206:2:33:write an address"},
        {RULE("if={indicator=[\"2001:db8::/129\"];};"), "206:2:33:write an address"},
        {RULE("if={header=[\"X-Mailer\"];};"), "206:2:30:a colon"},
        {RULE("if={header=[\"Subject: x\"];};"), "206:2:30:there is `subject` for that"},
        {RULE("if={header=[\"Received: x\"];};"), "206:2:30:do not see the field Received"},
        {RULE("if={subject=[\"x\"];};set={ledger=\"drop\";};"),
            "206:2:50:write one of \"incident\""},
        {RULE("if={subject=[\"x\"];};set={label=\"TLP:WHITE\";};"), "206:2:49:\"TLP:CLEAR\""},
        {RULE("if={machine=[\"bounce\"];};"), "206:2:31:write one of \"no\""},
        {REQUIRED "rules=({name=\"r\";if={from=[\"x\"];};},{name=\"r\";if={from=[\"x\"];};});",
            "208:2:43:\"r\" stands in `rules` a second time"},
        {REQUIRED "categories=({id=\"x\";ja=\"a\";en=\"a\";rsit=\"other/other\";});",
            "208:2:12:none with the id \"other\""},
        {REQUIRED "categories=(" OTHER "," OTHER ");", "208:2:64:a second time"},
        {REQUIRED "categories=({id=\"other\";ja=\"a\";en=\"a\";rsit=\"Fraud\";});",
            "206:2:44:a class of RSIT"},
    };
    run_cases(place, cases, G_N_ELEMENTS(cases));
}

/* Words are compared as they are kept. */
static void test_words_are_kept_folded(struct place *place, gconstpointer data)
{
    struct settings *settings;
    const struct category *category;

    write_file(place, "mado.conf",
        REQUIRED "categories=({id=\"other\";ja=\"a\";en=\"a\";rsit=\"other/other\";"
                 "words=[\"ＡＢＣ\",\"ﾌｨｯｼﾝｸﾞ\"];});");
    settings = load_good(place);
    category = settings->categories->pdata[0];
    g_assert_cmpuint(settings->categories->len, ==, 1);
    g_assert_cmpstr(category->words[0], ==, "abc");
    g_assert_cmpstr(category->words[1], ==, "フィッシング");
    g_assert_cmpstr(category->severity, ==, "medium");
    conf_free(settings);
}

/* In each language in which the team answers. */
static void test_a_template_must_be_there(struct place *place, gconstpointer data)
{
    g_autofree char *text =
        g_strdup_printf(REQUIRED "daemon:{templates=\"%s\";};rules=({name=\"r\";"
                                 "if={from=[\"x\"];};set={template=\"own-x\";};});",
            place->folder);
    static const char *const languages[] = {"ja", "en"};

    for (gsize i = 0; i < G_N_ELEMENTS(languages); i++) {
        g_autofree char *folder = g_build_filename(place->folder, languages[i], NULL);
        g_autofree char *name = g_strconcat(languages[i], "/own-x.tmpl", NULL);
        g_autoptr(GPtrArray) problems = conf_problems_new();
        write_file(place, "mado.conf", text);
        g_assert_null(conf_load(place->path, problems));
        g_assert_cmpuint(problems->len, ==, G_N_ELEMENTS(languages) - i);
        g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
        write_file(place, name, "Subject: x\n\nx\n");
    }
    conf_free(load_good(place));
}

/* -- the list of those who write none -- */

enum { RSIT_CLASSES = 11 };

static json_t *taxonomy(void)
{
    g_autofree char *path =
        g_build_filename(g_getenv("MADO_CORPORA"), "rsit", "machinev1.json", NULL);
    json_error_t error;

    return json_load_file(path, 0, &error);
}

static gboolean is_in_taxonomy(const json_t *classes, const char *class)
{
    g_auto(GStrv) parts = g_strsplit(class, "/", 2);
    gsize i, k;
    json_t *group, *entry;

    json_array_foreach(json_object_get(classes, "values"), i, group) {
        if (g_strcmp0(json_string_value(json_object_get(group, "predicate")), parts[0]) != 0)
            continue;
        if (!parts[1])
            return TRUE;
        json_array_foreach(json_object_get(group, "entry"), k, entry)
            if (g_strcmp0(json_string_value(json_object_get(entry, "value")), parts[1]) == 0)
                return TRUE;
    }
    return FALSE;
}

static void assert_goes_somewhere(const GPtrArray *list, const json_t *group)
{
    const char *predicate = json_string_value(json_object_get(group, "predicate"));
    gsize i;
    json_t *entry;

    json_array_foreach(json_object_get(group, "entry"), i, entry) {
        g_autofree char *class =
            g_strdup_printf("%s/%s", predicate, json_string_value(json_object_get(entry, "value")));
        if (!category_of_class(list, class))
            g_test_fail_printf("%s has no category to go to", class);
    }
}

static void test_each_category_is_one_of_rsit(void)
{
    struct settings *settings = conf_defaults();
    json_t *classes = taxonomy();
    gsize i;
    json_t *group;

    if (!classes) {
        g_test_skip("the taxonomy is not here");
        conf_free(settings);
        return;
    }
    for (guint k = 0; k < settings->categories->len; k++) {
        const struct category *category = settings->categories->pdata[k];
        if (!is_in_taxonomy(classes, category->rsit))
            g_test_fail_printf("%s: there is no %s", category->id, category->rsit);
        for (char **one = category->takes; *one; one++)
            if (!is_in_taxonomy(classes, *one))
                g_test_fail_printf("%s: there is no %s", category->id, *one);
    }
    g_assert_cmpuint(json_array_size(json_object_get(classes, "values")), >=, RSIT_CLASSES);
    json_array_foreach(json_object_get(classes, "values"), i, group)
        assert_goes_somewhere(settings->categories, group);
    json_decref(classes);
    conf_free(settings);
}

static void test_where_classes_go(void)
{
    static const struct {
        const char *class, *id;
    } cases[] = {{"fraud/phishing", "phishing"}, {"malicious-code/c2-server", "malware-site"},
        {"malicious-code/infected-system", "infection"}, {"availability/ddos", "dos"},
        {"intrusions/system-compromise", "intrusion"}, {"information-gathering/scanner", "scan"},
        {"intrusion-attempts/brute-force", "scan"}, {"vulnerable/ddos-amplifier", "exposed"},
        {"vulnerable/vulnerable-system", "exposed"}, {"other/other", "other"},
        {"abusive-content/spam", "other"}, {"no-such/thing", NULL}, {"", NULL}};
    struct settings *settings = conf_defaults();

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct category *category = category_of_class(settings->categories, cases[i].class);
        g_assert_cmpstr(category ? category->id : NULL, ==, cases[i].id);
    }
    conf_free(settings);
}

/* Whoever changes nothing sees no list of them among the changes; and it reads as it was written.
 */
static void test_the_usual_list_is_no_change(struct place *place, gconstpointer data)
{
    struct settings *settings;
    g_autofree char *changed = NULL, *all = NULL;

    write_file(place, "mado.conf", REQUIRED);
    settings = load_good(place);
    changed = conf_to_text(settings, TRUE);
    all = conf_to_text(settings, FALSE);
    g_assert_null(strstr(changed, "categories"));
    g_assert_nonnull(strstr(all, "id = \"phishing\";"));
    conf_free(settings);
}

int main(int argc, char **argv)
{
    static const struct place_test tests[] = {
        {"/conf-rules/taken", test_rules_that_are_taken},
        {"/conf-rules/refused", test_rules_that_are_refused},
        {"/conf-rules/words are kept folded", test_words_are_kept_folded},
        {"/conf-rules/a template must be there", test_a_template_must_be_there},
        {"/conf-rules/the usual list is no change", test_the_usual_list_is_no_change},
    };

    g_test_init(&argc, &argv, NULL);
    place_add_tests(tests, G_N_ELEMENTS(tests));
    g_test_add_func("/conf-rules/each category is one of RSIT", test_each_category_is_one_of_rsit);
    g_test_add_func("/conf-rules/where classes go", test_where_classes_go);
    return g_test_run();
}
