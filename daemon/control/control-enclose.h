/* Files that go with letters, between their arrival and the letter. */
#pragma once
#include "control-answers.h"

/* Adds to the sheet what the argument `files` names. */
gboolean answer_take_files(struct answer *answer, struct sheet *sheet, GError **error);
/* -- control-share.c: of a letter that shares something, the file -- */
gboolean answer_share_file(struct answer *answer, struct sheet *sheet, GError **error);
/* The letter is sent: its files need not be kept here any more. */
void answer_forget_files(const struct answer *answer);
/* [{"name", "type", "size", "sha256", "wraps"}] */
json_t *answer_file_rows(const GPtrArray *files);
