/* Timings, and thousands of mutations. In the plain build every scripts/test does all of it; under
 * sanitizers, where it takes ten times as long, a share of it, and all with scripts/test --all. */
#pragma once
#include <build-facts.h>
#include <glib.h>

static inline gsize share_of(gsize whole)
{
    return MADO_SANITIZED && !g_getenv("MADO_LONG") ? whole / 10 : whole;
}
