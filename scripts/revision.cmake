# Writes OUTPUT, a header with the git revision of the sources, when it has changed. Run at every build:
# a revision from configuration time would name an older commit.
cmake_minimum_required(VERSION 3.25)

execute_process(COMMAND git describe --always --dirty --abbrev=12
  WORKING_DIRECTORY ${CMAKE_CURRENT_LIST_DIR}
  OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT revision)
  set(revision unknown)
endif()
execute_process(COMMAND git log -1 --format=%cd "--date=format:%B %-d, %Y"
  WORKING_DIRECTORY ${CMAKE_CURRENT_LIST_DIR}
  OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT date)
  set(date "an unknown day")
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#define MTPSIM_REVISION \"@revision@\"
#define MTPSIM_DATE \"@date@\"
" @ONLY)
