#include "conf-place.h"
#include "share.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_values_that_are_taken(struct place *place, gconstpointer data)
{
    static const struct conf_case cases[] = {
        {REQUIRED, ""},
        {"\xef\xbb\xbf" REQUIRED, ""},
        {TEAM "\r\n" SOURCES "\r\n", ""},
        {INTAKE("max_message=100000;"), ""},
        {INTAKE("max_message=100000L;"), ""},
        {INTAKE("max_message=\"100kB\";rescan=\"90s\";"), ""},
        {INTAKE("max_message=\"1GiB\";rescan=\"1d\";"), ""},
        {INTAKE("authserv_id=\"mx.t.example\";"), ""},
        {TEAM_WITH("aliases=[];languages=(\"en\");"), ""},
        {TEAM_WITH("aliases=[\"b@t.example\"\n,\"c@t\" \".example\"];"), ""},
        {TEAM_WITH("timezone=\"Asia/Tokyo\";phone=\"+81-3-0000-0100\";emergency=\"\";"), ""},
        {TEAM_WITH("name_ja=\"\";key_fingerprint=\"\";key_url=\"https://t.example/k?a=b&c=d\";"),
            ""},
        {TEAM_WITH("key_fingerprint=\"0123 4567 89ab cdef 0123  4567 89AB CDEF 0123 4567\";"), ""},
        {REQUIRED
            "acknowledge:{hourly=0;per_address_daily=0x10;never_to=[\"@b.example\",\"x@\"];};",
            ""},
        {REQUIRED "handling:{default_in=\"TLP:AMBER+STRICT\";};tickets:{tag=\"A-1\";};", ""},
        {REQUIRED "operators=({user=\"tanaka\";},{user=\"sato\";name=\"佐藤\";role=\"admin\"});",
            ""},
        {REQUIRED
            "report:{forms=({name=\"a\";sign=\"票\";fields=[\"氏名 = name\",\"A > B=x-1\"];});};",
            ""},
        {REQUIRED "outgoing:{path=\"out\";};daemon:{state=\".\";run=\"run\";};", ""},
        {REQUIRED "/* team : { nmae = 1; }; */ # \"\n// {\n", ""},
    };
    run_cases(place, cases, G_N_ELEMENTS(cases));
}

static void test_text_that_is_refused(struct place *place, gconstpointer data)
{
    static const struct conf_case cases[] = {
        {TEAM_WITH("phone=7;"), "205:2:44:`team.phone` cannot be a number"},
        {TEAM_WITH("phone=true;"), "205:2:44:cannot be true or false: write text in quotes"},
        {TEAM_WITH("phone=[\"1\"];"), "205:2:44:cannot be a list [ ]"},
        {TEAM_WITH("phone={a=1;};"), "205:2:44:cannot be a group"},
        {TEAM_WITH("phone=\"a\\nBcc: b\";"), "206:2:44:control characters"},
        {TEAM_WITH("phone=\"a\nb\";"), "206:2:44:control characters"},
        {TEAM_WITH("phone=\"a\\x00b\";"), "206:2:44:UTF-8"},
        {TEAM_WITH("phone=\"a\\xffb\";"), "206:2:44:UTF-8"},
        {TEAM_WITH("phone=\"\xe2\x80\xae\";"), "206:2:44:cannot be seen"},
        {TEAM_WITH("phone=\"0123456789012345678901234567890123456789012345678901\";"),
            "206:2:44:up to 50 bytes"},
        {SOURCES "\nteam:{name=\"\";address=\"a@t.example\";};",
            "206:2:12:`team.name` cannot be \"\": it may not be empty"},
    };
    run_cases(place, cases, G_N_ELEMENTS(cases));
}

