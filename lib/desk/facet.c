/* The facets of an attack: who, with what, by which weakness, did what, to what, with which result,
 * and why. */
#include "record.h"

const char *const facet_names[] = {"attacker", "tool", "vulnerability", "action", "target",
    "unauthorized-result", "objectives", NULL};

static const char *const attackers[] = {"hackers", "spies", "terrorists", "corporate-raiders",
    "professional-criminals", "vandals", "voyeurs", NULL};
static const char *const tools[] = {"physical-attack", "information-exchange", "user-command",
    "script-or-program", "autonomous-agent", "toolkit", "distributed-tool", "data-tap", NULL};
static const char *const vulnerabilities[] = {"design", "implementation", "configuration", NULL};
static const char *const actions[] = {"probe", "scan", "flood", "authenticate", "bypass", "spoof",
    "read", "copy", "steal", "modify", "delete", NULL};
static const char *const targets[] = {
    "account", "process", "data", "component", "computer", "network", "internetwork", NULL};
static const char *const results[] = {"increased-access", "disclosure-of-information",
    "corruption-of-information", "denial-of-service", "theft-of-resources", NULL};
static const char *const objectives[] = {
    "challenge-status-thrill", "political-gain", "financial-gain", "damage", NULL};

const char *const *facet_values(const char *name)
{
    static const char *const *const values[] = {
        attackers, tools, vulnerabilities, actions, targets, results, objectives};

    for (gsize i = 0; facet_names[i]; i++)
        if (g_str_equal(facet_names[i], name))
            return values[i];
    return NULL;
}
