/* The settings of reports that go out by the calendar. */
#include "conf-table.h"
#include <stddef.h>

#define LABELS "TLP:RED TLP:AMBER+STRICT TLP:AMBER TLP:GREEN TLP:CLEAR"

static const struct conf_row report_rows[] = {
    {"name", &conf_account, offsetof(struct scheduled_report, name), .flags = CONF_REQUIRED,
        .sample = "board-monthly", .help = "What histories call it; each has its own."},
    {"kind", &conf_choice, offsetof(struct scheduled_report, kind), "monthly",
        .words = "weekly monthly quarterly half yearly commander meeting",
        .help =
            "What it shows: a period that is over; \"commander\", each day of business, what is "
            "to be decided; or \"meeting\", each week, the last seven days."},
    {"audience", &conf_choice, offsetof(struct scheduled_report, audience), "team",
        .words = "team departments company public",
        .help = "Who reads it. The team sees names of handlers; only the team's counts what is "
                "TLP:RED, and none what is restricted; to the public small counts are not shown."},
    {"to", &conf_address, offsetof(struct scheduled_report, to), .flags = CONF_REQUIRED | CONF_LIST,
        .min = 1, .sample = "board@sakura.example",
        .help = "To whom it goes, a letter each, if the label lets it."},
    {"formats", &conf_choice, offsetof(struct scheduled_report, formats), "html csv",
        .words = "html csv json", .flags = CONF_LIST,
        .help = "The files that go with the letter, which itself says it as text."},
    {"language", &conf_choice, offsetof(struct scheduled_report, language), "", .words = "ja en",
        .sample = "ja", .help = "Its language; empty: the first of team.languages."},
    {"label", &conf_label, offsetof(struct scheduled_report, label), "", .words = LABELS,
        .sample = "TLP:AMBER",
        .help = "The label under which it goes; empty: TLP:CLEAR for the public, else TLP:AMBER."},
    {"at", &conf_time, offsetof(struct scheduled_report, at), "09:00",
        .help = "When it goes, on the first day of business behind the period."},
    {"in_clear", &conf_choice, offsetof(struct scheduled_report, in_clear), "no", .words = "no yes",
        .help = "Whether it may go unsealed to who has no key, as far as gate.clear lets it; else "
                "it is held there."},
    {0},
};
const struct conf_element conf_report_element = {
    report_rows, sizeof(struct scheduled_report), NULL};