static void test_addresses_that_are_refused(struct place *place, gconstpointer data)
{
    static const struct conf_case cases[] = {
        {REQUIRED "notices:{to=\"x\";};", "206:2:13:write one address"},
        {REQUIRED "notices:{to=\"x@a.example, y@a.example\";};", "206:2:13:write one address"},
        {REQUIRED "notices:{to=\"窓@a.example\";};", "206:2:13:write one address"},
        {TEAM_WITH("aliases=\"b@t.example\";"), "205:2:46:a list: [ \"...\""},
        {TEAM_WITH("aliases=[1];"), "205:2:47:cannot be a number"},
        {TEAM_WITH("aliases=[\"b@t.example\",\n  \"c\"];"), "206:3:3:cannot be \"c\""},
        {REQUIRED "acknowledge:{never_to=[\"@\",\"postmaster\"];};",
            "206:2:24:cannot be \"@\"\n206:2:28:\"localpart@\" or \"@domain\""},
    };
    run_cases(place, cases, G_N_ELEMENTS(cases));
}

static void test_choices_that_are_refused(struct place *place, gconstpointer data)
{
    static const struct conf_case cases[] = {
        {REQUIRED "acknowledge:{mode=\"atuo\";};",
            "206:2:19:`acknowledge.mode` cannot be \"atuo\": did you mean \"auto\"?"},
        {REQUIRED "acknowledge:{mode=\"always\";};",
            "206:2:19:`acknowledge.mode` cannot be \"always\": write one of \"auto\", \"hold\", "
            "\"off\""},
        {REQUIRED "acknowledge:{mode=false;};", "205:2:19:cannot be true or false"},
        {TEAM_WITH("languages=[];"), "206:2:48:`team.languages` is empty"},
        {TEAM_WITH("languages=[\"ja\",\"fr\"];"), "206:2:54:one of \"ja\", \"en\""},
        {TEAM_WITH("languages=[\"ja\",\"ja\"];"), "208:2:54:a second time"},
        {REQUIRED "handling:{default_in=\"tlp:amber\";};", "206:2:22:did you mean \"TLP:AMBER\"?"},
        {REQUIRED "handling:{default_in=\"TLP:WHITE\";};", "206:2:22:\"TLP:CLEAR\""},
        {REQUIRED "operators=({user=\"a\";role=\"root\";});", "206:2:27:\"viewer\""},
        {REQUIRED "report:{forms=({name=\"a\";sign=\"b\";fields=[\"= name\"];});};",
            "206:2:43:a label"},
        {REQUIRED "report:{forms=({name=\"a\";sign=\"b\";fields=[\"B = Name\"];});};",
            "206:2:43:a label"},
        {REQUIRED "report:{forms=({name=\"a\";sign=\"b\";fields=[];});};", "206:2:42:is empty"},
        {REQUIRED "outgoing:{transport=\"smpt\";};", "206:2:21:\"smtp\""},
    };
    run_cases(place, cases, G_N_ELEMENTS(cases));
}

static void test_numbers_that_are_refused(struct place *place, gconstpointer data)
{
    static const struct conf_case cases[] = {
        {REQUIRED "acknowledge:{hourly=-1;};", "206:2:21:cannot be -1"},
        {REQUIRED "acknowledge:{hourly=4294967297;};",
            "206:2:21:cannot be 4294967297: write a whole number from 0 to 100000"},
        {REQUIRED "acknowledge:{hourly=99999999999999999999;};", "206:2:21:from 0 to 100000"},
        {REQUIRED "acknowledge:{hourly=18446744073709551617L;};", "206:2:21:from 0 to 100000"},
        {REQUIRED "acknowledge:{hourly=0xffffffffff;};", "206:2:21:from 0 to 100000"},
        {REQUIRED "acknowledge:{hourly=0755;};", "205:2:21:without zeros"},
        {REQUIRED "acknowledge:{hourly=1.5;};", "205:2:21:number with a point"},
        {REQUIRED "acknowledge:{hourly=\"200\";};", "205:2:21:cannot be text in quotes"},
        {REQUIRED "daemon:{readers=0;};", "206:2:17:from 1 to 32"},
        {INTAKE("max_message=10;"), "206:2:44:from 64KiB to 1GiB"},
        {INTAKE("max_message=3000000000;"), "206:2:44:cannot be 3000000000"},
        {INTAKE("max_message=\"50 MiB\";"), "205:2:44:such as \"50MiB\""},
        {INTAKE("max_message=\"99999999999999999999GiB\";"), "206:2:44:64KiB"},
        {INTAKE("max_message=\"9999999999GiB\";"), "206:2:44:64KiB"},
        {INTAKE("max_message=\"-1\";"), "206:2:44:a size"},
        {INTAKE("rescan=60;"), "205:2:39:write a span of time"},
        {INTAKE("rescan=\"60\";"), "205:2:39:write a span of time"},
        {INTAKE("rescan=\"\";"), "205:2:39:write a span of time"},
        {INTAKE("rescan=\"0s\";"), "206:2:39:from 1s to 1d"},
        {INTAKE("rescan=\"99999999999999999d\";"), "206:2:39:from 1s to 1d"},
    };
    run_cases(place, cases, G_N_ELEMENTS(cases));
}

