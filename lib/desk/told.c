/* What an operator was told on the telephone is sorted as a mail with the same words would be. */
#include "matter.h"
#include <string.h>

#define SCHEME "TLP:"

/* A word behind TLP: that is no label is a marking, too, as in a mail. */
static void add_marking(struct report *report, const char *word)
{
    gsize length = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz:+");
    g_autofree char *written = g_strndup(word, length);
    const char *label = label_from_words(written);

    report_add_marking(report, &(struct marking){.scheme = (char *)"TLP",
                                   .label = (char *)(label ? label + strlen(SCHEME) : ""),
                                   .as_written = written,
                                   .from = (char *)"text"});
}

static struct report *markings_of(const char *text)
{
    struct report *report = report_new();

    for (const char *at = text; *at; at++)
        if (g_ascii_strncasecmp(at, SCHEME, strlen(SCHEME)) == 0 &&
            (at == text || !g_ascii_isalnum(at[-1])))
            add_marking(report, at);
    return report;
}

struct plan *desk_told(
    const struct message *message, const struct settings *settings, const char *label)
{
    struct report *report = markings_of(message->text);
    struct message told = *message;
    struct matter matter = {.message = &told, .settings = settings};
    g_autoptr(mado_ruling) rules = NULL;
    struct plan *plan = plan_new();

    told.report = report;
    rules = rules_weigh(&matter);
    matter.rules = rules;
    if (label)
        label_raise(&matter, label, plan);
    else
        triage_open(&matter, plan);
    report_free(report);
    return plan;
}
