/* The command line as a whole. */
#ifndef SIM_CLI_CLI_H
#define SIM_CLI_CLI_H

/* Reads the arguments, calls the verb, gives the exit status. */
int cli_main(int argc, char **argv);

#endif