static void test_hours_that_are_refused(struct place *place, gconstpointer data)
{
    static const struct conf_case cases[] = {
        {REQUIRED "hours:{days=\"mon-fry\";};", "206:2:13:such as \"mon-fri\""},
        {REQUIRED "hours:{days=\"Mon\";};", "206:2:13:days of the week"},
        {REQUIRED "hours:{from=\"9:00\";};", "206:2:13:such as \"09:00\""},
        {REQUIRED "hours:{to=\"24:30\";};", "206:2:11:up to \"24:00\""},
        {REQUIRED "hours:{from=\"17:00\";};", "208:0:0:`hours.to` is 17:00"},
        {REQUIRED "hours:{from=\"22:00\";to=\"06:00\";};", "208:2:24:`hours.from` is 22:00"},
        {REQUIRED "hours:{holidays=\"nowhere.csv\";};", "208:2:17:there is no file"},
        {REQUIRED "hours:{closed=[\"12-29\",\"02-30\"];};", "206:2:24:there is no day 02-30"},
        {REQUIRED "hours:{closed=[\"2027-02-29\"];};", "206:2:16:there is no day 2027-02-29"},
        {REQUIRED "hours:{closed=[\"2027-02-02..2027-02-01\"];};", "206:2:16:before it begins"},
        {REQUIRED "hours:{closed=[\"12-29..2027-01-03\"];};", "206:2:16:a day or days"},
        {REQUIRED "hours:{first_reply=\"0d\";};", "206:2:20:or \"none\""},
        {REQUIRED "hours:{first_reply=\"1w\";};", "206:2:20:such as \"4h\""},
        {REQUIRED "hours:{days=\"mon-sun\";from=\"00:00\";to=\"24:00\";closed=[\"02-29\","
                  "\"12-29..01-03\",\"2026-12-29..2027-01-03\"];first_reply=\"none\";};",
            ""},
    };
    run_cases(place, cases, G_N_ELEMENTS(cases));
}

static void test_names_and_places_that_are_refused(struct place *place, gconstpointer data)
{
    static const struct conf_case cases[] = {
        {TEAM_WITH("timezone=\"Asia/Tokio\";"), "206:2:47:such as \"Asia/Tokyo\""},
        {TEAM_WITH("key_fingerprint=\"89ABCDEF\";"), "206:2:54:all 40"},
        {TEAM_WITH("key_url=\"ftp://t.example/\";"), "206:2:46:a link"},
        {TEAM_WITH("key_url=\"https://t.example/<b>\";"), "206:2:46:a link"},
        {REQUIRED "tickets:{tag=\"sakura\";};", "206:2:14:16 capital letters"},
        {REQUIRED "tickets:{tag=\"ABCDEFGHIJKLMNOPQ\";};", "206:2:14:16 capital letters"},
        {INTAKE("authserv_id=\"mx t\";"), "206:2:44:host or domain"},
        {REQUIRED "daemon:{operator_group=\"a:b\";};", "206:2:24:up to 32 letters"},
        {REQUIRED "daemon:{templates=\"nowhere\";};", "208:2:19:there is no folder"},
        {REQUIRED "daemon:{templates=\"mado.conf\";};", "208:2:19:is not a folder"},
        {REQUIRED "daemon:{state=\"nowhere/else\";};", "208:2:15:there is no folder"},
        {REQUIRED "daemon:{state=\"mado.conf\";};", "208:2:15:is not a folder"},
    };
    run_cases(place, cases, G_N_ELEMENTS(cases));
}

