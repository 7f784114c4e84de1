#include "error.h"
#include "say.h"
#include "text.h"
#include <stdio.h>
#include <sysexits.h>

/* What a person reads instead of the message; NULL: the message. */
typedef struct {
    char *said;
} SpokenPrivate; /* the name is GLib's rule */

static void mado_error_private_init(SpokenPrivate *spoken)
{
    spoken->said = NULL;
}

static void mado_error_private_copy(const SpokenPrivate *from, SpokenPrivate *to)
{
    to->said = g_strdup(from->said);
}

static void mado_error_private_clear(SpokenPrivate *spoken)
{
    g_free(spoken->said);
}

G_DEFINE_EXTENDED_ERROR(Spoken, mado_error)

gboolean error_set_said(GError **error, int code, const char *english, const char *said)
{
    if (!error)
        return FALSE;
    *error = g_error_new_literal(MADO_ERROR, code, english);
    if (!g_str_equal(english, said))
        mado_error_get_private(*error)->said = g_strdup(said);
    return FALSE;
}

gboolean error_set_valist(GError **error, int code, const char *format, va_list values)
{
    g_autofree char *english = NULL, *said = NULL;
    va_list again;

    va_copy(again, values);
    english = g_strdup_vprintf(format, values);
    said = g_strdup_vprintf(_(format), again);
    va_end(again);
    return error_set_said(error, code, english, said);
}

gboolean error_set(GError **error, int code, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    error_set_valist(error, code, format, values);
    va_end(values);
    return FALSE;
}

const char *error_said(const GError *error)
{
    const char *said = error->domain == MADO_ERROR ? mado_error_get_private(error)->said : NULL;

    return said ? said : error->message;
}

/* A family of codes and the exit status that a shell sees for it. */
static const struct {
    int first, last, status;
} families[] = {
    {MADO_E_USAGE, MADO_E_UNKNOWN_COMMAND, EX_USAGE},
    {MADO_E_NO_SUCH, MADO_E_NO_SUCH, EX_NOINPUT},
    {MADO_E_BAD_DATA, MADO_E_BAD_DATA, EX_DATAERR},
    {MADO_E_CONFIG_MISSING, MADO_E_TEMPLATE, EX_CONFIG},
    {MADO_E_STORE_OPEN, MADO_E_STORE_READ, EX_IOERR},
    {MADO_E_AUDIT_BROKEN, MADO_E_AUDIT_BROKEN, 1},
    {MADO_E_IPC, MADO_E_ROLE, EX_UNAVAILABLE},
    {MADO_E_SOURCE, MADO_E_KEYS_LATER, EX_TEMPFAIL},
    {MADO_E_KEYS_REFUSED, MADO_E_KEYS_REFUSED, EX_DATAERR},
    {MADO_E_NOT_RUNNING, MADO_E_NOT_RUNNING, EX_UNAVAILABLE},
    {MADO_E_FORBIDDEN, MADO_E_FORBIDDEN, EX_NOPERM},
    {MADO_E_BUSY, MADO_E_BUSY, EX_TEMPFAIL},
};

int error_exit_status(const GError *error)
{
    for (gsize i = 0; error && error->domain == MADO_ERROR && i < G_N_ELEMENTS(families); i++)
        if (error->code >= families[i].first && error->code <= families[i].last)
            return families[i].status;
    return EX_SOFTWARE;
}

char *error_sentence(const char *program, const GError *error)
{
    g_autofree char *message = text_harmless(error_said(error), "\n\t");

    return error->domain == MADO_ERROR
               ? g_strdup_printf("%s: MADO-%04d %s", program, error->code, message)
               : g_strdup_printf("%s: %s", program, message);
}

void error_print(const char *program, const GError *error)
{
    g_autofree char *sentence = error_sentence(program, error);

    fprintf(stderr, "%s\n", sentence);
}
