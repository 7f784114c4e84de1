/* Where the other programs of mado are. */
#pragma once

/* Beside the program that runs, as in a build tree, else in `folder`, where it is installed. The
 * caller frees it. */
char *program_find(const char *name, const char *folder);
