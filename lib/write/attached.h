/* A file in a letter. Inside lib/write only. */
#pragma once
#include "write.h"
#include <gmime/gmime.h>

/* May they stand in a header? */
gboolean attached_is_name(const char *name);
gboolean attached_is_type(const char *type);
/* The caller unrefs it. */
GMimeObject *attached_new(const struct letter *letter, const struct enclosure *attachment);
