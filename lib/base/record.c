#include <mado/record.h>

struct damage *damage_new(void)
{
    struct damage *damage = g_new0(struct damage, 1);

    damage->identification = g_strdup("");
    damage->responsibility = g_strdup("");
    damage->response = g_strdup("");
    damage->said_by = g_strdup("");
    return damage;
}

void damage_free(struct damage *damage)
{
    if (!damage)
        return;
    g_free(damage->identification);
    g_free(damage->responsibility);
    g_free(damage->response);
    g_free(damage->said_by);
    g_free(damage);
}

struct goal *goal_new(const char *name)
{
    struct goal *goal = g_new0(struct goal, 1);

    goal->name = g_strdup(name);
    goal->measure = g_strdup("incidents");
    goal->severity = g_strdup("");
    goal->category = g_strdup("");
    goal->period = g_strdup("yearly");
    goal->said_by = g_strdup("");
    goal->value = -1;
    return goal;
}

void goal_free(struct goal *goal)
{
    if (!goal)
        return;
    g_free(goal->name);
    g_free(goal->measure);
    g_free(goal->severity);
    g_free(goal->category);
    g_free(goal->period);
    g_free(goal->said_by);
    g_free(goal);
}
