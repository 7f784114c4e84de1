/* The settings of categories and rules: what one of each may say. */
#include "category.h"
#include "conf-table.h"
#include "error.h"
#include "network.h"
#include "say.h"
#include <mado/message.h>
#include <stddef.h>
#include <string.h>

#define LABELS "TLP:RED TLP:AMBER+STRICT TLP:AMBER TLP:GREEN TLP:CLEAR"
#define SEVERITIES "critical high medium low"
#define QUOTED .takes_quoted = TRUE, .code = MADO_E_CONFIG_RANGE

static gboolean has_digits_of_an_address(const char *value)
{
    return !value[strspn(value, "0123456789.")] && strchr(value, '.');
}

/* A network with bits behind its length, or 192.0.2.300, would never hit. */
static char *refuse_clue(const struct conf_row *row, const char *value)
{
    g_autoptr(GInetAddressMask) network = network_parse(value);
    gboolean meant = has_digits_of_an_address(value) ||
                     (strchr(value, '/') && !strstr(value, "://")) ||
                     (strchr(value, ':') && !value[strspn(value, "0123456789abcdefABCDEF:.")]);

    if (!meant || network)
        return NULL;
    return g_strdup(_("write an address, or a network with no bits behind its length, such as "
                      "\"192.0.2.0/24\""));
}

/* These are not among the fields that rules look at. */
static char *refuse_header(const struct conf_row *row, const char *value)
{
    static const struct {
        const char *name, *instead;
    } others[] = {{"from", "from"}, {"to", "to"}, {"cc", "to"}, {"subject", "subject"}};
    g_autofree char *name = g_strndup(value, strcspn(value, ":"));

    for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
        if (g_ascii_strcasecmp(others[i].name, name) == 0)
            return g_strdup_printf(_("there is `%s` for that"), others[i].instead);
    if (!message_keeps_field(name))
        return g_strdup_printf(_("rules do not see the field %s"), name);
    return NULL;
}

/* Once here, and not for each mail. */
static char *normal_word(const char *value, const char *folder)
{
    g_autofree char *plain = g_utf8_normalize(value, -1, G_NORMALIZE_NFKC);

    return g_utf8_strdown(plain ?: value, -1);
}

static const struct conf_type conf_word = {
    N_("word"), N_("text in quotes"), QUOTED, .normal = normal_word};
const struct conf_type conf_class = {N_("class of RSIT"),
    N_("a class of RSIT in quotes, such as \"fraud/phishing\""), QUOTED,
    .pattern = "[a-z0-9-]+(/[a-z0-9-]+)?"};
const struct conf_type conf_glob = {N_("pattern"), N_("text in quotes"), QUOTED};
const struct conf_type conf_header_glob = {N_("header field"),
    N_("the name of a header field, a colon, and what stands there, in quotes, such as "
       "\"X-Mailer: *bulk*\""),
    QUOTED, .pattern = "[!-9;-~]+: .*", .refuse = refuse_header};
const struct conf_type conf_clue = {N_("indicator"),
    N_("an address, network, name, link or hash, in quotes"), QUOTED, .refuse = refuse_clue};
const struct conf_type conf_template = {N_("template"),
    N_("the name of a template of an acknowledgement, such as \"own-phishing\", in quotes"), QUOTED,
    .pattern = "own-[a-z0-9-]{1,40}"};

static const struct conf_row category_rows[] = {
    {"id", &conf_account, offsetof(struct category, id), .flags = CONF_REQUIRED,
        .help = "How lists, rules and commands call it."},
    {"ja", &conf_text, offsetof(struct category, ja), .max = 100, .flags = CONF_REQUIRED,
        .help = "Its name in Japanese."},
    {"en", &conf_text, offsetof(struct category, en), .max = 100, .flags = CONF_REQUIRED,
        .help = "Its name in English."},
    {"rsit", &conf_class, offsetof(struct category, rsit), .flags = CONF_REQUIRED,
        .help = "What it is called in the Reference Security Incident Taxonomy."},
    {"takes", &conf_class, offsetof(struct category, takes), "", .flags = CONF_LIST,
        .help = "Which classes of RSIT, as reports of programs name them, go to this category; "
                "\"fraud\" is all of them that no other category takes."},
    {"severity", &conf_choice, offsetof(struct category, severity), "medium", .words = SEVERITIES,
        .help = "How severe one is at first."},
    {"first_reply", &conf_worktime, offsetof(struct category, first_reply), "",
        .help = "Within what business time a person answers one, if it is another than "
                "`hours.first_reply`."},
    {"incident", &conf_choice, offsetof(struct category, incident), "yes", .words = "yes no",
        .help = "Whether figures count one as an incident: a question is none."},
    {"words", &conf_word, offsetof(struct category, words), "", .flags = CONF_LIST,
        .help = "Words that propose it, in Japanese and English."},
    {0},
};
const struct conf_element conf_category_element = {
    category_rows, sizeof(struct category), category_list_usual};

