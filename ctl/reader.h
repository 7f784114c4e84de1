/* A confined reader of our own, for `explain`: the same program that reads mail for the daemon. */
#pragma once
#include <mado/message.h>

struct reader;
/* `program` is madod; nothing is started before the first mail. The caller frees it. */
struct reader *reader_new(const char *program);
void reader_free(struct reader *reader);
/* Reads a sealed mail, in three tries at most. NULL without error: it killed its reader each time,
 * `*why` (the caller's) says how. NULL with an error: no reader can be started. */
struct message *reader_read(struct reader *reader, int mail, char **why, GError **error);
/* madod beside this program, else where it is installed. The caller frees it. */
char *reader_program(void);
