/* The files of read*.c among themselves. */
#pragma once
#include "header.h"

/* NULL sets it to "". */
void read_set(char **field, char *value);
/* Where the header begins. */
gsize read_skip_envelope(const guint8 *bytes, gsize size);
void read_drop_long_fields(GArray *fields, GPtrArray *problems);
/* What the sender wrote, and what mail servers wrote on its way. */
void read_header(struct message *message, GPtrArray *problems, const GArray *fields);
void read_trace(struct message *message, const GArray *fields);
