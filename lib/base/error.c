#include "error.h"
#include "text.h"
#include <stdio.h>
#include <sysexits.h>

G_DEFINE_QUARK(mado - error, mado_error)

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
    g_autofree char *message = text_harmless(error->message, "\n\t");

    return error->domain == MADO_ERROR
               ? g_strdup_printf("%s: MADO-%04d %s", program, error->code, message)
               : g_strdup_printf("%s: %s", program, message);
}

void error_print(const char *program, const GError *error)
{
    g_autofree char *sentence = error_sentence(program, error);

    fprintf(stderr, "%s\n", sentence);
}
