/* What stands in `targets.rules` and `legal`. */
#include "conf-table.h"
#include "target.h"

#define LABELS "TLP:RED TLP:AMBER+STRICT TLP:AMBER TLP:GREEN TLP:CLEAR"
#define SEVERITIES "critical high medium low"

static const struct conf_row target_rows[] = {
    {"kind", &conf_choice, offsetof(struct target_rule, kind), .flags = CONF_REQUIRED,
        .sample = "triage", .words = "acknowledge triage reply update verify fix publish",
        .help = "What is to have happened: the acknowledgement has gone, a person has looked at "
                "it, has answered its reporter, has told them more since; of a vulnerability: it "
                "is verified, fixed, published."},
    {"severity", &conf_choice, offsetof(struct target_rule, severity), "", .flags = CONF_LIST,
        .words = SEVERITIES, .sample = "critical high", .help = "Of which severity."},
    {"category", &conf_account, offsetof(struct target_rule, category), "", .flags = CONF_LIST,
        .sample = "infection", .help = "Of which category."},
    {"within", &conf_worktime, offsetof(struct target_rule, within), .flags = CONF_REQUIRED,
        .sample = "30m", .help = "Within what time; \"none\": there is no target."},
    {"time", &conf_choice, offsetof(struct target_rule, time), "business", .words = "business 24x7",
        .help = "Whether the hours of business count alone, or all (a day has 24 of them then)."},
    {0},
};
const struct conf_element conf_target_element = {
    target_rows, sizeof(struct target_rule), target_list_usual};

static const struct conf_row legal_rows[] = {
    {"name", &conf_text, offsetof(struct legal_rule, name), .max = 50, .flags = CONF_REQUIRED,
        .sample = "personal data, first report", .help = "What it is called on the ticket."},
    {"severity", &conf_choice, offsetof(struct legal_rule, severity), "", .flags = CONF_LIST,
        .words = SEVERITIES, .sample = "critical high", .help = "Of which severity."},
    {"category", &conf_account, offsetof(struct legal_rule, category), "", .flags = CONF_LIST,
        .sample = "leak loss", .help = "Of which category."},
    {"label", &conf_label, offsetof(struct legal_rule, label), "", .flags = CONF_LIST,
        .words = LABELS, .sample = "TLP:AMBER TLP:RED", .help = "With which label."},
    {"within", &conf_span, offsetof(struct legal_rule, within), .min = 60,
        .max = G_GINT64_CONSTANT(3650) * 24 * 60 * 60, .flags = CONF_REQUIRED, .sample = "72h",
        .help = "How long after it was received, by day and night."},
    {"text", &conf_text, offsetof(struct legal_rule, text), .max = 300, .flags = CONF_REQUIRED,
        .sample = "a report to the Personal Information Protection Commission",
        .help = "What is due then, in your words."},
    {"tell", &conf_address, offsetof(struct legal_rule, tell), "", .flags = CONF_LIST,
        .sample = "legal@sakura.example",
        .help = "Addresses of your own people who are told once that it has begun to run, with "
                "the number, state, severity and label of the incident; else notices.to is."},
    {0},
};
const struct conf_element conf_legal_element = {legal_rows, sizeof(struct legal_rule), NULL};
