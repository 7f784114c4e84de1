/* What an error of GPGME means: gpg is not well (try again), or gpg works and says no. */
#include "keys-parts.h"
#include "error.h"
#include <mado/limits.h>

/* An agent that is killed, busy or without memory says one of these; so does "no secret key" of a
 * key of ours, which whoever asks has to know. */
static const gpgme_err_code_t passing[] = {
    GPG_ERR_AGENT,
    GPG_ERR_ASSUAN,
    GPG_ERR_ASS_CONNECT_FAILED,
    GPG_ERR_ASS_GENERAL,
    GPG_ERR_ASS_READ_ERROR,
    GPG_ERR_ASS_SERVER_START,
    GPG_ERR_ASS_WRITE_ERROR,
    GPG_ERR_BAD_PASSPHRASE,
    GPG_ERR_CANCELED,
    GPG_ERR_EOF,
    GPG_ERR_FULLY_CANCELED,
    GPG_ERR_INV_ENGINE,
    GPG_ERR_LOCKED,
    GPG_ERR_NO_AGENT,
    GPG_ERR_NO_ENGINE,
    GPG_ERR_NO_PASSPHRASE,
    GPG_ERR_NO_PIN_ENTRY,
    GPG_ERR_RESOURCE_LIMIT,
    GPG_ERR_TIMEOUT,
    GPG_ERR_UNEXPECTED,
};

gboolean failure_is_passing(gpgme_error_t error)
{
    gpgme_err_code_t code = gpgme_err_code(error);

    /* It reads what strangers wrote: "end of file" is theirs. */
    if (gpgme_err_source(error) == GPG_ERR_SOURCE_KSBA)
        return FALSE;
    if (code & GPG_ERR_SYSTEM_ERROR)
        return TRUE; /* ENOMEM, EPIPE, ECONNREFUSED, ... */
    for (gsize i = 0; i < G_N_ELEMENTS(passing); i++)
        if (code == passing[i])
            return TRUE;
    return FALSE;
}

void failure_later(GError **error, const char *what, gpgme_error_t why)
{
    error_set(error, MADO_E_KEYS_LATER,
        "gpg or its agent ended, or could not work, while it was to %s (%s). Nothing was changed; "
        "it "
        "is tried again",
        what, gpgme_err_code(why) ? gpgme_strerror(why) : "it was stopped");
}

void failure_refuse(GError **error, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    error_set_valist(error, MADO_E_KEYS_REFUSED, format, values);
    va_end(values);
}

void failure_tell(GError **error, const char *what, gpgme_error_t why, const struct ended *ended)
{
    if (ended->by_cpu)
        failure_refuse(error,
            "gpg needed more than %d seconds to %s. Nothing was changed; whoever gave it can make "
            "it "
            "smaller",
            LIMIT_KEY_CPU_SECONDS, what);
    else if (ended->killed || failure_is_passing(why))
        failure_later(error, what, why);
    else
        failure_refuse(
            error, "gpg could not %s: %s. Nothing was changed", what, gpgme_strerror(why));
}