static void test_names(struct place *place, gconstpointer data)
{
    static const struct conf_case cases[] = {
        {REQUIRED "\n taem={};", "204:3:2:there is no setting `taem`: did you mean `team`?"},
        {TEAM_WITH("fone=\"1\";"), "204:2:38:did you mean `phone`?"},
        {TEAM_WITH("Phone=\"1\";"), "204:2:38:did you mean `phone`?"},
        {REQUIRED "phone=\"1\";", "204:2:1:did you mean `team.phone`?"},
        {REQUIRED "wholly_unknown=({a=1;},{b=(1,2);});", "204:2:1:there is no setting"},
        {REQUIRED "operators=({user=\"a\";rolle=\"admin\";});",
            "204:2:22:`operators.rolle`: did you mean `role`?"},
        {REQUIRED "tickets=1;", "205:2:9:`tickets` cannot be a number: write a group"},
        {REQUIRED "operators={user=\"a\";};", "205:2:11:write a list of groups"},
        {REQUIRED "operators=(\"a\",{user=\"a\";});", "205:2:12:write a group"},
        {REQUIRED "operators=({name=\"a\";});", "207:2:12:`operators.user` is missing"},
        {"", "207:0:0:`team.name` is missing\n207:0:0:`team.address`\n207:0:0:`intake.sources`"},
        {"# nothing\n", "207:0:0:team.name\n207:0:0:team.address\n207:0:0:intake.sources"},
        {"\nteam:{};" SOURCES, "207:2:1:`team.name`\n207:2:1:`team.address`"},
        {TEAM "\nintake:{sources=();};", "206:2:17:name at least one"},
        {TEAM "\nintake:{sources=({});};", "207:2:18:`intake.sources.path` is missing"},
        {TEAM "\nintake:{sources=({type=\"imp\";path=\"no\";});};", "206:2:24:cannot be \"imp\""},
        {TEAM "\nintake:{sources=({type=\"maildir\";path=\"no\";});};",
            "208:2:39:there is no folder"},
        {TEAM "\nintake:{sources=({type=\"imap\";});};", "207:2:18:`host` is missing"},
        {TEAM "\nintake:{sources=({type=\"imap\";host=\"i.example\";});};",
            "207:2:18:`user` is missing"},
        {TEAM "\nintake:{sources=({type=\"lmtp\";});};", "207:2:18:one place"},
        {REQUIRED "outgoing:{transport=\"smtp\";};", "207:2:10:`host` is missing"},
    };
    run_cases(place, cases, G_N_ELEMENTS(cases));
}

static void test_settings_that_contradict(struct place *place, gconstpointer data)
{
    static const struct conf_case cases[] = {
        {REQUIRED "notices:{to=\"A@T.example\";};", "208:2:13:would come in as reports"},
        {TEAM_WITH("aliases=[\"b@t.example\"];") "\nnotices:{to=\"b@t.example\";};",
            "208:3:13:would come in as reports"},
        {REQUIRED "outgoing:{path=\"in\";};", "208:1:63:would come in again"},
        {REQUIRED "daemon:{state=\"in\";};\nkeys:{home=\"in/keys\";};",
            "208:3:12:where the desk may read everything"},
        {TEAM "\nintake:{sources=({path=\"in\";},{path=\"./in\";});};",
            "208:2:37:two sources read"},
        {TEAM "\nintake:{sources=({path=\"in\";name=\"a\";},\n{path=\".\";name=\"a\";});};",
            "208:3:16:two sources are named \"a\""},
        {REQUIRED "operators=({user=\"a\";},{user=\"a\";});", "208:2:30:operator already"},
        {REQUIRED "outgoing:{transport=\"smtp\";host=\"r.example\";user=\"u\";auth=\"xoauth2\";"
                  "\ntoken_command=[\"token\"];};",
            "208:3:15:no folders are searched"},
        {REQUIRED "outgoing:{transport=\"smtp\";host=\"r.example\";user=\"u\";auth=\"xoauth2\";"
                  "\ntoken_command=[\"../token\",\"/a\"];};",
            "208:3:15:no folders are searched"},
    };
    run_cases(place, cases, G_N_ELEMENTS(cases));
}

