/* Which lines of a text are a quotation: of another mail, which this one answers. */
#pragma once
#include "folded.h"

struct quoting {
    gboolean looks;  /* FALSE: nothing is a quotation here */
    gboolean behind; /* behind the line that begins another mail */
    gboolean line;   /* this line is one */
};
/* At the beginning of each line, in order. */
void quote_begin_line(struct quoting *quoting, struct folded *folded, gsize at);
