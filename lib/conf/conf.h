/* The configuration file: libconfig for the syntax, one table (conf-table.c) for everything else.
 */
#pragma once
#include <mado/settings.h>

struct conf_problem {
    char *file;
    int line;         /* 0: not tied to a line */
    int column;       /* 0: not known; else where the caret stands */
    int code;         /* enum mado_code */
    gboolean warning; /* the daemon starts all the same */
    char *text;       /* one sentence, with a guess where there is one */
    char *note;       /* the part of it that belongs beside the caret; NULL: none */
};

/* Reads and checks; all problems are found in one run and appended to `problems` (struct
 * conf_problem, may be NULL). NULL if one of them is not a warning. The caller frees the result. */
struct settings *conf_load(const char *path, GPtrArray *problems);
/* The folder of the daemon's sockets, whatever else is wrong in the file: operators reach a daemon
 * that runs. NULL if the file cannot be parsed, or daemon.run itself is wrong; the caller frees it.
 */
char *conf_load_run(const char *path);
/* The built-in defaults, for `explain` on a bare clone: enough to decide, no source. */
struct settings *conf_defaults(void);
void conf_free(struct settings *settings);
GPtrArray *conf_problems_new(void); /* frees its elements */

/* As `check-config` prints them: file:line: code text, the lines around, a caret. The caller frees
 * it. */
char *conf_problems_to_text(const GPtrArray *problems);
/* Names that may not change while the daemon runs and differ between the two; NULL-terminated. */
char **conf_changed_fixed(const struct settings *before, const struct settings *after);

/* The effective values in the file's own syntax; with `only_changed` those that are not the
 * default. */
char *conf_to_text(const struct settings *settings, gboolean only_changed);
/* What the reader needs of it, for "tag", "tickets" and "forms" of its settings. */
void conf_tell_reader(GVariantDict *dict, const struct settings *settings);
/* Written from the table: etc/mado/mado.conf.full, the OPTIONS part of mado.conf(5), the list for
 * shell completion. The caller frees them. */
char *conf_table_to_sample(void);
char *conf_table_to_manual(void);
char *conf_table_to_names(void);
/* What one setting is for, and what may be written; NULL if there is none of that name. The caller
 * frees it. */
char *conf_table_to_help(const char *name);
/* What is to be written instead, or NULL if the value may stand for that setting of the table; a
 * relative path is one below `folder`. The caller frees it. */
char *conf_setting_refuse(const char *name, const char *value, const char *folder);
/* In quotes, as the file has it; the caller frees it. */
char *conf_setting_quote(const char *value);
