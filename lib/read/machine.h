/* Mail that no person wrote. Recognition only ever suppresses an answer: text and attachments stay.
 */
#pragma once
#include <mado/message.h>

/* Sets machine and machine_why; everything else of the message is known by then. */
void machine_recognise(struct message *message, const GArray *fields);
/* The same for the odd ways of one kind (machine-odd.c): why, or NULL; the caller frees it. */
char *machine_odd_why(enum machine kind, const struct message *message, const GArray *fields);
