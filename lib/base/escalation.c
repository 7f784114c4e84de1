#include <mado/escalation.h>

const char *const escalation_kinds[] = {
    "acknowledge", "triage", "reply", "update", "verify", "fix", "publish", NULL};

void escalation_facts_clear(struct escalation_facts *facts)
{
    char **const texts[] = {
        &facts->severity, &facts->category, &facts->label, &facts->state, &facts->team};

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_clear_pointer(texts[i], g_free);
}

void escalation_step_free(struct escalation_step *step)
{
    if (!step)
        return;
    g_free(step->target);
    g_free(step);
}

void escalation_letter_free(struct escalation_letter *letter)
{
    if (!letter)
        return;
    g_free(letter->target);
    g_free(letter->name);
    g_free(letter->address);
    g_free(letter->actor);
    g_free(letter->read_by);
    g_free(letter->read_how);
    g_free(letter->state);
    g_free(letter);
}
