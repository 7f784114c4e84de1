/* mado-keys: gpg and gpgsm. Why it is a program of its own: see main.c. */
#include "start.h"

int main(int argc, char **argv)
{
    start_as_role("keys", role_keys, argc, argv);
}
