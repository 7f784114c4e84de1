/*
 * Messages in the reader's language
 *
 * The programs are written in English; po/ja.po has the Japanese. What is marked is looked up where
 * it is used, and nothing else is ever translated: commands, states, labels, field names, error
 * codes, the log and the journal are English everywhere (what the journal says of why is said in
 * Japanese to who reads it: reason.h). Functions that print a format look it up
 * themselves, and their formats need no mark: po/keywords names them.
 */
#pragma once
#include <glib.h>

#define _(text) say_text(text)
#define N_(text) text /* in a table; whoever prints it says _(row->text) */

/* In the language that is spoken now; `text` itself where that is English, or has no translation.
 * Never to be freed. */
const char *say_text(const char *text) G_GNUC_FORMAT(1);

/* Loads the catalogue, which later nobody may be allowed to read; English is spoken until
 * say_in(). */
void say_open(void);
/* From now on: "ja", or else English. What was spoken before. */
const char *say_in(const char *language);
const char *say_language(void);
/* "ja" or "en": what LANGUAGE, LC_ALL, LC_MESSAGES and LANG ask for, whether or not the system has
 * such a locale. */
const char *say_wanted(void);