#define TEST(field) offsetof(struct rule, tests.field)
#define MAKE(field) offsetof(struct rule, sets.field)
#define ANY .fallback = "", .flags = CONF_LIST

static const struct conf_row rule_rows[] = {
    {"name", &conf_account, offsetof(struct rule, name), .flags = CONF_REQUIRED,
        .sample = "bank-phishing", .help = "How histories and explain call it."},
    {"if.from", &conf_glob, TEST(from), ANY, .sample = "*@bank.example",
        .help = "The address of the sender (* stands for anything)."},
    {"if.to", &conf_glob, TEST(to), ANY, .sample = "abuse@*",
        .help = "An address to which it went (* stands for anything)."},
    {"if.subject", &conf_glob, TEST(subject), ANY, .sample = "フィッシング phishing",
        .help = "What stands somewhere in the subject."},
    {"if.text", &conf_glob, TEST(text), ANY, .sample = "bank.example",
        .help = "What stands somewhere in the text."},
    {"if.header", &conf_header_glob, TEST(header), ANY,
        .help = "A header field, such as \"X-Mailer: *bulk*\" (* stands for anything)."},
    {"if.format", &conf_glob, TEST(format), ANY, .sample = "xarf-*",
        .help = "A format in which it reports: \"arf\", \"iodef-2\", \"form:*\" (* stands for "
                "anything)."},
    {"if.signed_by", &conf_glob, TEST(signed_by), ANY,
        .help = "The name of the contact whose good signature covers all of it (* stands for "
                "anything)."},
    {"if.language", &conf_choice, TEST(language), ANY, .words = "ja en",
        .help = "The language in which it is written."},
    {"if.label", &conf_glob, TEST(label), ANY, .sample = "TLP:GREEN TLP:CLEAR",
        .help = "Its label, by default too (* stands for anything)."},
    {"if.indicator", &conf_clue, TEST(indicator), ANY, .sample = "192.0.2.0/24",
        .help = "An indicator in it: an address or network, a name with all below it, or the whole "
                "of a link, hash, CVE and so on."},
    {"if.machine", &conf_choice, TEST(machine), ANY, .words = "no feedback list notification",
        .help = "Whether a person wrote it (\"no\"), or which kind of program."},
    {"set.category", &conf_account, MAKE(category), "", .sample = "phishing",
        .help = "The category."},
    {"set.severity", &conf_choice, MAKE(severity), "", .words = SEVERITIES, .sample = "high",
        .help = "The severity; else that of the category."},
    {"set.handler", &conf_account, MAKE(handler), "", .sample = "tanaka",
        .help = "The operator who works on it."},
    {"set.team", &conf_text, MAKE(team), "", .max = 50, .sample = "network",
        .help = "The group of yours that works on it."},
    {"set.label", &conf_label, MAKE(label), "", .words = LABELS, .sample = "TLP:AMBER",
        .help = "A label, where the mail's own is less strict."},
    {"set.template", &conf_template, MAKE(template), "",
        .help = "The template of the acknowledgement of a new report: a file \"own-NAME.tmpl\" "
                "beside the others (mado-templates(5))."},
    {"set.ledger", &conf_choice, MAKE(ledger), "", .words = "incident feed machine spam pending",
        .help = "Where it ends, unless it belongs to an incident: in a new incident, or kept aside "
                "without an answer."},
    {"set.escalation", &conf_account, MAKE(escalation), "", .sample = "duty",
        .help = "A word kept in the history of the incident, for who is called."},
    {"set.note", &conf_text, MAKE(note), "", .sample = "ask the bank first",
        .help = "A sentence kept in the history of the incident."},
    {"last", &conf_choice, offsetof(struct rule, last), "no", .words = "no yes",
        .help = "Whether the rules behind it are passed over."},
    {0},
};
const struct conf_element conf_rule_element = {rule_rows, sizeof(struct rule), NULL};
