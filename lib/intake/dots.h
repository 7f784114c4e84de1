/* A mail between lines: how SMTP, LMTP and POP3 end one (RFC 5321 4.5.2, RFC 1939 3). */
#pragma once
#include <glib.h>

/* Where in a line the next byte stands; a mail begins with AT_LINE. */
enum dots { AT_LINE, AT_DOT, AT_DOT_CR, IN_TEXT, AT_CR, AT_END, DOTS_PLACES = AT_END };

/* Adds to `plain` what of the bytes is the mail's. How many were used: all, unless the end is among
 * them (AT_END). */
gsize dots_undo(enum dots *at, const guint8 *data, gsize size, GByteArray *plain);
