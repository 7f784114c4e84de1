/* Mail that no person wrote. Recognition only ever suppresses an answer: text and attachments stay.
 */
#pragma once
#include <mado/message.h>

/* Sets machine and machine_why; everything else of the message is known by then. */
void machine_recognise(struct message *message, const GArray *fields);
