#include "log.h"
#include "text.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <syslog.h>

static const char *const level_names[] = {"ALARM", "WARN", "info"};
static char own_role[32] = "madod";
static gboolean to_journal;
static const int priorities[] = {LOG_ALERT, LOG_WARNING, LOG_INFO};

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
    to_journal = g_log_writer_is_journald(STDERR_FILENO);
    g_log_set_writer_func(write_glib_line, NULL, NULL);
}

/* The journal reads a line's priority from its beginning (sd-daemon(3)): talking to it directly
 * takes a socket, which no confined role may have. */
static void write_line(enum log_level level, guint64 mail, const char *event, const char *text)
{
    char line[1024], priority[8] = "", of_mail[32] = "";
    int length;

    if (to_journal)
        snprintf(priority, sizeof priority, "<%d>", priorities[level]);
    if (mail)
        snprintf(of_mail, sizeof of_mail, " mail=%" G_GUINT64_FORMAT, mail);
    length = snprintf(line, sizeof line, "%s%s %s: %s%s %s\n", priority, level_names[level],
        own_role, event, of_mail, text);
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
    write_line(level, mail, event, text);
}
