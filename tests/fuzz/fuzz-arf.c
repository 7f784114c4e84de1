/* Any text as a complaint (RFC 5965). */
#define FORMAT "", "message/feedback-report", NULL
#define CORPUS "arf"
#include "format.h"
