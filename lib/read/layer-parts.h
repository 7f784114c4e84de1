/* The files of layer*.c among themselves. */
#pragma once
#include "layer.h"
#include "slice.h"

struct finding {
    struct layer *layer;
    const struct rooted *of;
};

/* Others may read the mail in another way: no layer, and a problem. */
void finding_doubt(struct finding *finding);
/* Is there nothing but parts: no text behind them, and before them only the line that programs
 * write for readers without MIME? */
gboolean finding_is_bare(const struct entity *entity, const struct slices *slices);
/* The parts of the root; FALSE (and a doubt) if the parser of the library sees others. The caller
 * clears `slices`. */
gboolean finding_cut(struct finding *finding, struct slices *slices);
/* One of them; the caller clears it. */
void finding_part(
    struct entity *part, const struct entity *of, const struct slices *slices, guint index);

/* -- layer-signed.c -- */

/* A root that is multipart/signed. */
void finding_signed(struct finding *finding);
/* The first signed part of something larger. */
void finding_signed_part(struct finding *finding);
