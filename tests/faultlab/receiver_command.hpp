#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace reflector::faultlab {

/// `reflector-faultlab receiver [--port N] [--strict] [--command LINE]... [--host NAME]`: an EGO on
/// 127.0.0.1 to point an agent at, until SIGINT or SIGTERM: a line a batch, a line when a command
/// is fetched and one when its result comes, a summary at the end. Commands without a host are for
/// the first that sends a sample. Blocks both signals in the calling thread, from which no other
/// may have been started before. Exit code: 0; 1: it can't listen; 2: wrong usage.
int receiver_command(const std::vector<std::string>& arguments, std::ostream& out,
                     std::ostream& err);

}  // namespace reflector::faultlab
