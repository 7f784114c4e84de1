#include <mado/alarm.h>

void alarm_found_free(struct alarm_found *found)
{
    if (!found)
        return;
    g_free(found->condition);
    g_free(found->text);
    g_free(found);
}

void alarm_free(struct alarm *alarm)
{
    if (!alarm)
        return;
    g_free(alarm->condition);
    g_free(alarm->text);
    g_free(alarm->told);
    g_free(alarm);
}
