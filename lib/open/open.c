#include "open.h"
