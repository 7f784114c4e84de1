/* Secrets that stand in a configuration by mistake: a complaint, which goes into logs, does not
 * show them. By their names alone, for the syntax may be broken; in any bytes, for it may be no
 * UTF-8. */
#include "conf-scan.h"

#define OPTIONS (G_REGEX_CASELESS | G_REGEX_RAW)
/* None of our own names ends so. */
#define NAME "(pass(word|wd|phrase|code)?|pasword|secret|token)s?[0-9]*"

gboolean conf_names_secret(const char *name)
{
    return g_regex_match_simple(NAME "$", name, OPTIONS, 0);
}

gboolean conf_shows_secret(const char *line)
{
    return g_regex_match_simple(NAME "\"?\\s*([=:\"]|$)", line, OPTIONS, 0);
}
