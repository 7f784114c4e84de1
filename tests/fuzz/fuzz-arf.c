/* Any text as a complaint (RFC 5965). */
#include "format.h"

const struct format format = {"", "message/feedback-report", NULL, "arf"};
