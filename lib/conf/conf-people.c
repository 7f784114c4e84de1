/* The settings of people: operators, and those who decide with when they are told. */
#include "conf-table.h"
#include "error.h"
#include "say.h"
#include "when.h"
#include <mado/message.h>
#include <stddef.h>

#define DAY (24 * 60 * 60)
#define AT(field) offsetof(struct escalation_rule, field)

static char *refuse_when(const struct conf_row *row, const char *value)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) words = when_parse(value, &error);

    return words ? NULL : g_strdup(error_said(error));
}

static const struct conf_type conf_when = {N_("condition"),
    N_("conditions with blanks between in quotes, such as \"severity>=high state=new\""),
    .takes_quoted = TRUE, .code = MADO_E_CONFIG_RANGE, .refuse = refuse_when};
static const struct conf_type conf_escalate_template = {N_("template"),
    N_("the name of a template of an escalation, such as \"escalate-rule\", in quotes"),
    .takes_quoted = TRUE, .code = MADO_E_CONFIG_RANGE,
    .pattern = "escalate-rule(-[a-z0-9-]{1,40})?"};

static const struct conf_row escalation_rows[] = {
    {"to", &conf_choice, AT(to), .flags = CONF_REQUIRED, .sample = "management",
        .words = "management pr legal commander", .help = "What is said to madoctl escalate --to."},
    {"who", &conf_text, AT(who), .flags = CONF_REQUIRED | CONF_LIST, .min = 1, .max = 100,
        .sample = "ciso",
        .help =
            "Who is meant: users of operators who have an address, or names of contacts of your "
            "own organisation."},
    {"when", &conf_when, AT(when), "", .flags = CONF_LIST, .sample = "severity>=high category=leak",
        .help = "When they have to be told: any of these holds, and of one all that has blanks "
                "between; see ESCALATION. Empty: only when a person says so."},
    {"within", &conf_span, AT(within), "1h", .min = 0, .max = 30 * DAY,
        .help = "How long a person may take to tell them, since it came to that; then mado does."},
    {"read_within", &conf_span, AT(read_within), "2h", .min = 0, .max = 30 * DAY,
        .help = "Within what time one of them reads it; else they are told again, with the next of "
                "`up`. 0: nobody waits for that."},
    {"up", &conf_text, AT(up), "", .flags = CONF_LIST, .max = 100, .sample = "cro",
        .help = "Who is told as well while nobody has read it, one after the other."},
    {"template", &conf_escalate_template, AT(template), "escalate-rule",
        .help = "The template of what mado writes then: a file beside the others "
                "(mado-templates(5))."},
    {0},
};
const struct conf_element conf_escalation_element = {
    escalation_rows, sizeof(struct escalation_rule), NULL};

static char *derive_member_name(gconstpointer base)
{
    return g_strdup(((const struct member *)base)->user);
}

static const struct conf_row member_rows[] = {
    {"user", &conf_account, offsetof(struct member, user), .flags = CONF_REQUIRED,
        .sample = "tanaka",
        .help =
            "The user name on this host; one that was not there at the start needs a new start."},
    {"name", &conf_text, offsetof(struct member, name), .sample = "田中",
        .derived = "the user name", .derive = derive_member_name,
        .help = "The name that colleagues read."},
    {"role", &conf_choice, offsetof(struct member, role), "handler",
        .words = "viewer night handler commander admin",
        .help = "What this person may do: read, but nothing that is TLP:RED; work on incidents; "
                "approve, and see restricted ones; or everything."},
    {"addresses", &conf_address, offsetof(struct member, addresses), "", .flags = CONF_LIST,
        .sample = "tanaka@sakura.example",
        .help = "The addresses of their own mail: what they write from there, with the team in "
                "copy, joins its incident."},
    {0},
};
const struct conf_element conf_member_element = {member_rows, sizeof(struct member), NULL};
