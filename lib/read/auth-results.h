/* RFC 8601: what a mail server says of a mail. Anybody may write such a field. */
#pragma once
#include <mado/message.h>

/* One field's value, unfolded; never NULL. The caller frees it. */
struct auth_result *auth_results_parse(const char *raw);