static void test_syntax(struct place *place, gconstpointer data)
{
    static const struct conf_case cases[] = {
        {"a=[\"x\", ];", "203:1:7:no comma before \"]\""},
        {"a=(1,\n 2,\n);", "203:2:3:no comma before \")\""},
        {"a=auto;", "203:1:3:put quotes around it: \"auto\""},
        {"a=5x;", "203:1:3:put quotes around it"},
        {"a=;", "203:1:2:a value is missing"},
        {"a={b=};", "203:1:5:a value is missing"},
        {"team {\n};", "203:1:1:\"=\" is missing after it"},
        {"team : {\n  name = \"a\";\n", "203:1:8:it is never closed"},
        {"\n  a = \"x;\n\n", "203:2:7:this quote is never closed"},
        {REQUIRED "/* x\n", "203:2:1:this comment is never closed"},
        {"a=(1,2];", "203:1:7:\")\" is expected"},
        {"a=1;};", "203:1:5:nothing is open"},
        {"a=1;\nb=2;\na=3;", "203:3:1:`a` stands here a second time"},
        {"a={b=1;\n  b=2;};", "203:2:3:`b` stands here a second time"},
        {"a=1;;", "203:1:5:one \";\" too many"},
        {"a=[1 2];", "203:1:6:a comma is missing"},
        {"a=[1;2];", "203:1:5:a comma stands between values"},
        {"a=[1,\"x\"];", "203:1:6:of one kind"},
        {"a=[{b=1;}];", "203:1:4:use ( )"},
        {"a==1;", "203:1:2:a value is missing"},
        {"a=1=2;", "203:1:4:a name stands before"},
        {"true=1;", "203:1:1:a name begins"},
        {"=1;", "203:1:1:a name stands before"},
        {"\"a\"=1;", "203:1:1:a name and \"=\" are missing"},
        {"_a=1;", "203:1:1:begins with a letter"},
        {"窓=1;", "203:1:1:cannot stand here"},
        {"a=\"窓\" %;", "203:1:7:cannot stand here"},
        {"a=1;\r\nb=[1,];\r\n", "203:2:5:no comma before"},
        {"@include \"x", "203:1:1:cannot stand here"},
    };
    run_cases(place, cases, G_N_ELEMENTS(cases));
}

