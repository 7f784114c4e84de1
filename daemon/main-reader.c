/* mado-reader: the bytes of a mail to facts. Why it is a program of its own: see main.c. */
#include "start.h"

int main(int argc, char **argv)
{
    start_as_role("reader", role_reader, argc, argv);
}
