# Writes a copy of SOURCE to RESULT in which FROM is replaced by TO. Fails where FROM does not stand there exactly once:
# an agent that is not broken must not pass for one.
file(READ "${SOURCE}" text)
string(FIND "${text}" "${FROM}" at)
string(FIND "${text}" "${FROM}" last REVERSE)
if(at EQUAL -1 OR NOT at EQUAL last)
  message(FATAL_ERROR "${SOURCE} does not hold exactly once: ${FROM}\n"
    "The broken agents are in tests/simulation/broken/CMakeLists.txt; this one is to be broken where the code is now.")
endif()
string(REPLACE "${FROM}" "${TO}" text "${text}")
file(WRITE "${RESULT}" "${text}")