static void test_bytes_that_are_no_text(struct place *place, gconstpointer data)
{
    static const struct {
        const char *bytes;
        gssize size;
        const char *problem;
    } cases[] = {
        {REQUIRED "\n # \xff\n", -1, "203:3:4:not UTF-8 text (0xFF)"},
        {"a=\"\x93\xfa\x96\x7b\";", -1, "203:1:4:save the file as UTF-8"},
        {"a\0b", 3, "203:1:2:(0x00)"},
        {"# \xed\xa0\x80", -1, "203:1:3:UTF-8"},
        {"# \xe3\x81", -1, "203:1:3:UTF-8"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        write_bytes(place, "mado.conf", cases[i].bytes, cases[i].size);
        assert_problems(place, cases[i].problem);
    }
}

static void test_files_that_cannot_be_read(struct place *place, gconstpointer data)
{
    assert_problems(place, "201:0:0:No such file");
    g_assert_cmpint(g_mkdir(place->path, 0700), ==, 0);
    assert_problems(place, "202:0:0:it is a folder");
    g_assert_cmpint(g_rmdir(place->path), ==, 0);
    g_assert_cmpint(mkfifo(place->path, 0600), ==, 0);
    assert_problems(place, "202:0:0:not a regular file");
}

static void test_a_large_file(struct place *place, gconstpointer data)
{
    GString *text = g_string_new(REQUIRED);

    while (text->len < 1024 * 1024)
        g_string_append_printf(text, "#%*s窓\n", 1000, "");
    g_string_truncate(text, 1024 * 1024);
    memset(text->str + text->len - 20, '#', 20);
    write_file(place, "mado.conf", text->str);
    conf_free(load_good(place));
    g_string_append_c(text, '\n');
    write_file(place, "mado.conf", text->str);
    assert_problems(place, "202:0:0:larger than 1048576 bytes");
    g_string_assign(text, "a=");
    while (text->len < 100000)
        g_string_append_c(text, '(');
    write_file(place, "mado.conf", text->str);
    assert_problems(place, "203:1:100000:never closed");
    g_string_free(text, TRUE);
}

static void test_includes(struct place *place, gconstpointer data)
{
    g_autoptr(GPtrArray) problems = conf_problems_new();
    const struct conf_problem *problem;
    g_autofree char *included = g_build_filename(place->folder, "team.conf", NULL);

    write_file(place, "mado.conf", SOURCES "\n  @include \"team.conf\"\nx=1;\n");
    write_file(place, "team.conf", "\nteam:{name=\"T\";\n@include \"more.conf\" nope=1;\n};");
    write_file(place, "more.conf", "address=\"a@t.example\";");
    g_assert_null(conf_load(place->path, problems));
    g_assert_cmpint(problems->len, ==, 2);
    problem = problems->pdata[0];
    g_assert_cmpstr(problem->file, ==, included);
    assert_problem(problem, "204:3:2:`team.nope`");
    problem = problems->pdata[1];
    g_assert_cmpstr(problem->file, ==, place->path);
    assert_problem(problem, "204:3:1:`x`");
}

static void test_includes_that_fail(struct place *place, gconstpointer data)
{
    static const struct conf_case cases[] = {
        {REQUIRED "@include \"none.conf\"\n", "201:2:10:none.conf: No such file"},
        {REQUIRED "@include \"in\"\n", "202:2:10:it is a folder"},
        {REQUIRED "@include \"mado.conf\"\n", "202:2:10:include itself?"},
        /* only where libconfig's own reader would see one */
        {REQUIRED "# x\n#@include \"none.conf\"\n", ""},
        {REQUIRED "/*\n@include \"none.conf\"\n*/", ""},
        {TEAM_WITH("phone=\"\n@include \\\"none.conf\\\"\n\";"), "206:2:44:control"},
    };
    run_cases(place, cases, G_N_ELEMENTS(cases));
}

static void test_a_syntax_error_names_the_included_file(struct place *place, gconstpointer data)
{
    g_autoptr(GPtrArray) problems = conf_problems_new();
    g_autofree char *included = g_build_filename(place->folder, "team.conf", NULL);

    write_file(place, "mado.conf", "\n\n\n@include \"team.conf\"\n");
    write_file(place, "team.conf", "\nteam:{name=T;};");
    g_assert_null(conf_load(place->path, problems));
    g_assert_cmpint(problems->len, ==, 1);
    g_assert_cmpstr(((struct conf_problem *)problems->pdata[0])->file, ==, included);
    assert_problem(problems->pdata[0], "203:2:12:put quotes around it");
}

static void test_others_may_write_is_a_warning(struct place *place, gconstpointer data)
{
    g_autoptr(GPtrArray) problems = conf_problems_new();
    g_autofree char *text = NULL;
    struct settings *settings;

    write_file(place, "mado.conf", REQUIRED);
    g_assert_cmpint(g_chmod(place->path, 0620), ==, 0);
    settings = conf_load(place->path, problems);
    g_assert_nonnull(settings);
    g_assert_cmpint(problems->len, ==, 1);
    g_assert_true(((struct conf_problem *)problems->pdata[0])->warning);
    text = conf_problems_to_text(problems);
    g_assert_nonnull(strstr(text, "MADO-0202 warning: others than its owner may write"));
    conf_free(settings);
    settings = conf_load(place->path, NULL);
    g_assert_nonnull(settings);
    conf_free(settings);
}

/* Operators reach a daemon that runs, although it could not start again. */
static void test_the_sockets_are_found_in_a_broken_file(struct place *place, gconstpointer data)
{
    static const struct {
        const char *text, *run;
    } rows[] = {
        {REQUIRED "daemon:{run=\"/a\";state=\"/none/at/all\";};", "/a"},
        {"team:1;daemon:{run=\"/a\";};colour=1;", "/a"},
        {INTAKE("") "daemon:{readers=0;}", "/run/mado"},
        {"", "/run/mado"},
        {REQUIRED "daemon:{run=\"/none/at/all\";};", NULL},
        {REQUIRED "daemon:{run=7;};", NULL},
        {REQUIRED "daemon=7;", NULL},
        {REQUIRED "daemon:{run=\"/a\";}; x=[1,];", NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *run = NULL;
        g_test_message("%s", rows[i].text);
        write_file(place, "mado.conf", rows[i].text);
        run = conf_load_run(place->path);
        g_assert_cmpstr(run, ==, rows[i].run);
    }
    g_assert_null(conf_load_run("/nowhere"));
}

static void mutate(GRand *rand, GString *text)
{
    static const char *const bits[] = {"\"", "{", "}", "[", "]", "(", ")", ",", ";", "=", "/*",
        "*/", "\n", "@include \"", "\\", "0", "\xff", "\n@include \"mado.conf\"\n", "窓", "#"};
    gint32 at = g_rand_int_range(rand, 0, (gint32)text->len);
    gsize cut = (gsize)g_rand_int_range(rand, 0, 12);

    switch (g_rand_int_range(rand, 0, 3)) {
    case 0:
        g_string_erase(text, at, (gssize)MIN(cut, text->len - (gsize)at));
        break;
    case 1:
        g_string_insert(text, at, bits[g_rand_int_range(rand, 0, G_N_ELEMENTS(bits))]);
        break;
    default:
        text->str[at] = (char)g_rand_int_range(rand, 0, 256);
    }
}

static void test_damaged_files_are_survived(struct place *place, gconstpointer data)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(20261120);
    g_autofree char *sample = conf_table_to_sample();
    const char *const seeds[] = {EVERYTHING, sample, REQUIRED};

    for (gsize i = 0; i < share_of(5000); i++) {
        g_autoptr(GPtrArray) problems = conf_problems_new();
        g_autoptr(GString) text = g_string_new(seeds[i % 3]);
        g_autofree char *shown = NULL;
        struct settings *settings;
        for (int k = g_rand_int_range(rand, 1, 4); k > 0; k--)
            mutate(rand, text);
        write_bytes(place, "mado.conf", text->str, (gssize)text->len);
        settings = conf_load(place->path, problems);
        shown = conf_problems_to_text(problems);
        g_assert_true(settings || problems->len);
        g_assert_true(g_utf8_validate(shown, -1, NULL));
        conf_free(settings);
    }
}

int main(int argc, char **argv)
{
    static const struct place_test tests[] = {
        {"/conf/run-alone", test_the_sockets_are_found_in_a_broken_file},
        {"/conf/values/taken", test_values_that_are_taken},
        {"/conf/values/text", test_text_that_is_refused},
        {"/conf/values/addresses", test_addresses_that_are_refused},
        {"/conf/values/choices", test_choices_that_are_refused},
        {"/conf/values/numbers", test_numbers_that_are_refused},
        {"/conf/values/hours", test_hours_that_are_refused},
        {"/conf/values/names-and-places", test_names_and_places_that_are_refused},
        {"/conf/names", test_names},
        {"/conf/contradictions", test_settings_that_contradict},
        {"/conf/syntax", test_syntax},
        {"/conf/syntax/included", test_a_syntax_error_names_the_included_file},
        {"/conf/files/no-text", test_bytes_that_are_no_text},
        {"/conf/files/unreadable", test_files_that_cannot_be_read},
        {"/conf/files/large", test_a_large_file},
        {"/conf/files/others-may-write", test_others_may_write_is_a_warning},
        {"/conf/include", test_includes},
        {"/conf/include/fails", test_includes_that_fail},
        {"/conf/damaged", test_damaged_files_are_survived},
    };

    g_test_init(&argc, &argv, NULL);
    place_add_tests(tests, G_N_ELEMENTS(tests));
    return g_test_run();
}
