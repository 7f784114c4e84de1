/* Keys that a sender sends along. They are offered to people, and never used of themselves. */
#pragma once
#include "fields.h"
#include "part.h"

/* Could a file of that name be a key, a certificate, or encrypted? */
gboolean offer_is_name(const char *name);
/* Adds the key that an attachment is, if it is one; GBytes. */
void offer_part(
    GPtrArray *offers, GPtrArray *problems, const struct source *source, GMimeObject *part);
/* Adds that of the Autocrypt field, if it is for the address that the mail comes from. */
void offer_autocrypt(
    GPtrArray *offers, GPtrArray *problems, const GArray *fields, const GPtrArray *from);
