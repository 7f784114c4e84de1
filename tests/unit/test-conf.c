#include <glib.h>
#include "conf.h"
int main(int c, char **v){ GPtrArray *p=conf_problems_new(); struct settings *s=conf_load(v[1],p); g_autofree char *t=conf_problems_to_text(p); g_print("%s",t);
if(s){g_autofree char *x=conf_to_text(s,FALSE);g_print("%s---\n",x);g_autofree char *y=conf_to_text(s,TRUE);g_print("%s",y);} 
conf_free(s);g_ptr_array_unref(p);
if(!v[1][0]){g_autofree char *a=conf_table_to_sample();g_print("%s",a);g_autofree char *b=conf_table_to_manual();g_print("%s",b);g_autofree char *n=conf_table_to_names();g_print("%s",n);}
return 0;}
