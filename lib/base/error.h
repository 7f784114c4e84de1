/*
 * Errors
 *
 * One domain, one list of codes. A code is what an operator searches for (MADO-0203); the message
 * is one sentence: what happened, what was changed, what to do next. What a stranger sends is never
 * an error, it is a fact in a report. The code also decides the exit status (sysexits.h).
 */
#pragma once
#include <glib.h>
#include <stdarg.h>

#define MADO_ERROR (mado_error_quark())
GQuark mado_error_quark(void);

enum mado_code {
    MADO_E_USAGE = 101,
    MADO_E_UNKNOWN_COMMAND = 102,
    MADO_E_NO_SUCH = 103, /* ticket, file, mail */
    MADO_E_BAD_DATA = 104,
    MADO_E_CONFIG_MISSING = 201,
    MADO_E_CONFIG_READ = 202,
    MADO_E_CONFIG_SYNTAX = 203,
    MADO_E_CONFIG_UNKNOWN = 204,
    MADO_E_CONFIG_TYPE = 205,
    MADO_E_CONFIG_RANGE = 206,
    MADO_E_CONFIG_REQUIRED = 207,
    MADO_E_CONFIG_REFERENCE = 208,
    MADO_E_TEMPLATE = 209,
    MADO_E_STORE_OPEN = 301,
    MADO_E_STORE_SCHEMA = 302, /* written by a newer mado, or damaged */
    MADO_E_STORE_WRITE = 303,
    MADO_E_STORE_READ = 304,
    MADO_E_AUDIT_BROKEN = 305,
    MADO_E_IPC = 401, /* a role spoke out of turn, or died */
    MADO_E_CONFINE = 402,
    MADO_E_ROLE = 403,
    MADO_E_SOURCE = 501,
    MADO_E_TRANSPORT = 502,
    MADO_E_LINK = 503,         /* a mail server is out of reach, or not the one that it should be */
    MADO_E_KEYS_LATER = 504,   /* gpg or its agent ended: try again */
    MADO_E_KEYS_REFUSED = 505, /* gpg works, and says no */
    MADO_E_NOT_RUNNING = 601,
    MADO_E_FORBIDDEN = 602,
    MADO_E_BUSY = 603,
    MADO_E_INTERNAL = 701,
};

/* The message in English, and beside it what is said to a person: the same in their language
 * (say.h). Always FALSE. */
gboolean error_set(GError **error, int code, const char *format, ...) G_GNUC_PRINTF(3, 4);
gboolean error_set_valist(GError **error, int code, const char *format, va_list values)
    G_GNUC_PRINTF(3, 0);
/* Likewise, where both are there already. */
gboolean error_set_said(GError **error, int code, const char *english, const char *said);
/* What people read of it; the message is for logs and the journal. */
const char *error_said(const GError *error);
/* The exit status that belongs to an error; 70 for one of another domain. */
int error_exit_status(const GError *error);
/* "PROGRAM: MADO-0203 message", escaped but for the ends of lines and tabs; the caller frees it. */
char *error_sentence(const char *program, const GError *error);
/* Writes it to stderr. */
void error_print(const char *program, const GError *error);
