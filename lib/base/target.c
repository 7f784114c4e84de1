/* The targets of a team that has named none: what a handful of people with other work can keep. */
#include "target.h"

const char *const target_names[] = {
    "acknowledge", "triage", "reply", "update", "verify", "fix", "publish", NULL};

/* 45 days is what finders of vulnerabilities are used to in Japan. */
static const struct {
    const char *kind, *severity, *within, *time;
} usual[] = {
    {"acknowledge", "", "15m", "24x7"},
    {"triage", "critical", "1h", "24x7"},
    {"triage", "high", "2h", "business"},
    {"triage", "medium", "4h", "business"},
    {"triage", "", "1d", "business"},
    {"reply", "critical", "4h", "24x7"},
    {"reply", "high", "4h", "business"},
    {"reply", "", "1d", "business"},
    {"update", "critical", "1d", "24x7"},
    {"update", "high", "2d", "business"},
    {"update", "medium", "5d", "business"},
    {"update", "", "10d", "business"},
    {"verify", "", "5d", "business"},
    {"fix", "", "30d", "24x7"},
    {"publish", "", "45d", "24x7"},
};

GPtrArray *target_list_usual(void)
{
    GPtrArray *list = g_ptr_array_new();

    for (gsize i = 0; i < G_N_ELEMENTS(usual); i++) {
        struct target_rule *rule = g_new0(struct target_rule, 1);
        rule->kind = g_strdup(usual[i].kind);
        rule->severity = g_strsplit(usual[i].severity, " ", -1);
        rule->category = g_strsplit("", " ", -1);
        rule->within = g_strdup(usual[i].within);
        rule->time = g_strdup(usual[i].time);
        g_ptr_array_add(list, rule);
    }
    return list;
}

void target_clear(struct target *target)
{
    g_free(target->kind);
    g_free(target->basis);
    g_free(target->span);
    *target = (struct target){0};
}

void target_free(struct target *target)
{
    if (target)
        target_clear(target);
    g_free(target);
}

void legal_clock_free(struct legal_clock *legal)
{
    if (!legal)
        return;
    g_free(legal->name);
    g_free(legal->text);
    g_free(legal);
}
