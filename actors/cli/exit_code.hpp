#pragma once

namespace reflector {

inline constexpr int exit_success = 0;
inline constexpr int exit_failure = 1;   ///< at run time
inline constexpr int exit_usage = 2;     ///< of the command line
inline constexpr int exit_not_well = 3;  ///< the agent runs, and something is wrong with it
inline constexpr int exit_configuration =
    78;  ///< EX_CONFIG of sysexits.h: the configuration is refused

}  // namespace reflector
