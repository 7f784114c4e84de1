/* Networks as people write them. */
#pragma once
#include <gio/gio.h>

/* "192.0.2.0/24", or an address alone; NULL for anything else, and for bits behind the length. */
GInetAddressMask *network_parse(const char *text);
