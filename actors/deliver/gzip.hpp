#pragma once

#include <string>
#include <string_view>

namespace reflector {

/// A gzip member (RFC 1952) without a name or a time in it, so that the same bytes give the same
/// member. Throws std::bad_alloc where zlib gets no memory.
std::string gzip(std::string_view bytes);

}  // namespace reflector
