/* One structured line an event, to stderr; with its priority where the journal reads it. Never a
 * secret, never a word of a report; values are escaped. */
#pragma once
#include <glib.h>

enum log_level { LOG_LEVEL_ALARM, LOG_LEVEL_WARN, LOG_LEVEL_INFO };

void log_start(const char *role); /* once, before the role is confined */
/* `mail` is 0 where no mail is concerned. */
void log_event(enum log_level level, guint64 mail, const char *event, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
