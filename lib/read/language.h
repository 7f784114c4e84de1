/* In which language a mail is written, as far as an answer in it is possible. */
#pragma once

/* "ja", "en", or "" for not known (static). Looks at the first part of the text only. */
const char *language_of(const char *subject, const char *text);
