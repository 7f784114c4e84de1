#include "log.h"
#include "text.h"
#include <build-facts.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#if MADO_SYSTEMD
#include <syslog.h>
#include <systemd/sd-journal.h>
#endif

static const char *const level_names[] = {"ALARM", "WARN", "info"};
static char own_role[32] = "madod";
static gboolean to_journal;

/* GLib's own messages must not open files or take time zones; one plain line will do. */
static GLogWriterOutput write_glib_line(
    GLogLevelFlags level, const GLogField *fields, gsize count, gpointer data)
{
    for (gsize i = 0; i < count; i++)
        if (g_str_equal(fields[i].key, "MESSAGE") && !(level & G_LOG_LEVEL_DEBUG))
            log_event(LOG_LEVEL_WARN, 0, "library", "%s", (const char *)fields[i].value);
    return G_LOG_WRITER_HANDLED;
}

void log_start(const char *role)
{
    g_strlcpy(own_role, role, sizeof own_role);
    to_journal = MADO_SYSTEMD && g_log_writer_is_journald(STDERR_FILENO);
    g_log_set_writer_func(write_glib_line, NULL, NULL);
}

static void write_line(enum log_level level, guint64 mail, const char *event, const char *text)
{
    char line[1024];
    int length = mail ? snprintf(line, sizeof line, "%s %s: %s mail=%" G_GUINT64_FORMAT " %s\n",
                            level_names[level], own_role, event, mail, text)
                      : snprintf(line, sizeof line, "%s %s: %s %s\n", level_names[level], own_role,
                            event, text);

    if (length >= (int)sizeof line) {
        length = sizeof line;
        line[length - 1] = '\n';
    }
    /* One write, so that the lines of several roles do not mix; a full log stops nobody. */
    if (write(STDERR_FILENO, line, (size_t)length) < 0)
        return;
}

void log_event(enum log_level level, guint64 mail, const char *event, const char *format, ...)
{
    g_autofree char *raw = NULL;
    g_autofree char *text = NULL;
    va_list values;

    va_start(values, format);
    raw = g_strdup_vprintf(format, values);
    va_end(values);
    text = text_harmless(raw, NULL);
#if MADO_SYSTEMD
    static const int priorities[] = {LOG_ALERT, LOG_WARNING, LOG_INFO};
    if (to_journal && sd_journal_send("MESSAGE=%s %s", event, text, "PRIORITY=%d",
                          priorities[level], "MADO_ROLE=%s", own_role, "MADO_EVENT=%s", event,
                          "MADO_MAIL=%" G_GUINT64_FORMAT, mail, NULL) == 0)
        return;
#endif
    write_line(level, mail, event, text);
}
