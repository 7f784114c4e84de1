#include <mado/review.h>

void review_free(struct review *review)
{
    if (!review)
        return;
    g_free(review->name);
    g_free(review->address);
    g_free(review->state);
    g_free(review->asked_by);
    g_free(review);
}
